#include <gtest/gtest.h>
#include <likeness/core/random.h>
#include <likeness/faces/quality.h>
#include <likeness/image/transform.h>

namespace likeness {
namespace {

/// Grey noise around `mean`.
Image noise(int size, int mean, int spread) {
  Random random(1);
  Image image(size, size);
  for (std::uint8_t& value : image.pixels())
    value = static_cast<std::uint8_t>(
        mean + static_cast<int>(random.below(static_cast<std::uint64_t>(2 * spread + 1))) - spread);
  return image;
}

/// A face whose eyes lie `eyes` pixels apart, the nose shifted by `turn` of half of that.
Face face_of(float eyes, float turn = 0) {
  const float x = 100;
  const float y = 100;
  return {{x - eyes, y - eyes, 2 * eyes, 2 * eyes},
          {{x - eyes / 2, y},
           {x + eyes / 2, y},
           {x + turn * eyes / 2, y + 0.6F * eyes},
           {x - 0.4F * eyes, y + eyes},
           {x + 0.4F * eyes, y + eyes}},
          0.9F};
}

TEST(FaceQuality, AGoodFaceHasNoRemarks) {
  const FaceQuality quality = assess_quality(noise(200, 128, 60), face_of(60));
  EXPECT_NEAR(quality.eye_distance, 60, 1e-3);
  EXPECT_NEAR(quality.yaw, 0, 1e-3);
  EXPECT_NEAR(quality.brightness, 0.5, 0.05);
  EXPECT_TRUE(remarks(quality).empty());
  EXPECT_GT(quality.score, 0.9F);
}

TEST(FaceQuality, SeesWhatCouldBeBetter) {
  const auto remark = [](const Image& photo, const Face& face) {
    const FaceQuality quality = assess_quality(photo, face);
    EXPECT_LT(quality.score, 0.9F);
    const std::vector<std::string> lines = remarks(quality);
    return lines.empty() ? std::string() : lines.front();
  };
  const Image sharp = noise(200, 128, 60);
  EXPECT_NE(remark(sharp, face_of(12)).find("12 pixels between the eyes"), std::string::npos);
  EXPECT_NE(remark(sharp, face_of(60, 0.7F)).find("turned away"), std::string::npos);
  EXPECT_NE(remark(noise(200, 20, 15), face_of(60)).find("dark"), std::string::npos);
  EXPECT_NE(remark(noise(200, 240, 10), face_of(60)).find("overexposed"), std::string::npos);
  const Image blurred = resize(noise(5, 128, 120), 200, 200);
  EXPECT_NE(remark(blurred, face_of(60)).find("blurred"), std::string::npos);
}

}  // namespace
}  // namespace likeness
