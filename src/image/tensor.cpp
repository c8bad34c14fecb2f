#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/image/tensor.h>

namespace likeness {
namespace {

/// The float of every sample value, for the three planes of the result in their order.
struct Lookup {
  std::array<std::array<float, 256>, 3> plane;

  explicit Lookup(const Normalization& normalization) {
    for (int channel = 0; channel < 3; ++channel)
      for (int sample = 0; sample < 256; ++sample)
        plane[channel][sample] =
            (static_cast<float>(sample) - normalization.mean[source(normalization, channel)]) *
            normalization.scale;
  }

  static int source(const Normalization& normalization, int channel) {
    return normalization.bgr ? 2 - channel : channel;
  }
};

template <int channels>
void fill(const Image& image, const Normalization& normalization, const Lookup& lookup,
          float* destination) {
  const std::uint8_t* sample = image.pixels().data();
  const std::uint8_t* const end = sample + image.pixels().size();
  const int first = Lookup::source(normalization, 0);
  const int last = 2 - first;
  for (; sample != end; sample += channels, destination += 3) {
    destination[0] = lookup.plane[0][sample[first]];
    destination[1] = lookup.plane[1][sample[1]];
    destination[2] = lookup.plane[2][sample[last]];
  }
}

std::uint8_t to_sample(float value) {
  // Written so that NaN fails the comparison and becomes 0.
  if (!(value > 0)) return 0;
  return static_cast<std::uint8_t>(std::min(value, 1.0F) * 255.0F + 0.5F);
}

}  // namespace

at::Tensor to_tensor(std::span<const Image> images, const Normalization& normalization) {
  LIKENESS_CHECK(!images.empty());
  const int width = images.front().width();
  const int height = images.front().height();
  LIKENESS_CHECK(width > 0 && height > 0);
  const auto count = static_cast<std::int64_t>(images.size());
  at::Tensor tensor =
      at::empty({count, 3, height, width},
                at::TensorOptions(at::kFloat).memory_format(at::MemoryFormat::ChannelsLast));
  const Lookup lookup(normalization);
  auto* destination = tensor.data_ptr<float>();
  for (const Image& image : images) {
    LIKENESS_CHECK(image.width() == width && image.height() == height);
    if (image.has_alpha())
      fill<4>(image, normalization, lookup, destination);
    else
      fill<3>(image, normalization, lookup, destination);
    destination += std::size_t{3} * width * height;
  }
  return tensor;
}

at::Tensor to_tensor(const Image& image, const Normalization& normalization) {
  return to_tensor({&image, 1}, normalization);
}

Image to_image(const at::Tensor& tensor) {
  LIKENESS_CHECK(tensor.dim() == 3 || (tensor.dim() == 4 && tensor.size(0) == 1));
  at::Tensor planes = tensor.dim() == 4 ? tensor[0] : tensor;
  LIKENESS_CHECK(planes.size(0) == 3 && planes.size(1) > 0 && planes.size(2) > 0);
  const at::Tensor rows = planes.detach().to(at::kCPU, at::kFloat).permute({1, 2, 0}).contiguous();
  Image image(static_cast<int>(rows.size(1)), static_cast<int>(rows.size(0)));
  const auto* values = rows.data_ptr<float>();
  std::transform(values, values + image.pixels().size(), image.pixels().begin(), to_sample);
  return image;
}

}  // namespace likeness
