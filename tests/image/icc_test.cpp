#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>
#include <lcms2.h>
#include <likeness/image/codec.h>

#include "image/jpeg_samples.h"
#include "image/png_samples.h"
#include "image/sample_pictures.h"
#include "image/tiff_samples.h"
#include "image/webp_samples.h"

namespace likeness {
namespace {

constexpr cmsCIExyY kWhite = {0.3127, 0.3290, 1};

Bytes saved(cmsHPROFILE profile) {
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  Bytes bytes(size);
  cmsSaveProfileToMem(profile, bytes.data(), &size);
  cmsCloseProfile(profile);
  return bytes;
}

cmsToneCurve* srgb_curve() {
  const std::array<cmsFloat64Number, 5> parameters = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92,
                                                      0.04045};
  return cmsBuildParametricToneCurve(nullptr, 4, parameters.data());
}

Bytes rgb_profile(const cmsCIExyYTRIPLE& primaries) {
  cmsToneCurve* curve = srgb_curve();
  const std::array<cmsToneCurve*, 3> curves = {curve, curve, curve};
  const Bytes bytes = saved(cmsCreateRGBProfile(&kWhite, &primaries, curves.data()));
  cmsFreeToneCurve(curve);
  return bytes;
}

/// Display P3, which phones use.
Bytes p3_profile() {
  return rgb_profile({{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}});
}

Bytes srgb_profile() {
  return rgb_profile({{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}});
}

Bytes linear_grey_profile() {
  cmsToneCurve* curve = cmsBuildGamma(nullptr, 1.0);
  const Bytes bytes = saved(cmsCreateGrayProfile(&kWhite, curve));
  cmsFreeToneCurve(curve);
  return bytes;
}

double to_linear(double value) {
  value /= 255;
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double to_srgb(double value) {
  value = std::clamp(value, 0.0, 1.0);
  return 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * std::pow(value, 1 / 2.4) - 0.055);
}

/// Display P3 to sRGB by the published matrix, independent of any library.
std::array<double, 3> p3_to_srgb(std::span<const std::uint8_t> color) {
  const double r = to_linear(color[0]);
  const double g = to_linear(color[1]);
  const double b = to_linear(color[2]);
  return {to_srgb(1.2249402 * r - 0.2249402 * g), to_srgb(-0.0420570 * r + 1.0420570 * g),
          to_srgb(-0.0196376 * r - 0.0786360 * g + 1.0982736 * b)};
}

void expect_converted_from_p3(const Image& result, const Image& stored, double tolerance) {
  ASSERT_EQ(result.width(), stored.width());
  ASSERT_EQ(result.height(), stored.height());
  // The middles of the squares.
  for (int y = 8; y < stored.height(); y += 16)
    for (int x = 8; x < stored.width(); x += 16) {
      const auto expected = p3_to_srgb(stored.at(x, y));
      for (std::size_t c = 0; c < 3; ++c)
        EXPECT_NEAR(result.at(x, y)[c], expected[c], tolerance) << x << ", " << y;
    }
}

TEST(ColourProfile, OfAWideGamutIsConvertedToSrgbInEveryFormat) {
  const Image image = color_squares();
  const Bytes profile = p3_profile();
  // The matrix moves these colours by up to 35 steps, far beyond the tolerances.
  expect_converted_from_p3(decode_image(write_png(image, {.icc_profile = profile}), "a.png"), image,
                           1.5);
  expect_converted_from_p3(decode_image(write_tiff(image, {.icc_profile = profile}), "a.tiff"),
                           image, 1.5);
  expect_converted_from_p3(decode_image(write_jpeg(image, {.icc_profile = profile}), "a.jpg"),
                           image, 12);
  expect_converted_from_p3(decode_image(extended_webp(image, {}, profile), "a.webp"), image, 12);
}

TEST(ColourProfile, LeavesAlphaAlone) {
  const Image image = with_alpha(color_squares());
  const Image result = decode_image(write_png(image, {.icc_profile = p3_profile()}), "a.png");
  ASSERT_EQ(result.channels(), 4);
  expect_converted_from_p3(result, image, 1.5);
  for (int x = 0; x < image.width(); ++x) EXPECT_EQ(result.at(x, 9)[3], image.at(x, 9)[3]);
}

TEST(ColourProfile, OfSrgbChangesNothing) {
  const Image image = noise(40, 40, 3);
  EXPECT_EQ(decode_image(write_png(image, {.icc_profile = srgb_profile()}), "a.png"), image);
}

TEST(ColourProfile, OfGreyIsConverted) {
  const Image image = decode_image(
      write_png(3, 1, {{0, 55, 255}},
                {.color_type = PNG_COLOR_TYPE_GRAY, .icc_profile = linear_grey_profile()}),
      "a.png");
  EXPECT_EQ(image.channels(), 3);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_EQ(image.at(0, 0)[c], 0);
    EXPECT_NEAR(image.at(1, 0)[c], to_srgb(55 / 255.0), 2);
    EXPECT_EQ(image.at(2, 0)[c], 255);
  }
  const Image alpha = decode_image(
      write_png(1, 1, {{55, 99}},
                {.color_type = PNG_COLOR_TYPE_GRAY_ALPHA, .icc_profile = linear_grey_profile()}),
      "a.png");
  ASSERT_EQ(alpha.channels(), 4);
  EXPECT_NEAR(alpha.at(0, 0)[0], to_srgb(55 / 255.0), 2);
  EXPECT_EQ(alpha.at(0, 0)[3], 99);
}

