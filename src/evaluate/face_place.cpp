#include <algorithm>
#include <cstddef>

#include <likeness/evaluate/face_place.h>
#include <likeness/faces/alignment.h>
#include <likeness/image/codec.h>

namespace likeness {
namespace {

float median(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

FacePlace place_in_aligned() {
  const AlignmentTemplate& aligned = arcface_template();
  FacePlace place = aligned.points;
  for (Point& point : place) {
    point.x /= static_cast<float>(aligned.size);
    point.y /= static_cast<float>(aligned.size);
  }
  return place;
}

/// Evenly spread over all that show a face.
std::vector<const EncodedPictures::value_type*> sample(const EncodedPictures& encoded) {
  std::vector<const EncodedPictures::value_type*> found;
  for (const auto& entry : encoded)
    if (entry.second && !is_guessed(*entry.second)) found.push_back(&entry);
  if (found.size() <= kMostPlaces) return found;
  std::vector<const EncodedPictures::value_type*> chosen;
  for (std::size_t i = 0; i < kMostPlaces; ++i)
    chosen.push_back(found[i * found.size() / kMostPlaces]);
  return chosen;
}

/// What cannot be decoded was told when the faces were looked for.
struct WithoutNotes : Progress {
  explicit WithoutNotes(Progress& all) : all(all) {}
  void begin(std::string_view task, std::int64_t total) override { all.begin(task, total); }
  void update(std::int64_t done) override { all.update(done); }
  void end() override { all.end(); }
  Progress& all;
};

}  // namespace

FacePlace usual_place(const std::filesystem::path& folder, const EncodedPictures& encoded) {
  std::array<std::vector<float>, 5> across;
  std::array<std::vector<float>, 5> down;
  for (const auto* entry : sample(encoded)) {
    const Image image = read_image(folder / entry->first);
    const std::array<Point, 5> points = entry->second->face.landmarks.points();
    for (std::size_t k = 0; k < points.size(); ++k) {
      across[k].push_back(points[k].x / static_cast<float>(image.width()));
      down[k].push_back(points[k].y / static_cast<float>(image.height()));
    }
  }
  if (across.front().empty()) return place_in_aligned();
  FacePlace place;
  for (std::size_t k = 0; k < place.size(); ++k) place[k] = {median(across[k]), median(down[k])};
  return place;
}

Face face_at(const FacePlace& place, int width, int height) {
  std::array<Point, 5> points = place;
  for (Point& point : points) {
    point.x *= static_cast<float>(width);
    point.y *= static_cast<float>(height);
  }
  Face face;
  face.box = {0, 0, static_cast<float>(width), static_cast<float>(height)};
  face.landmarks = {.left_eye = points[0],
                    .right_eye = points[1],
                    .nose = points[2],
                    .left_mouth = points[3],
                    .right_mouth = points[4]};
  return face;
}

PictureSteps steps_at(const FacePlace& place, const FaceEncoder& encoder) {
  return {
      .locate = [place, &encoder](const Image& image) -> std::optional<LocatedFace> {
        const Face face = face_at(place, image.width(), image.height());
        return LocatedFace{face, encoder.align(image, face)};
      },
      .encode = [&encoder](std::span<const AlignedFace> faces) { return encoder.encode(faces); }};
}

void encode_without_face(const std::filesystem::path& folder, EncodedPictures& encoded,
                         const PictureSteps& steps, const EncodeOptions& options,
                         Progress& progress) {
  std::vector<std::string> missing;
  for (const auto& [picture, found] : encoded)
    if (!found) missing.push_back(picture);
  if (missing.empty()) return;
  WithoutNotes quiet(progress);
  for (auto& [picture, found] : encode_pictures(folder, missing, steps, options, quiet))
    encoded.at(picture) = std::move(found);
}

}  // namespace likeness
