#include "identify_folders.h"

#include <cmath>
#include <filesystem>

#include <likeness/core/error.h>
#include <likeness/faces/verifier.h>
#include <likeness/image/codec.h>

#include "calibrations.h"
#include "number_text.h"
#include "photo_batch.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFolderPhotosTogether = 4;

struct Known {
  std::string name;
  Encoding encoding;
};

std::vector<PhotoResult> encode_all(std::span<const fs::path> paths, const FaceDetector& detector,
                                    const FaceEncoder& encoder) {
  std::vector<PhotoResult> photos;
  for (const fs::path& path : paths)
    photos.push_back(attempt(path, [&](PhotoResult& photo) {
      const Image image = read_image(path);
      photo.width = image.width();
      photo.height = image.height();
      photo.faces = detector.detect(image);
      for (const Face& face : photo.faces) photo.encodings.push_back(encoder.encode(image, face));
    }));
  return photos;
}

/// The people of KNOWN, by the names of their files.
class People {
 public:
  explicit People(CommandContext& context) : context_(context) {}
  void add(const PhotoResult& photo) {
    if (photo.failure) return context_.warn("skipped " + photo.failure->message);
    if (photo.faces.empty()) return context_.warn(photo.path + ": no face found; skipped");
    if (photo.faces.size() > 1)
      context_.warn(photo.path + ": " + std::to_string(photo.faces.size()) +
                    " faces; the largest and most central one was taken");
    const std::size_t main = main_face(photo.faces, photo.width, photo.height);
    known_.push_back({fs::path(photo.path).stem().string(), photo.encodings[main]});
  }
  const std::vector<Known>& known() const { return known_; }

 private:
  CommandContext& context_;
  std::vector<Known> known_;
};

}  // namespace

int identify_folders(const FolderOptions& options, CommandContext& context) {
  if (options.paths.size() != 2)
    throw Error(ErrorCode::invalid_argument,
                "--format face_recognition takes two folders: likeness identify KNOWN UNKNOWN "
                "--format face_recognition");
  ModelStore store = context.store();
  const std::string model = open_face_encoder(store, options.encoder.model);
  const Verifier verifier(find_calibration(store, model, {}, context),
                          {.threshold = options.threshold});
  const Inputs known_inputs = expand_inputs(std::span(options.paths).first(1));
  const Inputs unknown_inputs = expand_inputs(std::span(options.paths).last(1));
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model, context);
  const FaceDetector detector(store, device, options.detector);
  const FaceEncoder encoder(store, model, device, options.encoder.options());
  const auto encode = [&](std::size_t, std::span<const fs::path> paths) {
    return encode_all(paths, detector, encoder);
  };

  People people(context);
  process_photos(known_inputs, context, "Reading known people", kFolderPhotosTogether, encode,
                 [&](const PhotoResult& photo) { people.add(photo); });
  if (people.known().empty())
    throw Error(ErrorCode::no_face, options.paths[0] + ": no picture here shows a face");

  bool all_known = true;
  const auto print = [&](const std::string& path, const std::string& name,
                         const std::string& distance) {
    context.print(path + "," + name + (options.show_distance ? "," + distance : "") + "\n");
  };
  const BatchSummary summary =
      process_photos(unknown_inputs, context, "Identifying", kFolderPhotosTogether, encode,
                     [&](const PhotoResult& photo) {
                       if (photo.failure) return context.warn("skipped " + photo.failure->message);
                       if (photo.faces.empty())
                         return print(photo.path, "no_persons_found", "None");
                       for (const Encoding& encoding : photo.encodings) {
                         bool found = false;
                         for (const Known& person : people.known()) {
                           const Verification answer = verifier.compare(person.encoding, encoding);
                           if (!answer.same_person) continue;
                           found = true;
                           print(photo.path, person.name, fixed(std::sqrt(answer.distance), 6));
                         }
                         if (!found) print(photo.path, options.unknown_label, "None");
                         all_known = all_known && found;
                       }
                     });
  const int code = summary.conclude();
  return all_known ? code : static_cast<int>(kSomeFailed);
}

}  // namespace likeness::cli
