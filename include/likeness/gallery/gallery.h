#pragma once

/// Who is enrolled: people (subjects) with their examples, each the encoding of a face in one
/// picture. The same calls work on one encrypted file (embedded_gallery.h) and on PostgreSQL
/// (shared_gallery.h). Words as in ISO/IEC 19795-1: gallery, probe, enrol.
///
/// Every change is one transaction: a reader, or a crash, sees all of it or nothing. Several
/// processes may read and write one gallery at once. An object is safe to use from many threads;
/// its calls wait for one another.
///
///     const auto gallery = open_gallery("people.gallery", {.key = key});
///     gallery->enroll({{"Anna", {example}}}, "enroll");
///     for (const Neighbour& match : gallery->nearest(probe, 5)) …
///
/// All functions throw Error: unavailable (another process holds the gallery for too long, lost
/// connection), write_failed (read-only, full disk), corrupt_file.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <likeness/core/files.h>
#include <likeness/faces/encoder.h>

namespace likeness {

/// The encoder that all encodings of a gallery come from.
struct GalleryModel {
  std::string id;           ///< of the manifest
  std::string fingerprint;  ///< of its weights (weights_fingerprint)
  int dimensions = 0;
  bool operator==(const GalleryModel&) const = default;
};

/// A face to enrol.
struct NewExample {
  Encoding encoding;          ///< length 1, as many numbers as the gallery's model has dimensions
  std::string source;         ///< the picture's file name, for people; may be empty
  std::string source_digest;  ///< SHA-256 of the picture's file, 64 hexadecimal digits
  int face = 0;               ///< which of the picture's faces, from left to right
  double quality = 0;         ///< in [0, 1]
  Bytes crop = {};            ///< the face's picture (face_crop.h) to encode it again; or empty
};

/// A person's faces to enrol; no examples: the person is only entered.
struct Enrolment {
  std::string subject;
  std::vector<NewExample> examples;
};

/// An enrolled face.
struct Example {
  std::int64_t id = 0;  ///< unique in the gallery, never used again
  std::string subject;
  std::string source;
  std::string source_digest;
  int face = 0;
  double quality = 0;
  std::string enrolled_at;  ///< UTC, as 2026-01-31T23:59:59Z
  bool has_crop = false;
};

struct Subject {
  std::string name;
  std::int64_t examples = 0;
  std::int64_t crops = 0;  ///< examples with their picture kept
};

/// An enrolled face near a probe.
struct Neighbour {
  std::int64_t example = 0;
  std::string subject;
  float distance = 0;  ///< ‖f(x1) − f(x2)‖², in [0, 4]
};

struct GalleryInfo {
  GalleryModel model;
  std::int64_t subjects = 0;
  std::int64_t examples = 0;
  std::int64_t crops = 0;
  std::int64_t revision = 0;  ///< grows with every change of people or examples
  int schema = 0;             ///< version of the tables
  std::string protection;     ///< how it is encrypted: "key file", "passphrase", "none", "server"
  std::int64_t bytes = 0;     ///< on disk
};

/// Something that was done to a person's data. Never biometric data; no names either: `subject`
/// stays when the person is erased.
struct AuditEntry {
  std::int64_t sequence = 0;  ///< 1, 2, 3, …
  std::string time;           ///< as Example::enrolled_at
  std::string actor;          ///< who: the account or key
  std::string action;         ///< "enroll", "rename", "remove", …
  std::string subject;        ///< pseudonym(name), or empty
  std::string detail;
  std::string hash;  ///< of this entry and the hash before it, hexadecimal
};

/// What Gallery::check found.
struct GalleryCheck {
  std::vector<std::string> faults;  ///< one line each, naming what is damaged; empty: sound
  std::int64_t examples = 0;        ///< that were looked at
  std::int64_t audit_entries = 0;
};

/// An example with all that is stored of it.
struct StoredExample {
  Example example;
  Encoding encoding;
  Bytes crop;
};

class Gallery {
 public:
  virtual ~Gallery() = default;

