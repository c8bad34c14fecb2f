#include "image/video_library.h"

#include <cstdlib>

#include <opencv2/core/utils/logger.hpp>

namespace likeness {

void quieten_video_library() {
  static const bool done = [] {
    constexpr int kKeepOthers = 0;  // what the user has set
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", kKeepOthers);
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace likeness
