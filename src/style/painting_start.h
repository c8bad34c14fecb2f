#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <likeness/image/image.h>
#include <likeness/net/vgg.h>
#include <likeness/style/stylise.h>

#include "style/canvas.h"

namespace likeness {

/// The picture that a painting starts from, and what becomes of it from size to size. Refers to
/// what it is given.
class PaintingStart {
 public:
  PaintingStart(const Image& content, const StyliseOptions& options, net::Tap last,
                c10::Device device)
      : content_(content), options_(options), last_(last), device_(device) {}

  /// [1, 3, H, W] on the device, channels last.
  at::Tensor at(Size size) const;

  /// `painted`, at size `from`, at size `to`: what was changed is scaled and added to the start,
  /// which keeps its detail; noise has none that is worth keeping.
  at::Tensor grown(const at::Tensor& painted, Size from, Size to) const;

 private:
  const Image& content_;
  const StyliseOptions& options_;
  net::Tap last_;
  c10::Device device_;
};

}  // namespace likeness
