#include "embed_photos.h"

#include <utility>

#include <likeness/core/error.h>
#include <likeness/image/codec.h>

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

/// Detects and aligns; the pixels are gone when it returns, so that a batch stays small.
std::vector<AlignedFace> read_faces(const fs::path& path, const FaceDetector& detector,
                                    const FaceEncoder& encoder, bool all_faces,
                                    PhotoResult& photo) {
  const Image image = read_image(path);
  photo.width = image.width();
  photo.height = image.height();
  photo.faces = detector.detect(image);
  if (photo.faces.empty())
    throw Error(ErrorCode::no_face,
                path.string() + ": no face found; lower --min-score to look for harder ones");
  const std::size_t main = main_face(photo.faces, image.width(), image.height());
  std::vector<AlignedFace> aligned;
  for (std::size_t i = 0; i < photo.faces.size(); ++i) {
    if (!all_faces && i != main) continue;
    photo.encoded.push_back(i);
    aligned.push_back(encoder.align(image, photo.faces[i]));
  }
  return aligned;
}

}  // namespace

std::vector<PhotoResult> embed_photos(std::span<const fs::path> paths, const FaceDetector& detector,
                                      const FaceEncoder& encoder, bool all_faces) {
  std::vector<PhotoResult> photos;
  std::vector<AlignedFace> batch;
  for (const fs::path& path : paths)
    photos.push_back(attempt(path, [&](PhotoResult& photo) {
      for (AlignedFace& face : read_faces(path, detector, encoder, all_faces, photo))
        batch.push_back(std::move(face));
    }));
  if (batch.empty()) return photos;
  std::vector<Encoding> encodings = encoder.encode(batch);
  auto next = encodings.begin();
  for (PhotoResult& photo : photos)
    for (std::size_t i = 0; i < photo.encoded.size(); ++i)
      photo.encodings.push_back(std::move(*next++));
  return photos;
}

std::vector<EncodedFace> encoded_faces(const PhotoResult& photo) {
  std::vector<EncodedFace> faces;
  for (std::size_t i = 0; i < photo.encodings.size(); ++i) {
    const std::size_t index = photo.encoded[i];
    faces.push_back({photo.path, index, photo.faces[index], photo.encodings[i]});
  }
  return faces;
}

EmbedCollector::EmbedCollector(std::string output, std::string model, CommandContext& context,
                               EncodingWriter& writer)
    : output_(std::move(output)), model_(std::move(model)), context_(context), writer_(writer) {}

void EmbedCollector::add(std::span<const EncodedFace> faces) {
  for (const EncodedFace& face : faces) writer_.add(face);
  faces_ += faces.size();
  ++photos_;
}

void EmbedCollector::add(const Failure& failure, bool silent) {
  ++skipped_;
  if (!silent) context_.warn("skipped " + failure.message);
  if (!context_.json) return;
  const Json json = json_of(failure);
  if (output_ == "-")
    context_.print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  else
    failed_.push_back(json);
}

void EmbedCollector::print_summary(int dimensions) {
  if (output_ == "-") return;
  if (context_.json)
    return context_.print_json({{"output", output_},
                                {"model", model_},
                                {"dimensions", dimensions},
                                {"photos", photos_ + skipped_},
                                {"encodings", faces_},
                                {"failed", failed_}});
  context_.print(output_ + ": " + std::to_string(faces_) + " encodings of " +
                 std::to_string(photos_) + " photos (" + model_ + ", " +
                 std::to_string(dimensions) + " numbers each), " + std::to_string(skipped_) +
                 " skipped\n");
}

}  // namespace likeness::cli