  virtual GalleryInfo info() = 0;
  /// In the order of their names (bytewise).
  virtual std::vector<Subject> subjects() = 0;
  /// In the order of their ids. Throws Error(not_found) for a person who is not enrolled.
  virtual std::vector<Example> examples(const std::string& subject) = 0;
  /// All examples in the order of their ids, of one moment, piece by piece.
  virtual void visit(const std::function<void(const StoredExample&)>& visitor) = 0;
  /// Whether a picture with this digest is enrolled for `subject`.
  virtual bool has_source(const std::string& subject, const std::string& source_digest) = 0;
  /// The kept picture of an enrolled face (face_crop.h). Throws Error(not_found) where there is no
  /// such example, or nothing was kept of it.
  virtual Bytes crop(std::int64_t example) = 0;
  /// All that is stored of an example. Throws Error(not_found).
  virtual StoredExample stored(std::int64_t example) = 0;

  /// Enrols all or nothing; people who are not there are made, those of an enrolment without
  /// examples too. Examples whose (subject, source_digest, face) are there already are left out.
  /// Returns the number of examples added.
  /// Throws Error(invalid_argument) for a name that check_subject_name refuses, encodings of
  /// another size or not of length 1.
  virtual std::int64_t enroll(std::span<const Enrolment> enrolments, const std::string& actor) = 0;
  /// Throws Error: not_found; already_exists when `to` is another person.
  virtual void rename(const std::string& from, const std::string& to, const std::string& actor) = 0;
  /// Erases a person with all examples, for good. Returns the number of examples.
  /// Throws Error(not_found).
  virtual std::int64_t remove(const std::string& subject, const std::string& actor) = 0;
  /// Erases one example; a person without examples goes too. Throws Error(not_found).
  virtual void remove_example(std::int64_t id, const std::string& actor) = 0;

  /// The `count` closest examples (all, where there are fewer), closest first, equal distances in
  /// the order of their ids. Requires a probe of the model's dimensions.
  virtual std::vector<Neighbour> nearest(std::span<const float> probe, std::size_t count) = 0;

  /// Examples with a crop that have no encoding of `next` yet, at most `limit`, without encodings.
  virtual std::vector<StoredExample> waiting_for(const GalleryModel& next, std::size_t limit) = 0;
  /// Keeps encodings of `next` beside those in use; `ids` and `encodings` place by place.
  virtual void add_encodings(const GalleryModel& next, std::span<const std::int64_t> ids,
                             std::span<const Encoding> encodings) = 0;
  /// Puts `next` in the place of the model in use, whose encodings are erased.
  /// Throws Error(invalid_argument) while examples lack an encoding of `next`, saying how many.
  virtual void change_model(const GalleryModel& next, const std::string& actor) = 0;

  /// Makes anew what searches go by (an index file, the server's index) from what is stored.
  virtual void rebuild_index() {}

  /// What the audit log calls a person: 16 hexadecimal digits.
  virtual std::string pseudonym(const std::string& subject) = 0;
  /// Adds an entry; subject: a name, or empty.
  virtual void record(const std::string& actor, const std::string& action,
                      const std::string& subject, const std::string& detail) = 0;
  virtual std::vector<AuditEntry> audit_log() = 0;
  /// Reads everything: pages, encodings, crops, references, the audit log's chain.
  virtual GalleryCheck check() = 0;
};

/// Longest name of a person, in bytes.
inline constexpr std::size_t kLongestSubjectName = 256;

/// Throws Error(invalid_argument), naming what is wrong, unless `name` is valid UTF-8 of 1 to
/// kLongestSubjectName bytes without control characters and without white space at its ends.
void check_subject_name(const std::string& name);

/// Throws Error(invalid_argument) unless every example can be enrolled in a gallery of `model`.
void check_enrolments(std::span<const Enrolment> enrolments, const GalleryModel& model);

/// The time now as Example::enrolled_at.
std::string utc_now();

}  // namespace likeness
