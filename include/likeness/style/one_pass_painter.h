#pragma once

/// Painting in one forward pass: our painter that is compiled in, or one that `likeness train
/// painter` made. About a tenth of a second for 512 × 512 pixels on two cores once a style's code
/// is known; a new style costs about as much as a quarter of a picture. Safe to use from many
/// threads.
///
///     const OnePassPainter painter = builtin_painter(at::kCPU);
///     const at::Tensor code = painter.code(to_tensor(painting));
///     const Image result = to_image(painter.paint(to_tensor(photo), {.codes = code}, {}));

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <likeness/model/local_model.h>
#include <likeness/model/safetensors.h>
#include <likeness/net/painter.h>

namespace likeness {

struct PainterLoadOptions {
  /// Convolutions in bfloat16, where the processor has it: pictures change by about a level of 255,
  /// single pixels by some twenty, in 0.6 of the time. Nothing on a GPU.
  bool bf16 = false;
};

/// How much of a style is painted.
struct PaintControls {
  double alpha = 1;  ///< 0: the content as it is, 1: the style in full
  /// Factors of alpha for fine, middle and coarse structure (net::PainterScale).
  std::array<double, net::kPainterScales> strength = {1, 1, 1};
  /// At what is painted (net/retouch.h); fewer take less time and leave more of the style.
  std::size_t looks = net::kAllLooks;
};

/// A rectangle of a picture, in pixels.
struct PictureArea {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// Which styles are painted where.
struct PaintCodes {
  at::Tensor codes;  ///< [K, code size]: one for the whole picture, or K with maps
  /// [K, H, W] float32 at the picture's size, at least 0 with sums of at most 1: where each rules.
  /// What is left of 1 keeps the content's own look.
  at::Tensor maps = {};
};

class OnePassPainter {
 public:
  /// The code of a style. `picture`: [1, 3, H, W] float32, RGB 0…1, any size. `mask`: [H, W] in
  /// 0…1, the part of it that counts; undefined: all. Returns [1, code size].
  /// Throws Error(invalid_argument) for a painter that only knows its own styles.
  at::Tensor code(const at::Tensor& picture, const at::Tensor& mask = {}) const;

  /// The same from its statistics, however they were measured.
  at::Tensor code(const net::PainterStatistics& style) const;

  /// The names of the only styles that the painter knows; empty for one that paints any.
  const std::vector<std::string>& styles() const { return styles_; }
  /// The code of one of them, by its name or a file of that name ("wave", "pictures/wave.jpg").
  /// Throws Error(invalid_argument) with the names that there are.
  at::Tensor code_of(std::string_view style) const;

  /// Paints `picture` [1, 3, H, W], float32, RGB 0…1, any size; returns the same size in 0…1.
  /// `use`: statistics in place of the picture's own; `painted`: those of what is painted on a
  /// larger picture that this one is part of, for each look at it; null: its own.
  at::Tensor paint(const at::Tensor& picture, const PaintCodes& style,
                   const PaintControls& controls, const net::PainterStatistics* use = nullptr,
                   const net::PaintedStatistics* painted = nullptr) const;
  /// What paint() needs as `painted` for the look that follows those of `before`, of a part of the
  /// picture: for each code, where it rules; empty for a code that rules nowhere there. Requires
  /// looks(). `style`: resolved. `part` begins at multiples of 8.
  std::vector<net::PainterStatistics> painted_statistics(
      const at::Tensor& picture, const PaintCodes& style, const PictureArea& part,
      const net::PainterStatistics& use, const net::PaintedStatistics& before) const;
  /// The picture's own.
  net::PainterStatistics statistics(const at::Tensor& picture) const;
  /// Those of a part of it, seen with what lies around it. `part` begins at multiples of 8; `mask`
  /// as in code(), of the whole picture.
  net::PainterStatistics statistics(const at::Tensor& picture, const PictureArea& part,
                                    const at::Tensor& mask = {}) const;

  /// `style` as paint() would take it for a picture with the statistics `content`, with the
  /// controls and the content's own look worked in: for parts of that picture, to be painted with
  /// controls that change nothing.
  PaintCodes resolved(const net::PainterStatistics& content, const PaintCodes& style,
                      const PaintControls& controls) const;

  /// How often it looks at what it painted, and mends it (net/retouch.h).
  std::size_t looks() const { return network_->options.looks.size(); }
  c10::Device device() const { return device_; }
  std::int64_t code_size() const { return network_->code_size(); }
  /// Tells these weights from others; a code belongs to the painter that made it.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  friend OnePassPainter make_painter(const TensorMap&, const std::string&,
                                     const std::vector<std::string>&, c10::Device,
                                     const PainterLoadOptions&);
  void require_any_style() const;
  net::PainterStyling styling_of(const PaintCodes& ready, const net::PainterStatistics* use,
                                 const net::PaintedStatistics* painted) const;
  /// `own`: the code of the content, asked for where it counts.
  PaintCodes resolved(const std::function<at::Tensor()>& own, const PaintCodes& style,
                      const PaintControls& controls) const;

  net::Painter network_{nullptr};
  std::vector<std::string> styles_;
  at::Tensor codes_;  ///< [K, code size], of `styles_`
  c10::Device device_ = c10::kCPU;
  std::string fingerprint_;
};

/// From the tensors of a painter's file; `styles` names the rows of "codes" where it has them.
/// `name` stands for them in errors. Throws Error(corrupt_file) that says what is missing, has
/// another shape or is not finite.
OnePassPainter make_painter(const TensorMap& weights, const std::string& name,
                            const std::vector<std::string>& styles, c10::Device device,
                            const PainterLoadOptions& options = {});

/// The painter that is compiled in (models/painter): any style.
OnePassPainter builtin_painter(c10::Device device, const PainterLoadOptions& options = {});

/// A painter that `likeness train painter` made, from its folder.
/// Throws Error as read_local_model does, invalid_argument for another kind of model.
OnePassPainter open_painter(const std::filesystem::path& folder, c10::Device device,
                            const PainterLoadOptions& options = {});

/// The sizes of the painter whose weights these are. Throws Error(corrupt_file).
net::PainterOptions painter_options_in(const TensorMap& weights, const std::string& name);

}  // namespace likeness
