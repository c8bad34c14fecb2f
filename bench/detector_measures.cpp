#include "detector_measures.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <span>
#include <sstream>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/progress.h>
#include <likeness/evaluate/development.h>
#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/evaluate/labelled_encodings.h>
#include <likeness/evaluate/roc.h>
#include <likeness/image/codec.h>
#include <likeness/net/mobilefacenet.h>

namespace likeness::bench {
namespace {

/// All pictures with the part [begin, begin + size) of their encodings, of length 1 again.
EncodedPictures part_of(const EncodedPictures& encoded, std::size_t begin, std::size_t size) {
  EncodedPictures parts;
  for (const auto& [path, picture] : encoded) {
    auto& part = parts[path];
    if (!picture) continue;
    const std::span<const float> values = std::span(picture->encoding).subspan(begin, size);
    const float length =
        std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0F));
    part = EncodedPicture{picture->face, {}};
    for (const float value : values) part->encoding.push_back(value / length);
  }
  return parts;
}

/// The share of right decisions with the threshold that is best for these very pairs.
double best_accuracy(const std::vector<ScoredPair>& pairs) {
  std::vector<ScoredPair> sorted;
  std::int64_t right = 0;  // below every distance: all impostor pairs
  for (const auto& pair : pairs) {
    if (!pair.distance) continue;
    sorted.push_back(pair);
    right += pair.same_person ? 0 : 1;
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return *a.distance < *b.distance; });
  std::int64_t best = right;
  for (const auto& pair : sorted) best = std::max(best, right += pair.same_person ? 1 : -1);
  return static_cast<double>(best) / static_cast<double>(pairs.size());
}

VerificationQuality quality(const std::string& encoder, const EncodedPictures& encoded,
                            const PairList& list) {
  constexpr double kFmr = 1e-3;
  return {
      .encoder = encoder,
      .best_accuracy = best_accuracy(score_pairs(list, encoded)),
      .fnmr =
          1 -
          roc_curve(all_pair_distances(label_encodings(encoded, list.people))).at_far(kFmr).tar};
}

double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto place = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(place, sorted.size() - 1)];
}

}  // namespace

std::vector<ReferenceFace> read_references(const std::filesystem::path& file, int step) {
  constexpr std::size_t kMostBytes = std::size_t{64} << 20;
  const Bytes bytes = read_file(file, kMostBytes);
  std::istringstream lines(std::string(bytes.begin(), bytes.end()));
  std::vector<ReferenceFace> references;
  std::string line;
  for (int number = 0; std::getline(lines, line); ++number) {
    if (number % step != 0) continue;
    std::istringstream words(line);
    ReferenceFace reference;
    Box& box = reference.face.box;
    Landmarks& landmarks = reference.face.landmarks;
    words >> reference.path >> reference.face.score >> box.x >> box.y >> box.width >> box.height;
    for (Point* p : {&landmarks.left_eye, &landmarks.right_eye, &landmarks.nose,
                     &landmarks.left_mouth, &landmarks.right_mouth})
      words >> p->x >> p->y;
    if (!words)
      throw Error(ErrorCode::corrupt_file, file.string() + ": line " + std::to_string(number + 1) +
                                               " is not a path and 15 numbers");
    references.push_back(std::move(reference));
  }
  return references;
}

double landmark_error(const Landmarks& landmarks, const Face& reference) {
  const auto distance = [](Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); };
  const auto expected = reference.landmarks.points();
  const auto points = landmarks.points();
  double sum = 0;
  for (std::size_t i = 0; i < points.size(); ++i) sum += distance(points[i], expected[i]);
  const float eyes = distance(reference.landmarks.left_eye, reference.landmarks.right_eye);
  return sum / static_cast<double>(points.size()) / std::max(eyes, 0.3F * reference.box.width);
}

double best_error(const std::vector<Face>& faces, const Face& reference) {
  double best = std::numeric_limits<double>::infinity();
  for (const Face& face : faces) best = std::min(best, landmark_error(face.landmarks, reference));
  return best;
}

FindingMeasures measure_finding(const Method& method, const std::filesystem::path& folder,
                                const std::vector<ReferenceFace>& references) {
  LIKENESS_CHECK(!references.empty());
  method.detect(read_image(folder / references.front().path));
  std::vector<double> errors;
  std::int64_t extra = 0;
  std::clock_t ticks = 0;
  for (const auto& reference : references) {
    const Image image = read_image(folder / reference.path);
    const std::clock_t start = std::clock();
    const auto faces = method.detect(image);
    ticks += std::clock() - start;
    const double error = best_error(faces, reference.face);
    extra += static_cast<std::int64_t>(faces.size());
    if (error >= kFoundError) continue;
    errors.push_back(error);
    --extra;
  }
  std::sort(errors.begin(), errors.end());
  const auto pictures = static_cast<double>(references.size());
  const auto found = static_cast<double>(errors.size());
  return {.pictures = static_cast<std::int64_t>(references.size()),
          .recall = found / pictures,
          .extra_faces = static_cast<double>(extra) / pictures,
          .error_mean = std::accumulate(errors.begin(), errors.end(), 0.0) / std::max(found, 1.0),
          .error_median = quantile(errors, 0.5),
          .error_p95 = quantile(errors, 0.95),
          .milliseconds = 1000.0 * static_cast<double>(ticks) / CLOCKS_PER_SEC / pictures};
}

VerificationSummary measure_verification(const Method& method, const FaceEncoder& duo,
                                         const std::filesystem::path& folder, const PairList& list,
                                         int threads) {
  const auto locate = [&](const Image& image) -> std::optional<LocatedFace> {
    const auto faces = method.detect(image);
    if (faces.empty()) return std::nullopt;
    const Face& face = faces[main_face(faces, image.width(), image.height())];
    return LocatedFace{face, duo.align(image, face)};
  };
  const auto encode = [&](std::span<const AlignedFace> faces) { return duo.encode(faces); };
  Progress silent;
  const auto encoded =
      encode_pictures(folder, pictures_of({list}), {locate, encode}, {.threads = threads}, silent);

  VerificationSummary summary;
  summary.pictures = static_cast<std::int64_t>(encoded.size());
  for (const auto& [path, picture] : encoded) summary.without_face += picture ? 0 : 1;
  const std::size_t first = net::MobileFaceNetImpl::kDimensions;
  const auto second = static_cast<std::size_t>(duo.dimensions()) - first;
  summary.encoders = {quality("mobilefacenet", part_of(encoded, 0, first), list),
                      quality("resnet", part_of(encoded, first, second), list),
                      quality("duo", encoded, list)};
  return summary;
}

}  // namespace likeness::bench