/// Inks that only darken: L* = 100 · (1 − K) · (1 − mean of C, M and Y).
Bytes ink_profile() {
  cmsHPROFILE profile = cmsCreateProfilePlaceholder(nullptr);
  cmsSetProfileVersion(profile, 2.4);
  cmsSetDeviceClass(profile, cmsSigOutputClass);
  cmsSetColorSpace(profile, cmsSigCmykData);
  cmsSetPCS(profile, cmsSigLabData);
  cmsPipeline* pipeline = cmsPipelineAlloc(nullptr, 4, 3);
  cmsStage* table = cmsStageAllocCLut16bit(nullptr, 9, 4, 3, nullptr);
  cmsStageSampleCLut16bit(
      table,
      [](const cmsUInt16Number in[], cmsUInt16Number out[], void*) -> cmsInt32Number {
        const double ink = (in[0] + in[1] + in[2]) / (3 * 65535.0);
        const cmsCIELab lab = {100 * (1 - in[3] / 65535.0) * (1 - ink), 0, 0};
        cmsFloat2LabEncodedV2(out, &lab);
        return 1;
      },
      nullptr, 0);
  cmsPipelineInsertStage(pipeline, cmsAT_END, table);
  cmsWriteTag(profile, cmsSigAToB0Tag, pipeline);
  cmsPipelineFree(pipeline);
  return saved(profile);
}

TEST(ColourProfile, OfInksIsConverted) {
  std::vector<std::uint8_t> samples;
  for (int i = 0; i < 256; ++i) {
    for (const int ink : {0, 0, 0, 128}) samples.push_back(static_cast<std::uint8_t>(ink));
  }
  const Image image =
      decode_image(write_jpeg(16, 16, 4, samples, {.icc_profile = ink_profile()}), "inks.jpg");
  // Half black is L* 49.8, a grey of 118; without the profile it would be 127.
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(image.at(8, 8)[c], 118, 2);
}

TEST(ColourProfile, ThatIsBrokenOrOfAnotherKindIsIgnored) {
  const Image image = color_squares();
  Bytes broken = p3_profile();
  broken.resize(broken.size() / 2);
  Bytes nonsense(500, 0x41);
  for (const Bytes& profile : {broken, nonsense, linear_grey_profile(), ink_profile(), Bytes{1}}) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(decode_image(write_tiff(image, {.icc_profile = profile}), "a.tiff"), image);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  }
}

TEST(ColourProfile, AndOrientationGoTogether) {
  const Image image = color_squares();
  const Bytes bytes =
      write_png(image, {.exif = exif_block(6, true, false), .icc_profile = p3_profile()});
  expect_converted_from_p3(decode_image(bytes, "a.png"), shown_as(image, 6), 1.5);
}

}  // namespace
}  // namespace likeness
