#pragma once

/// Photos through the networks for many clients at once: a bounded queue and one worker a core,
/// each of which takes several requests together and encodes all their faces in one batch. Safe to
/// call from many threads; each call waits for its answer.
///
///     FaceEngine engine(detector, encoder, {});
///     const auto answers = engine.look({{.bytes = body, .name = "photo"}}, deadline);
///
/// The workers run at a lower priority than the process, so that what is answered without networks
/// is answered at once, however many photos wait.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>
#include <likeness/faces/quality.h>
#include <likeness/image/codec.h>

namespace likeness::serve {

enum class WantedFaces { none, main, all };

/// A photo as it came in, and what is wanted of it.
struct PhotoRequest {
  std::string_view bytes;  ///< the file; must live until look() returns
  std::string name;        ///< for errors: "photo", "a"
  WantedFaces encode = WantedFaces::none;
  float min_score = 0;   ///< faces below are dropped; the detector may drop more
  bool quality = false;  ///< assess the faces
  bool crops = false;    ///< cut out the encoded faces (FaceCrop, face_crop.h, as bytes)
  /// The photo is one face, cut out before. Whether the detector agrees or not: it is taken to fill
  /// the photo, its landmarks are those that are found or else where they usually are.
  bool is_face = false;
  std::string filename = {};  ///< as the client calls it; kept with a face that is enrolled
};

struct PhotoAnswer {
  int width = 0;
  int height = 0;
  std::vector<Face> faces = {};           ///< from left to right
  std::vector<FaceQuality> quality = {};  ///< of `faces`, where it was wanted
  std::vector<std::size_t> encoded = {};  ///< which of `faces` were encoded
  std::vector<Encoding> encodings = {};   ///< of those, place by place
  std::vector<Bytes> crops = {};          ///< of those, where they were wanted
  double reading_ms = 0;                  ///< decoding, detecting and aligning took so long
  double encoding_ms = 0;                 ///< and so the batch in which its faces were encoded
};

struct FaceEngineOptions {
  int workers = 0;           ///< 0: one a core
  std::size_t queue = 64;    ///< requests that may wait
  std::size_t together = 2;  ///< photos that one worker takes at once
  DecodeLimits limits = {.max_bytes = std::size_t{16} << 20, .max_pixels = 40'000'000};
};

class FaceEngine {
 public:
  using Clock = std::chrono::steady_clock;

  FaceEngine(FaceDetector detector, FaceEncoder encoder, const FaceEngineOptions& options);
  /// Waits for the requests that are being worked on; those that wait get Problem("stopping"). No
  /// call may begin any more.
  ~FaceEngine();
  FaceEngine(const FaceEngine&) = delete;
  FaceEngine& operator=(const FaceEngine&) = delete;

  /// One answer a photo; all photos of a request are worked on together.
  /// What goes wrong in one request is thrown to its caller alone.
  /// Throws Error as decode_image does, for the first photo that cannot be read; no_face where
  /// WantedFaces::main finds none; Problem: busy (the queue is full), timeout (not done by
  /// `deadline`), stopping.
  std::vector<PhotoAnswer> look(const std::vector<PhotoRequest>& photos,
                                Clock::time_point deadline);

  const std::string& model() const;
  int dimensions() const;
  /// Requests that wait, and that are being worked on.
  std::size_t waiting() const;
  std::size_t working() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace likeness::serve
