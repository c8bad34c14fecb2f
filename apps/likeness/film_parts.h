#pragma once

/// A painted film while it is made: finished parts of about ten seconds and what the painter
/// remembers, in the folder OUT.parts, so that whatever stops the work costs a part at most.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <likeness/image/video.h>
#include <likeness/model/safetensors.h>

namespace likeness::cli {

/// Where the sound comes from.
struct FilmSound {
  std::filesystem::path file;
  double start = 0;
};

class FilmParts {
 public:
  /// `identity`: what must be the same to go on. With `resume` takes up what is there, if anything;
  /// else removes it. Throws Error: write_failed, corrupt_file, invalid_argument (parts of another
  /// film, or other options), already_exists (the folder holds something else).
  FilmParts(std::filesystem::path output, std::string identity, bool resume);
  /// Removes the part that was not finished, and the folder when no part was.
  ~FilmParts();
  FilmParts(const FilmParts&) = delete;
  FilmParts& operator=(const FilmParts&) = delete;

  /// Frames in finished parts, and the painter's state behind them.
  std::int64_t frames() const { return frames_; }
  TensorMap painter_state() const;
  const std::filesystem::path& folder() const { return folder_; }

  void write(const Image& frame, double rate);
  /// The part that is being written is long enough.
  bool part_is_full() const;
  /// Closes it, with the painter's state. Does nothing when it has no frames. Throws
  /// Error(write_failed).
  void finish_part(const TensorMap& painter_state);

  /// Makes OUT of the parts and removes them; returns what the user should know. Throws
  /// Error(write_failed), the parts are kept then.
  std::vector<std::string> join(const FilmSound& sound);

 private:
  void take_up();
  void save_list() const;
  std::vector<std::string> join_with(const std::filesystem::path& ffmpeg, const FilmSound& sound,
                                     const std::filesystem::path& joined) const;
  std::vector<std::string> join_alone(const std::filesystem::path& joined) const;

  std::filesystem::path output_;
  std::filesystem::path folder_;
  std::string identity_;
  std::vector<std::string> parts_;  ///< names of finished ones
  std::int64_t frames_ = 0;
  double rate_ = 0;
  std::filesystem::path open_part_;
  std::unique_ptr<VideoWriter> writer_;
};

}  // namespace likeness::cli
