#pragma once

namespace likeness {

/// To be called before OpenCV's functions for video: keeps FFmpeg and OpenCV from writing on
/// standard error, as what goes wrong is an Error. Safe to call from many threads.
void quieten_video_library();

}  // namespace likeness
