/// The module likeness_videoio: see image/video_module.h.

#include <cstdlib>

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/highgui.hpp>
#include <opencv2/videoio.hpp>

#include "image/video_module.h"

namespace {

/// Neither FFmpeg nor OpenCV is to write on standard error: what goes wrong is an Error.
void silence() {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  constexpr int kKeep = 0;  // what the user has set
  ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", kKeep);
}

bool open_writer(cv::VideoWriter& writer, const char* file, const char* codec, double rate,
                 cv::Size size) {
  return writer.open(file, cv::CAP_FFMPEG,
                     cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]), rate, size);
}

bool show(const char* window, const cv::Mat& picture) {
  constexpr int kEscape = 27;
  cv::imshow(window, picture);
  const int key = cv::waitKey(1);
  return key != kEscape && key != 'q' && cv::getWindowProperty(window, cv::WND_PROP_VISIBLE) >= 1;
}

}  // namespace

extern "C" const likeness::VideoModule* likeness_video_module() {
  static const likeness::VideoModule module = {
      .new_capture = [] { return new cv::VideoCapture; },
      .new_writer = [] { return new cv::VideoWriter; },
      .open_writer = open_writer,
      .show = show,
  };
  silence();
  return &module;
}
