#pragma once

/// Films from and to files: whatever FFmpeg reads, through OpenCV. One object belongs to one thread
/// at a time.
///
///     SteadyFilm film("clip.mp4");
///     VideoWriter writer("out.mp4", {film.info().width, film.info().height}, film.rate());
///     while (const SteadyFrame* frame = film.next()) writer.write(frame->picture);
///     writer.finish();
///
/// Sound is neither read nor written. Nothing is printed (but one line of OpenCV's own for .webm).

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <likeness/image/image.h>

namespace likeness {

struct VideoInfo {
  int width = 0;  ///< upright: of the pictures as they are read
  int height = 0;
  double frame_rate = 0;  ///< frames a second, as the file says or 30 where it says nothing useful
  std::int64_t frames = 0;  ///< as the file says, often an estimate; 0: not known
};

struct VideoFrame {
  Image picture;    ///< RGB, upright (rotation of the container applied)
  double time = 0;  ///< seconds from the film's first frame
};

/// The frames of a file as they are stored, from the first to the last.
class VideoReader {
 public:
  /// Throws Error: not_found, unreadable (a folder, no permission), corrupt_file (empty, no film,
  /// a film without pictures or whose index was cut off).
  explicit VideoReader(const std::filesystem::path& file);
  /// A camera, from 0 on. Throws Error: unavailable.
  explicit VideoReader(int camera);
  ~VideoReader();
  VideoReader(VideoReader&&) noexcept;

  const VideoInfo& info() const;
  /// The next frame; nothing at the end, or where the file breaks off. Times never go back; a jump
  /// of more than a minute counts as one frame. A frame of another size than the first is scaled.
  std::optional<VideoFrame> next();
  /// After the end: the file announces clearly more frames than it held.
  bool cut_off() const;

 private:
  class Source;
  std::unique_ptr<Source> source_;
};

/// The part of a film that is wanted, in seconds.
struct FilmSpan {
  double start = 0;
  double duration = 0;  ///< 0: to the end
};

struct SteadyFrame {
  Image picture;
  bool repeated = false;  ///< the same picture as the frame before
};

/// A film at a constant frame rate: frame k shows what is seen at start + k / rate. Where frames of
/// the file lie closer some are dropped, where they lie further apart one is repeated, so that
/// length and sound stay in step whatever the file's own times are.
class SteadyFilm {
 public:
  /// Throws Error as VideoReader does, and invalid_argument when the film ends before span.start.
  explicit SteadyFilm(const std::filesystem::path& file, const FilmSpan& span = {});

  const VideoInfo& info() const { return reader_.info(); }
  double rate() const { return reader_.info().frame_rate; }
  /// How many frames next() will give, an estimate; 0: not known.
  std::int64_t expected_frames() const;
  /// The next frame, valid until the next call; null at the end.
  const SteadyFrame* next();
  std::int64_t repeated() const { return repeated_; }
  std::int64_t dropped() const { return dropped_; }
  /// After the end: the file broke off before its announced end (and before that of the span).
  bool cut_off() const { return ended_ && reader_.cut_off(); }

 private:
  bool advance(double time);

  VideoReader reader_;
  FilmSpan span_;
  SteadyFrame frame_;
  std::optional<VideoFrame> ahead_;
  std::int64_t given_ = 0;
  std::int64_t repeated_ = 0;
  std::int64_t dropped_ = 0;
  bool ended_ = false;  ///< the file has no more frames
};

struct FilmSize {
  int width = 0;
  int height = 0;
};

/// Throws Error(invalid_argument) unless the ending of `file` is one that is written here: .mp4,
/// .mov and .mkv (H.264, else MPEG-4), .avi (MPEG-4, else Motion JPEG), .webm (VP8).
void check_video_ending(const std::filesystem::path& file);

/// Writes a film. These formats store half of the colour samples, so sides are even: an odd one
/// gains a column or row that repeats the last.
class VideoWriter {
 public:
  /// Throws Error: invalid_argument (ending), write_failed.
  VideoWriter(const std::filesystem::path& file, FilmSize size, double frame_rate);
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  /// Requires a picture of the size that was announced.
  void write(const Image& picture);
  /// Closes the file and reads it back, as neither OpenCV nor FFmpeg tells of a full disk. Throws
  /// Error(write_failed) when frames are missing; the file is removed then.
  void finish();
  std::int64_t frames() const { return frames_; }

 private:
  class Target;
  std::filesystem::path file_;
  FilmSize size_;
  std::int64_t frames_ = 0;
  std::unique_ptr<Target> target_;
};

/// Throws Error(unavailable) where there is no display for a window: neither DISPLAY nor
/// WAYLAND_DISPLAY is set. (OpenCV would end the whole program.)
void check_display();

/// Shows `picture` in a window; false once the user closes it or presses Escape or q. Throws
/// Error as check_display does, and unavailable where OpenCV was built without windows.
bool show_in_window(const std::string& title, const Image& picture);

}  // namespace likeness
