#pragma once

/// What the routes of compreface_routes.h share; each of their files adds those of one resource.

#include <memory>
#include <string>

#include "serve/compreface_routes.h"
#include "serve/request_fields.h"

namespace likeness::serve {

struct CompreFace {
  People* people;
  FaceEngine& engine;
  CompreFaceOptions options;

  /// Throws Problem(503, unavailable) without a gallery.
  People& gallery() const;
  FaceEngine::Clock::time_point deadline() const;
  /// In [0, 1], rounded as CompreFace does.
  double similarity(float distance) const;
};

/// CompreFace names whoever comes closest and leaves the threshold to its client: everybody lies
/// within the largest distance that there is.
inline const OpenSetOptions kEverybody = {.fpir = {}, .threshold = 4.0F};

/// The people of an identification with kEverybody, as {"subject", "similarity"}.
Json similar_subjects(const CompreFace& service, const Identification& found);
/// The enrolled face of the path's {image_id}. Throws Problem: unknown_image.
StoredExample known_face(const CompreFace& service, const HttpRequest& request);

using SharedCompreFace = std::shared_ptr<const CompreFace>;

/// A route whose refusals have CompreFace's form.
Route compreface_route(std::string method, const std::string& path, Role role, Handler handler);

/// …/recognition/subjects
void add_compreface_subjects(Router& router, const SharedCompreFace& service);
/// …/recognition/faces, without /verify
void add_compreface_faces(Router& router, const SharedCompreFace& service);
/// …/recognition/recognize and …/faces/{image_id}/verify
void add_compreface_recognition(Router& router, const SharedCompreFace& service);
/// …/detection/detect and …/verification/verify
void add_compreface_verification(Router& router, const SharedCompreFace& service);
/// …/embeddings/… of recognition and verification
void add_compreface_embeddings(Router& router, const SharedCompreFace& service);

}  // namespace likeness::serve
