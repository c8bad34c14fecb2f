#include "image/icc.h"

#include <array>
#include <cstdlib>
#include <memory>
#include <type_traits>
#include <vector>

#include <lcms2.h>
#include <opencv2/core/utility.hpp>

namespace likeness {
namespace {

// Each conversion has its own context, so that no state is shared between threads and messages
// about odd profiles stay inside.
struct ContextDeleter {
  void operator()(cmsContext context) const { cmsDeleteContext(context); }
};
struct ProfileDeleter {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct TransformDeleter {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
using Context = std::unique_ptr<std::remove_pointer_t<cmsContext>, ContextDeleter>;
using Profile = std::unique_ptr<void, ProfileDeleter>;
using Transform = std::unique_ptr<void, TransformDeleter>;

struct Format {
  cmsColorSpaceSignature space;
  cmsUInt32Number from;
  cmsUInt32Number to;
};

Format format_of(SampleLayout layout) {
  // Grey with alpha: lcms skips the alpha byte ("extra"); it is copied afterwards.
  switch (layout) {
    case SampleLayout::grey:
      return {cmsSigGrayData, TYPE_GRAY_8, TYPE_RGB_8};
    case SampleLayout::grey_alpha:
      return {cmsSigGrayData, TYPE_GRAYA_8, TYPE_RGBA_8};
    case SampleLayout::rgb:
      return {cmsSigRgbData, TYPE_RGB_8, TYPE_RGB_8};
    case SampleLayout::rgba:
      return {cmsSigRgbData, TYPE_RGBA_8, TYPE_RGBA_8};
    case SampleLayout::cmyk:
      break;
  }
  return {cmsSigCmykData, TYPE_CMYK_8, TYPE_RGB_8};
}

bool has_alpha(SampleLayout layout) {
  return layout == SampleLayout::grey_alpha || layout == SampleLayout::rgba;
}

/// Whether the conversion leaves a grid of colours as they are, but for rounding.
bool changes_nothing(const Transform& transform, SampleLayout layout) {
  if (layout == SampleLayout::cmyk) return false;
  constexpr int kTolerance = 1;
  constexpr int kStep = 17;  // 0, 17, … 255
  const bool grey = layout == SampleLayout::grey || layout == SampleLayout::grey_alpha;
  const auto channels = static_cast<std::size_t>(sample_count(layout));
  for (int r = 0; r < 256; r += kStep)
    for (int g = 0; g < 256; g += kStep)
      for (int b = 0; b < 256; b += kStep) {
        if (grey && (r != g || g != b)) continue;
        std::array<std::uint8_t, 4> from = {};
        std::array<std::uint8_t, 4> to = {};
        const std::array<int, 3> color = {r, g, b};
        for (std::size_t c = 0; c < (grey ? 1U : 3U); ++c)
          from[c] = static_cast<std::uint8_t>(color[c]);
        if (channels % 2 == 0) from[channels - 1] = 255;
        cmsDoTransform(transform.get(), from.data(), to.data(), 1);
        for (std::size_t c = 0; c < 3; ++c)
          if (std::abs(to[c] - color[c]) > kTolerance) return false;
      }
  return true;
}

}  // namespace

std::optional<Image> convert_by_profile(const Decoded& decoded) {
  if (decoded.icc_profile.empty()) return std::nullopt;
  const Context context(cmsCreateContext(nullptr, nullptr));
  if (context == nullptr) throw std::bad_alloc();
  const Profile profile(
      cmsOpenProfileFromMemTHR(context.get(), decoded.icc_profile.data(),
                               static_cast<cmsUInt32Number>(decoded.icc_profile.size())));
  const Format format = format_of(decoded.layout);
  if (profile == nullptr || cmsGetColorSpace(profile.get()) != format.space) return std::nullopt;
  const Profile srgb(cmsCreate_sRGBProfileTHR(context.get()));
  if (srgb == nullptr) throw std::bad_alloc();
  // NOCACHE: the transform keeps no last pixel, so that threads can share it.
  const Transform transform(cmsCreateTransformTHR(
      context.get(), profile.get(), format.from, srgb.get(), format.to, INTENT_PERCEPTUAL,
      cmsFLAGS_NOCACHE | cmsFLAGS_COPY_ALPHA | cmsFLAGS_BLACKPOINTCOMPENSATION));
  if (transform == nullptr || changes_nothing(transform, decoded.layout)) return std::nullopt;

  Image image(decoded.width, decoded.height, has_alpha(decoded.layout) ? 4 : 3);
  cv::parallel_for_({0, decoded.height}, [&](const cv::Range& rows) {
    for (int y = rows.start; y < rows.end; ++y)
      cmsDoTransform(transform.get(),
                     decoded.samples.data() + static_cast<std::size_t>(y) * decoded.stride(),
                     image.row(y), static_cast<cmsUInt32Number>(decoded.width));
  });
  return image;
}

}  // namespace likeness
