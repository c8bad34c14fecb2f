#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/image/video.h>
#include <opencv2/highgui.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "image/matrix_view.h"
#include "image/video_library.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

struct Container {
  std::string_view ending;
  std::array<std::string_view, 2> codecs;  ///< FourCC codes, the better one first
};
constexpr std::array<Container, 5> kContainers = {{{".mp4", {"avc1", "mp4v"}},
                                                   {".mov", {"avc1", "mp4v"}},
                                                   {".mkv", {"H264", "MP4V"}},
                                                   {".avi", {"XVID", "MJPG"}},
                                                   {".webm", {"VP80", "VP90"}}}};

const Container& container_of(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char letter) { return std::tolower(letter); });
  for (const Container& container : kContainers)
    if (container.ending == ending) return container;
  throw Error(ErrorCode::invalid_argument,
              file.string() + ": films are written as .mp4, .mov, .mkv, .avi or .webm");
}

int even(int side) {
  return side + side % 2;
}

}  // namespace

class VideoWriter::Target {
 public:
  Target(const fs::path& file, FilmSize size, double rate)
      : size_(even(size.width), even(size.height)) {
    quieten_video_library();
    for (const std::string_view codec : container_of(file).codecs)
      if (writer_.open("file:" + file.string(), cv::CAP_FFMPEG,
                       cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]), rate,
                       size_))
        return;
    throw Error(ErrorCode::write_failed, file.string() + ": FFmpeg cannot write such a film of " +
                                             std::to_string(size.width) + " x " +
                                             std::to_string(size.height) + " pixels here");
  }

  void write(const Image& picture) {
    cv::cvtColor(matrix_view(picture), bgr_,
                 picture.has_alpha() ? cv::COLOR_RGBA2BGR : cv::COLOR_RGB2BGR);
    if (bgr_.size() != size_)
      cv::copyMakeBorder(bgr_, bgr_, 0, size_.height - bgr_.rows, 0, size_.width - bgr_.cols,
                         cv::BORDER_REPLICATE);
    writer_.write(bgr_);
  }

 private:
  cv::VideoWriter writer_;
  cv::Size size_;
  cv::Mat bgr_;
};

void check_video_ending(const fs::path& file) {
  container_of(file);
}

VideoWriter::VideoWriter(const fs::path& file, FilmSize size, double frame_rate)
    : file_(file), size_(size) {
  LIKENESS_CHECK(size.width > 0 && size.height > 0 && frame_rate > 0);
  target_ = std::make_unique<Target>(file, size, frame_rate);
}

VideoWriter::~VideoWriter() = default;

void VideoWriter::write(const Image& picture) {
  LIKENESS_CHECK(target_ != nullptr && picture.width() == size_.width &&
                 picture.height() == size_.height);
  target_->write(picture);
  ++frames_;
}

void VideoWriter::finish() {
  LIKENESS_CHECK(target_ != nullptr);
  target_.reset();
  std::int64_t kept = 0;
  try {
    cv::VideoCapture capture("file:" + file_.string(), cv::CAP_FFMPEG);
    while (capture.grab()) ++kept;
  } catch (const cv::Exception&) {
    kept = 0;
  }
  if (kept >= frames_) return;
  std::error_code ignored;
  fs::remove(file_, ignored);
  throw Error(ErrorCode::write_failed, file_.string() + ": only " + std::to_string(kept) + " of " +
                                           std::to_string(frames_) +
                                           " frames could be written; is the disk full?");
}

void check_display() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  if (!set("DISPLAY") && !set("WAYLAND_DISPLAY"))
    throw Error(ErrorCode::unavailable,
                "a window needs a display, and neither DISPLAY nor WAYLAND_DISPLAY is set");
}

bool show_in_window(const std::string& title, const Image& picture) {
  check_display();
  cv::Mat bgr;
  cv::cvtColor(matrix_view(picture), bgr, cv::COLOR_RGB2BGR);
  try {
    constexpr int kEscape = 27;
    cv::imshow(title, bgr);
    const int key = cv::waitKey(1);
    return key != kEscape && key != 'q' && cv::getWindowProperty(title, cv::WND_PROP_VISIBLE) >= 1;
  } catch (const cv::Exception& error) {
    throw Error(ErrorCode::unavailable, "no window can be shown: " + error.err);
  }
}

}  // namespace likeness
