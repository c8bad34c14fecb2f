#pragma once

/// The gallery as the service sees it: enrol, identify, and the calls of Gallery that clients may
/// make, each with an entry in the audit log that names the caller. Safe to call from many threads.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <likeness/faces/calibration.h>
#include <likeness/gallery/gallery.h>
#include <likeness/gallery/open_set.h>

#include "serve/face_engine.h"
#include "serve/http_message.h"

namespace likeness::serve {

/// A photo that was enrolled, or was there before.
struct EnrolledPhoto {
  double quality = 0;
  std::vector<std::string> remarks;            ///< what a person could do better
  std::size_t faces = 0;                       ///< in the photo; the main one was taken
  std::optional<std::string> looks_like = {};  ///< somebody else, who is as near as oneself
  std::int64_t example = 0;                    ///< its id
};

struct EnrolmentAnswer {
  std::int64_t added = 0;
  std::int64_t already_enrolled = 0;
  std::vector<EnrolledPhoto> photos;
};

struct IdentifiedPhoto {
  PhotoAnswer photo;
  std::vector<Identification> faces;  ///< of photo.encoded, place by place
  float threshold = 0;
  std::optional<double> fpir = {};
  std::int64_t people = 0;
  std::int64_t examples = 0;
};

struct PeopleOptions {
  bool keep_crops = false;
  std::optional<Calibration> calibration = {};
};

class People {
 public:
  People(std::unique_ptr<Gallery> gallery, FaceEngine& engine, PeopleOptions options);

  /// Enrols the main face of each photo, all or none. `must_exist`: throws Error(not_found) unless
  /// the person is there already. No photos: the person is entered without examples.
  EnrolmentAnswer enrol(const std::string& name, const std::vector<PhotoRequest>& photos,
                        bool must_exist, const Caller& caller, FaceEngine::Clock::time_point until);
  /// All faces of a photo among everybody.
  IdentifiedPhoto identify(const PhotoRequest& photo, std::size_t top, const OpenSetOptions& rule,
                           const Caller& caller, FaceEngine::Clock::time_point until);

  std::vector<Subject> subjects();
  std::vector<Example> examples(const std::string& name, const Caller& caller);
  /// The kept picture of a face as JPEG. Throws Error(not_found) where none was kept.
  Bytes picture(const std::string& name, std::int64_t example, const Caller& caller);
  void rename(const std::string& from, const std::string& to, const Caller& caller);
  std::int64_t remove(const std::string& name, const Caller& caller);
  void remove_example(const std::string& name, std::int64_t example, const Caller& caller);
  GalleryInfo info();

  /// For interfaces with words of their own (compreface_routes.h). What is done through it has to
  /// be recorded by whoever does it.
  Gallery& gallery() { return *gallery_; }
  FaceEngine& engine() { return engine_; }
  const PeopleOptions& options() const { return options_; }

 private:
  std::unique_ptr<Gallery> gallery_;
  FaceEngine& engine_;
  PeopleOptions options_;
};

}  // namespace likeness::serve
