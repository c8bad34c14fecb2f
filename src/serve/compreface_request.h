#pragma once

/// What CompreFace's clients send, as values. All throw Problem with codes of compreface_refusal.h.

#include <string>
#include <vector>

#include "serve/face_engine.h"
#include "serve/request_fields.h"

namespace likeness::serve {

/// How faces of a photo are chosen and what is told of them.
struct FaceOptions {
  std::size_t limit = 0;   ///< so many of the largest faces; 0: all
  float min_score = 0;     ///< det_prob_threshold
  bool landmarks = false;  ///< of face_plugins; names of others are passed over, as CompreFace does
  bool embedding = false;  ///< "calculator" of face_plugins
  bool is_face = false;    ///< the photo is a face that was cut out (detect_faces=false)
  bool status = false;     ///< execution_time and plugins_versions too
};
FaceOptions face_options(const RequestFields& fields);
/// What the engine has to do with `file`, which must live as long.
PhotoRequest photo_request(const UploadedFile& file, const FaceOptions& options,
                           WantedFaces encode);

/// prediction_count, 1 where it is not given.
std::size_t prediction_count(const RequestFields& fields);

/// missing_parameter unless `name` was given.
std::string needed_text(const RequestFields& fields, const std::string& name);
/// missing_part unless a picture `name` was sent.
UploadedFile needed_picture(const RequestFields& fields, const std::string& name);

/// The faces that `limit` leaves, the largest first. Throws no_face_found when there is none.
std::vector<std::size_t> chosen_faces(const PhotoAnswer& photo, std::size_t limit);

}  // namespace likeness::serve
