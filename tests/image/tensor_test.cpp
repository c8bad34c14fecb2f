#include <cmath>
#include <stdexcept>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/image/tensor.h>

#include "image/sample_pictures.h"

namespace likeness {
namespace {

float element(const at::Tensor& tensor, int n, int c, int y, int x) {
  return tensor[n][c][y][x].item<float>();
}

TEST(ToTensor, IsChannelsLastInPlanesRedGreenBlue) {
  const Image image = noise(5, 4, 3);
  const at::Tensor tensor = to_tensor(image);
  EXPECT_EQ(tensor.sizes(), (std::vector<std::int64_t>{1, 3, 4, 5}));
  EXPECT_EQ(tensor.strides(), (std::vector<std::int64_t>{60, 1, 15, 3}));
  EXPECT_EQ(tensor.scalar_type(), at::kFloat);
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 5; ++x)
      for (int c = 0; c < 3; ++c)
        EXPECT_FLOAT_EQ(element(tensor, 0, c, y, x),
                        static_cast<float>(image.at(x, y)[static_cast<std::size_t>(c)]) / 255.0F);
}

TEST(ToTensor, SubtractsTheMeanAndScales) {
  const Image image = noise(3, 2, 3);
  const Normalization normalization = {.mean = {123.7F, 116.8F, 103.9F}, .scale = 1.0F / 128};
  const at::Tensor tensor = to_tensor(image, normalization);
  const at::Tensor reversed =
      to_tensor(image, {.mean = normalization.mean, .scale = normalization.scale, .bgr = true});
  for (std::size_t c = 0; c < 3; ++c) {
    const float expected =
        (static_cast<float>(image.at(2, 1)[c]) - normalization.mean[c]) * normalization.scale;
    EXPECT_FLOAT_EQ(element(tensor, 0, static_cast<int>(c), 1, 2), expected);
    EXPECT_FLOAT_EQ(element(reversed, 0, 2 - static_cast<int>(c), 1, 2), expected);
  }
}

TEST(ToTensor, StacksABatchAndDropsAlpha) {
  const Image first = noise(6, 3, 3, 1);
  const Image second = noise(6, 3, 4, 2);
  const at::Tensor batch = to_tensor(std::vector<Image>{first, second});
  EXPECT_EQ(batch.sizes(), (std::vector<std::int64_t>{2, 3, 3, 6}));
  EXPECT_TRUE(batch.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(batch[0].equal(to_tensor(first)[0]));
  for (int c = 0; c < 3; ++c)
    EXPECT_FLOAT_EQ(element(batch, 1, c, 2, 5),
                    static_cast<float>(second.at(5, 2)[static_cast<std::size_t>(c)]) / 255.0F);
}

TEST(ToTensor, RejectsNothingAndDifferentSizes) {
  EXPECT_THROW(to_tensor(std::vector<Image>{}), std::logic_error);
  EXPECT_THROW(to_tensor(Image()), std::logic_error);
  EXPECT_THROW(to_tensor(std::vector<Image>{Image(2, 2), Image(2, 3)}), std::logic_error);
}

TEST(ToImage, UndoesToTensorForEverySample) {
  Image image(16, 16);
  for (int i = 0; i < 256; ++i)
    set_pixel(image, i % 16, i / 16,
              std::array<std::uint8_t, 3>{static_cast<std::uint8_t>(i),
                                          static_cast<std::uint8_t>(255 - i),
                                          static_cast<std::uint8_t>(i / 2)});
  EXPECT_EQ(to_image(to_tensor(image)), image);
  EXPECT_EQ(to_image(to_tensor(image)[0].contiguous()), image);
}

TEST(ToImage, RoundsAndClips) {
  const std::vector<float> values = {-1.0F,     2.0F,        0.5F,        NAN,         INFINITY,
                                     -INFINITY, 0.49F / 255, 0.51F / 255, 254.6F / 255};
  const at::Tensor tensor = at::tensor(values).reshape({1, 3, 3}).permute({2, 0, 1});
  const Image image = to_image(tensor);
  const std::vector<std::uint8_t> expected = {0, 255, 128, 0, 255, 0, 0, 1, 255};
  EXPECT_EQ(std::vector<std::uint8_t>(image.pixels().begin(), image.pixels().end()), expected);
}

TEST(ToImage, RejectsOtherShapes) {
  EXPECT_THROW(to_image(at::zeros({2, 3, 4, 4})), std::logic_error);
  EXPECT_THROW(to_image(at::zeros({4, 4, 4})), std::logic_error);
  EXPECT_THROW(to_image(at::zeros({3, 0, 4})), std::logic_error);
}

}  // namespace
}  // namespace likeness
