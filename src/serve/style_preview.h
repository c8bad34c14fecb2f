#pragma once

/// A painting at once, by one pass: for a page that shows what a style would do. One is painted at
/// a time; a few may wait. The codes of the styles that were used last are kept, so that another
/// photo in the same style costs one pass alone. Safe to call from many threads.
///
///     StylePreview preview({});
///     const StylePreviewed answer = preview.paint({.content = photo, .style = painting});

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ATen/core/Tensor.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/style/one_pass.h>
#include <likeness/style/one_pass_painter.h>

namespace likeness::serve {

struct StylePreviewOptions {
  int max_size = 1024;      ///< longest side of a result
  int threads = 0;          ///< 0: all cores
  std::size_t waiting = 8;  ///< calls that may wait for their turn
  std::size_t codes = 32;   ///< of styles that are kept
  std::int64_t memory = 0;  ///< bytes that a pass may use; 0: 70 % of what is free
  std::chrono::milliseconds patience = std::chrono::seconds(30);  ///< of those who wait
  DecodeLimits limits = {.max_bytes = std::size_t{16} << 20, .max_pixels = 40'000'000};
};

/// Views must live until paint() returns.
struct StylePreviewOrder {
  std::string_view content;
  std::string_view style;
  double alpha = 1;
  int size = 0;  ///< longest side of the result; 0: the content's, 512 at most
  OriginalColours original_colours = OriginalColours::no;
};

struct StylePreviewed {
  Bytes jpeg;
  double seconds = 0;  ///< from the turn to the file
};

class StylePreview {
 public:
  explicit StylePreview(const StylePreviewOptions& options);

  /// Throws Error as decode_image, named "content" or "style", and paint_in_one_pass do; Problem:
  /// busy, timeout (503).
  StylePreviewed paint(const StylePreviewOrder& order);

  const StylePreviewOptions& options() const { return options_; }
  /// Codes that were computed since the start: tells whether they are kept.
  std::size_t computed_codes() const;

 private:
  class Turn;
  StylePreviewed painted(const StylePreviewOrder& order);
  at::Tensor code_of(const StylePreviewOrder& order, const Image& content,
                     const OnePassOptions& pass);

  StylePreviewOptions options_;
  mutable std::mutex mutex_;  ///< for the turn and what follows
  std::condition_variable free_;
  bool painting_ = false;
  std::size_t waiting_ = 0;
  std::size_t computed_codes_ = 0;
  // Of whoever has the turn:
  std::optional<OnePassPainter> painter_;                 ///< loaded with the first preview
  std::deque<std::pair<std::string, at::Tensor>> codes_;  ///< what was used last stands first
};

}  // namespace likeness::serve
