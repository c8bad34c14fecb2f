#pragma once

/// Where `likeness embed` puts its encodings.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <likeness/faces/encoder.h>
#include <likeness/faces/face.h>

namespace likeness::cli {

/// One encoded face of a photo.
struct EncodedFace {
  std::string path;
  std::size_t index = 0;  ///< of the face in its photo
  Face face;
  Encoding encoding;
};

class EncodingWriter {
 public:
  virtual ~EncodingWriter() = default;
  virtual void add(const EncodedFace& face) = 0;
  /// Completes the files; without it they do not appear.
  virtual void finish() = 0;
};

/// The format follows the ending of `path`.
///   OUT.npy    NumPy float32 [faces, dimensions], and OUT.npy.txt: on line i, for row i, the path,
///              the index of the face, its box x, y, width, height and its score, between tabs
///   OUT.jsonl  one JSON object a face: path, face, box, score, model, encoding
///   -          the same lines, passed to `print`
/// Throws Error: invalid_argument for another ending, write_failed.
std::unique_ptr<EncodingWriter> open_encoding_writer(
    const std::string& path, const std::string& model, std::size_t dimensions,
    const std::function<void(std::string_view)>& print);

/// Throws Error as open_encoding_writer would, without creating anything.
void check_encoding_output(const std::string& path);

}  // namespace likeness::cli
