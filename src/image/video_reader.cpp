#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/image/transform.h>
#include <likeness/image/video.h>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "image/matrix_view.h"
#include "image/video_library.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr double kLowestRate = 0.1;
constexpr double kHighestRate = 240;
constexpr double kUsualRate = 30;
constexpr double kLongestGap = 60;  ///< seconds between two frames
/// Estimates of the number of frames miss it by a few, and sound often lasts longer than pictures.
constexpr double kMissingShare = 0.02;
constexpr double kMissingSeconds = 0.5;

void check_readable(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status))
    throw Error(ErrorCode::not_found, file.string() + ": there is no such file");
  if (fs::is_directory(status))
    throw Error(ErrorCode::unreadable, file.string() + ": is a folder, not a film");
  if (fs::is_regular_file(status) && fs::file_size(file, error) == 0 && !error)
    throw Error(ErrorCode::corrupt_file, file.string() + ": is empty");
}

/// OpenCV 4.6.0 alone tells the angle in the other direction, and turns pictures that way by
/// itself.
int quarter_turns(double degrees) {
  const int turns = static_cast<int>(std::lround(degrees / 90)) % 4;
  const int clockwise = (turns + 4) % 4;
  const bool reversed = cv::getVersionMajor() == 4 && cv::getVersionMinor() == 6;
  return reversed ? (4 - clockwise) % 4 : clockwise;
}

Image rgb_image(const cv::Mat& bgr, int width, int height) {
  Image image(bgr.cols, bgr.rows);
  cv::Mat view = matrix_view(image);
  cv::cvtColor(bgr, view, cv::COLOR_BGR2RGB);
  if (image.width() == width && image.height() == height) return image;
  return resize(image, width, height);
}

}  // namespace

class VideoReader::Source {
 public:
  explicit Source(const std::function<bool(cv::VideoCapture&)>& open) {
    quieten_video_library();
    if (!open(capture_)) return;
    capture_.set(cv::CAP_PROP_ORIENTATION_AUTO, 0);
    turn_ = quarter_turns(capture_.get(cv::CAP_PROP_ORIENTATION_META));
    const double rate = capture_.get(cv::CAP_PROP_FPS);
    info_.frame_rate = rate >= kLowestRate && rate <= kHighestRate ? rate : kUsualRate;
    const double frames = capture_.get(cv::CAP_PROP_FRAME_COUNT);
    info_.frames = frames > 0 && frames < 1e12 ? static_cast<std::int64_t>(frames) : 0;
    first_ = read();
    opened_ = true;
    if (!first_) return;
    info_.width = first_->picture.width();
    info_.height = first_->picture.height();
  }

  bool opened() const { return opened_; }
  bool has_pictures() const { return info_.width > 0; }
  const VideoInfo& info() const { return info_; }

  std::optional<VideoFrame> next() {
    if (first_) return std::exchange(first_, std::nullopt);
    return read();
  }

  /// Both by the number of frames and by their times: with frames at varying distances the number
  /// that a file announces may be far too high.
  bool cut_off() const {
    const auto announced = static_cast<double>(info_.frames);
    const double had = std::max(static_cast<double>(read_), time_ * info_.frame_rate + 1);
    return announced - had >
           std::max(kMissingSeconds * info_.frame_rate, kMissingShare * announced);
  }

 private:
  std::optional<VideoFrame> read() {
    if (!capture_.grab() || !capture_.retrieve(matrix_) || matrix_.empty() ||
        matrix_.type() != CV_8UC3)
      return std::nullopt;
    constexpr cv::RotateFlags kTurns[] = {cv::ROTATE_90_CLOCKWISE, cv::ROTATE_180,
                                          cv::ROTATE_90_COUNTERCLOCKWISE};
    if (turn_ > 0) cv::rotate(matrix_.clone(), matrix_, kTurns[turn_ - 1]);
    const double time = next_time(capture_.get(cv::CAP_PROP_POS_MSEC) / 1000);
    ++read_;
    return VideoFrame{.picture = rgb_image(matrix_, info_.width > 0 ? info_.width : matrix_.cols,
                                           info_.height > 0 ? info_.height : matrix_.rows),
                      .time = time};
  }

  /// From the file's time, which may jump, to one that goes forward from 0.
  double next_time(double stamp) {
    const double frame = 1 / info_.frame_rate;
    if (read_ == 0) {
      stamp_ = stamp;
      return time_ = 0;
    }
    const double step = stamp - stamp_;
    time_ += std::isfinite(step) && step > 0 && step <= kLongestGap ? step : frame;
    if (std::isfinite(stamp)) stamp_ = stamp;
    return time_;
  }

  cv::VideoCapture capture_;
  int turn_ = 0;  ///< quarter turns clockwise that make a picture upright
  cv::Mat matrix_;
  VideoInfo info_;
  std::optional<VideoFrame> first_;
  std::int64_t read_ = 0;
  double stamp_ = 0;
  double time_ = 0;
  bool opened_ = false;
};

VideoReader::VideoReader(const fs::path& file) {
  check_readable(file);
  // The prefix keeps FFmpeg from taking "concat:…" or "http:…" for more than a name.
  source_ = std::make_unique<Source>([&](cv::VideoCapture& capture) {
    return capture.open("file:" + file.string(), cv::CAP_FFMPEG);
  });
  if (!source_->opened())
    throw Error(ErrorCode::corrupt_file,
                file.string() +
                    ": not a film that FFmpeg can read (no film, no pictures in it, or it was cut "
                    "off before its index)");
  if (!source_->has_pictures())
    throw Error(ErrorCode::corrupt_file, file.string() + ": the film holds no pictures");
}

VideoReader::VideoReader(int camera) {
  source_ = std::make_unique<Source>(
      [&](cv::VideoCapture& capture) { return capture.open(camera, cv::CAP_ANY); });
  if (!source_->opened() || !source_->has_pictures())
    throw Error(ErrorCode::unavailable,
                "camera " + std::to_string(camera) + ": is not there or gives no pictures");
}

VideoReader::~VideoReader() = default;
VideoReader::VideoReader(VideoReader&&) noexcept = default;

const VideoInfo& VideoReader::info() const {
  return source_->info();
}
std::optional<VideoFrame> VideoReader::next() {
  return source_->next();
}
bool VideoReader::cut_off() const {
  return source_->cut_off();
}

}  // namespace likeness
