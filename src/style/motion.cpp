#include <algorithm>
#include <cmath>
#include <cstdint>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/image/transform.h>
#include <likeness/style/motion.h>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

namespace likeness {
namespace {

/// Flow by dense inverse search needs some patches.
constexpr int kSmallestSide = 32;
/// Ruder et al. 2016, equations 5 and 6.
constexpr float kHiddenShare = 0.01F;
constexpr float kHiddenFloor = 0.5F;
constexpr float kBorderShare = 0.01F;
constexpr float kBorderFloor = 0.002F;
/// Where the frames themselves differ by this much behind the motion, 1/e of the trust is left:
/// light that changes, and flow that is wrong.
constexpr double kDifference = 0.1;
constexpr int kSmaller = 4;  ///< they are compared at so much less of the size

/// For reading only: OpenCV has no view that forbids writing.
cv::Mat view_of(const Image& frame) {
  return {frame.height(), frame.width(), CV_8UC3, const_cast<std::uint8_t*>(frame.pixels().data())};
}

cv::Mat small_grey(const Image& frame, cv::Size size) {
  cv::Mat grey;
  cv::cvtColor(view_of(frame), grey, cv::COLOR_RGB2GRAY);
  if (grey.size() != size) cv::resize(grey, grey, size, 0, 0, cv::INTER_AREA);
  constexpr double kGrain = 0.7;  // pixels: less of the grain is followed
  cv::GaussianBlur(grey, grey, {}, kGrain);
  return grey;
}

cv::Size flow_size(const Image& frame, int longest) {
  const double scale =
      std::min(1.0, static_cast<double>(longest) / std::max(frame.width(), frame.height()));
  const auto side = [&](int full) {
    return std::max(kSmallestSide, static_cast<int>(std::lround(full * scale)));
  };
  return {side(frame.width()), side(frame.height())};
}

/// OpenCV's fast preset with larger patches and a smoother, longer refinement: where the picture is
/// plain, its own settings follow the grain (docs/video.md has figures).
cv::Ptr<cv::DISOpticalFlow> flow_search() {
  const auto search = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_FAST);
  search->setPatchSize(12);
  search->setPatchStride(5);
  search->setVariationalRefinementAlpha(60);
  search->setVariationalRefinementIterations(10);
  return search;
}

/// Where each place lies in the other frame, for cv::remap.
cv::Mat places(const cv::Mat& flow) {
  cv::Mat places(flow.size(), CV_32FC2);
  cv::parallel_for_({0, flow.rows}, [&](const cv::Range& rows) {
    for (int y = rows.start; y < rows.end; ++y) {
      const auto* from = flow.ptr<cv::Vec2f>(y);
      auto* to = places.ptr<cv::Vec2f>(y);
      for (int x = 0; x < flow.cols; ++x)
        to[x] = from[x] + cv::Vec2f(static_cast<float>(x), static_cast<float>(y));
    }
  });
  return places;
}

/// `picture` as it looks after the motion, bicubic, the border continued.
void warp(const cv::Mat& picture, const cv::Mat& flow, cv::Mat& result) {
  cv::remap(picture, result, places(flow), {}, cv::INTER_CUBIC, cv::BORDER_REPLICATE);
}

/// 0…1.
cv::Mat small_colours(const Image& frame, cv::Size size) {
  const Image small = resize(frame, size.width, size.height);
  cv::Mat colours;
  view_of(small).convertTo(colours, CV_32F, 1.0 / 255);
  return colours;
}

float squared(const cv::Vec2f& v) {
  return v.dot(v);
}

/// 255 where `back` (from now to before) can be trusted; `pixel` is the full size of its pixels.
cv::Mat visible_places(const cv::Mat& back, const cv::Mat& forward, float pixel) {
  const cv::Mat where = places(back);
  cv::Mat returning;
  cv::remap(forward, returning, where, {}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  cv::Mat visible(back.size(), CV_8U);
  const auto right = static_cast<float>(back.cols - 1);
  const auto bottom = static_cast<float>(back.rows - 1);
  const float area = pixel * pixel;
  for (int y = 0; y < back.rows; ++y) {
    const auto* v = back.ptr<cv::Vec2f>(y);
    const auto* below = back.ptr<cv::Vec2f>(std::min(y + 1, back.rows - 1));
    const auto* w = returning.ptr<cv::Vec2f>(y);
    const auto* place = where.ptr<cv::Vec2f>(y);
    for (int x = 0; x < back.cols; ++x) {
      const cv::Vec2f across = v[std::min(x + 1, back.cols - 1)] - v[x];
      const float length = area * squared(v[x]);
      const bool hidden = area * squared(w[x] + v[x]) >
                          kHiddenShare * (area * squared(w[x]) + length) + kHiddenFloor;
      const bool border =
          squared(across) + squared(below[x] - v[x]) > kBorderShare * length + kBorderFloor;
      const bool outside =
          place[x][0] < 0 || place[x][1] < 0 || place[x][0] > right || place[x][1] > bottom;
      visible.at<std::uint8_t>(y, x) = hidden || border || outside ? 0 : 255;
    }
  }
  return visible;
}

cv::Mat picture_view(const at::Tensor& picture) {
  return {static_cast<int>(picture.size(2)), static_cast<int>(picture.size(3)), CV_32FC3,
          picture.data_ptr<float>()};
}

cv::Mat flow_view(const at::Tensor& flow) {
  return {static_cast<int>(flow.size(0)), static_cast<int>(flow.size(1)), CV_32FC2,
          flow.data_ptr<float>()};
}

}  // namespace

Motion estimate_motion(const Image& now, const Image& before, const MotionOptions& options) {
  LIKENESS_CHECK(now.width() == before.width() && now.height() == before.height() &&
                 now.channels() == 3 && before.channels() == 3 && options.size >= kSmallestSide);
  const cv::Size size = flow_size(now, options.size);
  const cv::Mat grey = small_grey(now, size);
  const cv::Mat grey_before = small_grey(before, size);
  const auto search = flow_search();
  cv::Mat back;
  cv::Mat forward;
  search->calc(grey, grey_before, back);
  search->calc(grey_before, grey, forward);
  const float across = static_cast<float>(now.width()) / static_cast<float>(size.width);
  const float down = static_cast<float>(now.height()) / static_cast<float>(size.height);
  const cv::Mat visible = visible_places(back, forward, std::max(across, down));

  Motion motion{.flow = at::empty({now.height(), now.width(), 2}),
                .visible = at::empty({now.height(), now.width()})};
  cv::Mat flow = flow_view(motion.flow);
  cv::resize(back, flow, flow.size(), 0, 0, cv::INTER_LINEAR);
  cv::multiply(flow, cv::Scalar(across, down), flow);
  cv::Mat smooth;
  visible.convertTo(smooth, CV_32F, 1.0 / 255);
  cv::blur(smooth, smooth, {3, 3});
  cv::Mat mask(now.height(), now.width(), CV_32F, motion.visible.data_ptr<float>());
  cv::resize(smooth, mask, mask.size(), 0, 0, cv::INTER_LINEAR);
  return motion;
}

at::Tensor agreement(const Image& now, const Image& before, const at::Tensor& flow) {
  LIKENESS_CHECK(now.width() == before.width() && now.height() == before.height() &&
                 now.channels() == 3 && before.channels() == 3 &&
                 flow.sizes() == at::IntArrayRef({now.height(), now.width(), 2}));
  const cv::Size size(std::max(1, now.width() / kSmaller), std::max(1, now.height() / kSmaller));
  cv::Mat small_flow;
  cv::resize(flow_view(flow.contiguous()), small_flow, size, 0, 0, cv::INTER_AREA);
  small_flow *= 1.0 / kSmaller;
  cv::Mat carried;
  warp(small_colours(before, size), small_flow, carried);

  cv::Mat difference;
  cv::absdiff(small_colours(now, size), carried, difference);
  cv::transform(difference, difference, cv::Matx13f(1, 1, 1) * (1.0F / 3));
  cv::blur(difference, difference, {3, 3});
  cv::multiply(difference, difference, difference, -1 / (kDifference * kDifference));
  cv::exp(difference, difference);
  at::Tensor result = at::empty({now.height(), now.width()});
  cv::Mat full(now.height(), now.width(), CV_32F, result.data_ptr<float>());
  cv::resize(difference, full, full.size(), 0, 0, cv::INTER_LINEAR);
  return result;
}

at::Tensor warped(const at::Tensor& picture, const at::Tensor& flow) {
  LIKENESS_CHECK(picture.dim() == 4 && picture.size(0) == 1 && picture.size(1) == 3 &&
                 flow.dim() == 3 && flow.size(0) == picture.size(2) &&
                 flow.size(1) == picture.size(3) && flow.size(2) == 2);
  const at::Tensor from =
      picture.to(at::kCPU, at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
  at::Tensor result = at::empty_like(from);
  cv::Mat view = picture_view(result);
  warp(picture_view(from), flow_view(flow.contiguous()), view);
  return result.clamp_(0, 1);
}

double warping_error(const at::Tensor& now, const at::Tensor& before, const at::Tensor& flow,
                     const at::Tensor& mask) {
  const double counted = mask.sum().item<double>();
  if (counted <= 0) return 0;
  const at::Tensor squares = (now - warped(before, flow)).square().sum(1)[0] * mask;
  return std::sqrt(squares.sum().item<double>() / (3 * counted));
}

}  // namespace likeness
