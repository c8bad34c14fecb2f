#pragma once

/// OpenCV's video input and output, loaded when it is first needed.
///
/// It brings more than two hundred shared libraries with it (FFmpeg, GStreamer, GDAL …), which
/// would cost every start of a program a tenth of a second. So it lies in a module of its own
/// (likeness_videoio) that hands out objects; calls to them are virtual, and nothing here is linked
/// against OpenCV's libraries for video.

#include <memory>

#include <opencv2/videoio.hpp>

namespace likeness {

struct VideoModule {
  cv::VideoCapture* (*new_capture)();
  cv::VideoWriter* (*new_writer)();
  /// By FFmpeg, in the codec of four letters: not a virtual function of the writer.
  bool (*open_writer)(cv::VideoWriter& writer, const char* file, const char* codec, double rate,
                      cv::Size size);
  /// Shows a picture (BGR) in the window of this name; false when the user closed it or pressed
  /// Escape or q.
  bool (*show)(const char* window, const cv::Mat& picture);
};

/// The module; loaded on the first call. Safe to call from many threads.
/// Throws Error(unavailable) when it is not there or does not load.
const VideoModule& video_module();

}  // namespace likeness

/// What the module exports.
extern "C" const likeness::VideoModule* likeness_video_module();
