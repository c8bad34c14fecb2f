#include "style/painting_start.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "style/resized.h"

namespace likeness {

at::Tensor PaintingStart::at(Size size) const {
  if (options_.start == StyleStart::noise) {
    auto generator = at::make_generator<at::CPUGeneratorImpl>(options_.seed);
    const Size whole = canvas_size(size, last_);
    return at::rand({1, 3, whole.height, whole.width}, generator)
        .to(device_)
        .contiguous(at::MemoryFormat::ChannelsLast);
  }
  const bool given = options_.start == StyleStart::picture;
  return canvas(given ? options_.start_picture : content_, size, last_, device_);
}

at::Tensor PaintingStart::grown(const at::Tensor& painted, Size from, Size to) const {
  if (from == to) return painted;
  const Size whole = canvas_size(to, last_);
  if (options_.start == StyleStart::noise)
    return resized(painted, whole.height, whole.width).clamp_(0, 1);
  return resized(painted - at(from), whole.height, whole.width).add_(at(to)).clamp_(0, 1);
}

}  // namespace likeness
