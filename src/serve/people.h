#pragma once

/// The gallery as the service sees it: enrol, identify, and the calls of Gallery that clients may
/// make, each with an entry in the audit log that names the caller. Safe to call from many threads.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
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
  std::vector<std::string> remarks = {};       ///< what a person could do better
  std::size_t faces = 0;                       ///< in the photo; 0 where it was there before
  std::optional<std::string> looks_like = {};  ///< somebody else, who is as near as oneself
  std::int64_t example = 0;                    ///< its id
  bool already_enrolled = false;
};

struct EnrolmentAnswer {
  std::int64_t added = 0;
  std::int64_t already_enrolled = 0;
  std::vector<EnrolledPhoto> photos = {};  ///< place by place
};

struct IdentifiedPhoto {
  PhotoAnswer photo = {};
  std::vector<Identification> faces = {};  ///< of photo.encoded, place by place
  float threshold = 0;
  std::optional<double> fpir = {};
  std::int64_t people = 0;
  std::int64_t examples = 0;
};

/// A person in a list, with the example that shows them best.
struct ListedPerson {
  std::string name;
  std::int64_t examples = 0;
  std::optional<std::int64_t> example = {};  ///< nothing for a person without examples
  bool has_crop = false;                     ///< of that example
};

struct PeoplePage {
  std::vector<ListedPerson> people = {};
  std::int64_t total = 0;                ///< in the gallery
  std::optional<std::string> next = {};  ///< name to go on after; nothing on the last page
};

struct PeopleOptions {
  bool keep_crops = false;
  std::optional<Calibration> calibration = {};
};

class People {
 public:
  /// Throws Error(invalid_argument) unless the gallery is one of the engine's model.
  People(std::unique_ptr<Gallery> gallery, FaceEngine& engine, PeopleOptions options);

  /// Enrols the main face of each photo, all or none. `must_exist`: throws Error(not_found) unless
  /// the person is there already. No photos: the person is entered without examples.
  EnrolmentAnswer enrol(const std::string& name, const std::vector<PhotoRequest>& photos,
                        bool must_exist, const Caller& caller, FaceEngine::Clock::time_point until);
  /// All faces of a photo among everybody, whatever `photo.encode` says.
  IdentifiedPhoto identify(const PhotoRequest& photo, std::size_t top, const OpenSetOptions& rule,
                           const Caller& caller, FaceEngine::Clock::time_point until);

  std::vector<Subject> subjects();
  /// Those after the name `after` (bytewise), at most `limit`.
  PeoplePage page(const std::string& after, std::size_t limit, const Caller& caller);
  /// The others throw Error as Gallery does; not_found for a person, and for an example that is not
  /// theirs.
  std::vector<Example> examples(const std::string& name, const Caller& caller);
  /// The kept picture of a face as JPEG. Throws Error(not_found) where none was kept.
  Bytes picture(const std::string& name, std::int64_t example, const Caller& caller);
  void rename(const std::string& from, const std::string& to, const Caller& caller);
  std::int64_t remove(const std::string& name, const Caller& caller);
  void remove_example(const std::string& name, std::int64_t example, const Caller& caller);
  GalleryInfo info();

  /// Faces by their id alone (people_faces.cpp). Throw Error(not_found).
  /// One that is going to be compared with others.
  StoredExample compared(std::int64_t example, const Caller& caller);
  Bytes picture(std::int64_t example, const Caller& caller);
  /// Returns whose it was.
  std::string remove_example(std::int64_t example, const Caller& caller);
  /// Gives `into` the faces of `from`, under new ids, and removes `from`. Requires two names.
  void merge(const std::string& from, const std::string& into, const Caller& caller);
  /// Faces that were encoded before: vectors of length 1 by the gallery's model.
  std::vector<Identification> identify(std::span<const Encoding> encodings, std::size_t top,
                                       const OpenSetOptions& options, const Caller& caller);

  /// What the audit log calls a caller: "key ID (NAME)", or "local".
  static std::string actor(const Caller& caller);

  /// For interfaces with words of their own (compreface_routes.h). What is done through it has to
  /// be recorded by whoever does it.
  Gallery& gallery() { return *gallery_; }
  FaceEngine& engine() { return engine_; }
  const PeopleOptions& options() const { return options_; }

 private:
  struct Counts {
    std::int64_t people = 0;
    std::int64_t examples = 0;
  };
  Counts counts();
  void forget_counts();
  std::shared_ptr<const OpenSetRule> rule(std::int64_t examples, const OpenSetOptions& options);
  Example example_of(const std::string& name, std::int64_t example);
  /// Each among everybody, with one entry in the audit log.
  std::vector<Identification> find_all(std::span<const Encoding> encodings, const OpenSetRule& rule,
                                       std::size_t top, const Caller& caller);

  std::unique_ptr<Gallery> gallery_;
  FaceEngine& engine_;
  const PeopleOptions options_;
  GalleryModel model_;  ///< of the gallery

  std::mutex mutex_;  ///< of what follows
  Counts counts_;
  FaceEngine::Clock::time_point counted_at_ = {};
  std::shared_ptr<const OpenSetRule> usual_rule_;  ///< without options of a request
  std::int64_t usual_examples_ = -1;               ///< that it is for
};

}  // namespace likeness::serve
