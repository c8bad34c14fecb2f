#include "style/resized.h"

#include <ATen/ATen.h>

namespace likeness {

at::Tensor resized(const at::Tensor& picture, std::int64_t height, std::int64_t width) {
  if (picture.size(2) == height && picture.size(3) == width) return picture.clone();
  return at::_upsample_bicubic2d_aa(picture.contiguous(), {height, width}, false, c10::nullopt,
                                    c10::nullopt)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace likeness
