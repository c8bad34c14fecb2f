#pragma once

/// What embed has encoded so far, in a folder: one file a process, a line a photo, each written as
/// soon as its photo is done. Later runs and other processes read them all. A photo is known by its
/// path, size and time of change.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "encoding_writer.h"
#include "inputs.h"

namespace likeness::cli {

/// What became of a photo.
struct EncodedPhoto {
  std::vector<EncodedFace> faces = {};
  std::optional<Failure> failure = {};  ///< set when there are no faces
};

class EncodingParts {
 public:
  /// Makes the folder and takes part `number` in it for this process alone. `settings`: what the
  /// encodings depend on; what was encoded with others counts for nothing and is replaced.
  /// Throws Error: write_failed, unavailable (another process has this part).
  EncodingParts(const std::filesystem::path& folder, int number, const std::string& settings);
  ~EncodingParts();
  EncodingParts(const EncodingParts&) = delete;
  EncodingParts& operator=(const EncodingParts&) = delete;

  /// Reads what others have written meanwhile.
  void refresh();
  /// Whether `photo` has been tried, and whether it was encoded; what failed is worth another try.
  bool tried(const std::filesystem::path& photo) const;
  bool encoded(const std::filesystem::path& photo) const;
  /// Requires tried(photo). Throws Error(corrupt_file).
  EncodedPhoto find(const std::filesystem::path& photo) const;
  /// Throws Error(write_failed).
  void add(const std::filesystem::path& photo, const EncodedPhoto& result);

  /// Others wait until the result goes: for one of them at a time to join the parts.
  class Turn {
   public:
    explicit Turn(const std::filesystem::path& folder);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    int descriptor_;
  };

 private:
  struct Line {
    std::filesystem::path part;
    std::int64_t offset = 0;
    bool encoded = false;
  };
  void read_part(const std::filesystem::path& part);
  void begin_part();
  void append(const std::string& line) const;

  std::filesystem::path own_;
  std::string settings_;
  std::map<std::string, Line> lines_;  ///< by the photo's key
  int descriptor_ = -1;
};

}  // namespace likeness::cli
