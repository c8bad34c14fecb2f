#include "serve/style_preview.h"

#include <algorithm>
#include <future>

#include <ATen/Parallel.h>
#include <likeness/core/device.h>
#include <likeness/core/timer.h>
#include <likeness/style/stylise.h>

#include "serve/bytes_of.h"
#include "serve/problem.h"
#include "serve/thread_priority.h"

namespace likeness::serve {
namespace {

constexpr int kQuality = 90;

}  // namespace

/// The right to paint, for which others wait.
class StylePreview::Turn {
 public:
  explicit Turn(StylePreview& preview) : preview_(preview) {
    std::unique_lock lock(preview_.mutex_);
    if (preview_.painting_ && preview_.waiting_ >= preview_.options_.waiting)
      throw Problem(503, "busy", "many previews wait already; try again in a moment", 1);
    ++preview_.waiting_;
    const bool free = preview_.free_.wait_for(lock, preview_.options_.patience,
                                              [this] { return !preview_.painting_; });
    --preview_.waiting_;
    if (!free) throw Problem(503, "timeout", "the preview's turn did not come in time", 1);
    preview_.painting_ = true;
  }
  ~Turn() {
    const std::lock_guard lock(preview_.mutex_);
    preview_.painting_ = false;
    preview_.free_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  StylePreview& preview_;
};

StylePreview::StylePreview(const StylePreviewOptions& options) : options_(options) {}

std::size_t StylePreview::computed_codes() const {
  const std::lock_guard lock(mutex_);
  return computed_codes_;
}

StylePreviewed StylePreview::paint(const StylePreviewOrder& order) {
  const Turn turn(*this);
  // On a thread of its own: those that LibTorch starts beside it end with it, where each of the
  // door's threads would keep as many as there are cores.
  return std::async(std::launch::async, [&] { return painted(order); }).get();
}

StylePreviewed StylePreview::painted(const StylePreviewOrder& order) {
  const Timer timer;
  lower_priority(kNicer);
  at::set_num_threads(options_.threads > 0 ? options_.threads : core_count());
  if (!painter_) painter_ = builtin_painter(at::kCPU, {.bf16 = has_fast_bfloat16(at::kCPU)});
  const Image content = decode_image(bytes_of(order.content), "content", options_.limits);
  const PaintingSize size = painting_size(content, order.size);
  const OnePassOptions pass{.controls = {.alpha = order.alpha},
                            .size = std::max(size.width, size.height),
                            .original_colours = order.original_colours,
                            .memory = options_.memory};
  Progress silent;
  const OnePassResult result = paint_in_one_pass(
      *painter_, content, {{.code = code_of(order, content, pass)}}, pass, silent, nullptr);
  StylePreviewed answer{.jpeg = encode_image(result.picture, ImageFormat::jpeg, kQuality)};
  answer.seconds = timer.seconds();
  return answer;
}

/// Kept codes are told apart by the style's file and the size that it is seen at. With matched
/// colours the code is one for this content.
at::Tensor StylePreview::code_of(const StylePreviewOrder& order, const Image& content,
                                 const OnePassOptions& pass) {
  std::string key = sha256(bytes_of(order.style)) + " at " + std::to_string(pass.size);
  if (pass.original_colours == OriginalColours::match) key += sha256(bytes_of(order.content));
  auto found = std::find_if(codes_.begin(), codes_.end(),
                            [&](const auto& kept) { return kept.first == key; });
  if (found == codes_.end()) {
    const Image style = decode_image(bytes_of(order.style), "style", options_.limits);
    at::Tensor code = style_code(*painter_, content, {.picture = style}, pass);
    if (codes_.size() >= std::max<std::size_t>(options_.codes, 1)) codes_.pop_back();
    codes_.emplace_front(key, std::move(code));
    const std::lock_guard lock(mutex_);
    ++computed_codes_;
  } else {
    std::rotate(codes_.begin(), found, found + 1);
  }
  return codes_.front().second;
}

}  // namespace likeness::serve
