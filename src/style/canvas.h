#pragma once

/// The sizes that a picture is painted in, and pictures as the network takes them.

#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <likeness/image/image.h>
#include <likeness/net/vgg.h>

namespace likeness {

struct Size {
  int width = 0;
  int height = 0;

  int longest() const { return width > height ? width : height; }
  int shortest() const { return width < height ? width : height; }
  friend bool operator==(const Size&, const Size&) = default;
};

/// `picture` scaled to `longest` on its longest side, each side at least 1.
Size scaled_size(Size picture, int longest);

/// The sizes to paint in, from coarse to fine: `final_size`, and halves of it while the longest
/// side is `coarsest` at least (0: `final_size` alone; not set: half its longest side, 256 at most)
/// and the shortest enough for the network up to `last`.
std::vector<Size> level_sizes(Size final_size, std::optional<int> coarsest, net::Tap last);

/// `image`, flattened over white, at `size`: float32 [1, 3, H, W] in 0…1, channels-last. Sides that
/// are too short for the network up to `last` are continued by their last row or column
/// (canvas_size).
at::Tensor canvas(const Image& image, Size size, net::Tap last, c10::Device device);
Size canvas_size(Size size, net::Tap last);

/// A mask, white where it counts: its brightness at `size`, continued as the picture is: [H, W] in
/// 0…1.
at::Tensor mask_canvas(const Image& mask, Size size, net::Tap last, c10::Device device);

/// The part of a canvas that is the picture, in 8 bits.
Image from_canvas(const at::Tensor& canvas, Size size);

/// `painted` with the alpha of `content`, which must have one, scaled to its size.
Image with_alpha_of(const Image& painted, const Image& content);

}  // namespace likeness
