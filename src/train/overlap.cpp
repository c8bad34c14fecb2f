#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/train/overlap.h>
#include <likeness/train/triplet_loss.h>

namespace likeness {
namespace {

/// For each row the nearest of `others` and its squared distance, in blocks of rows that keep the
/// matrix of distances small.
struct Nearest {
  std::vector<float> distance;
  std::vector<std::int64_t> index;
};

Nearest nearest_rows(const at::Tensor& rows, const at::Tensor& others) {
  constexpr std::int64_t kBlock = 256;
  Nearest nearest;
  for (std::int64_t first = 0; first < rows.size(0); first += kBlock) {
    const at::Tensor block = rows.slice(0, first, std::min(first + kBlock, rows.size(0)));
    const auto [distance, index] = squared_distances(block, others).min(1);
    const at::Tensor d = distance.contiguous();
    const at::Tensor i = index.contiguous();
    nearest.distance.insert(nearest.distance.end(), d.data_ptr<float>(),
                            d.data_ptr<float>() + d.numel());
    nearest.index.insert(nearest.index.end(), i.data_ptr<std::int64_t>(),
                         i.data_ptr<std::int64_t>() + i.numel());
  }
  return nearest;
}

/// [I, D]: the mean encoding of each identity, of length 1.
at::Tensor means(const EncodedFaces& faces) {
  const auto count = static_cast<std::int64_t>(faces.identities.size());
  const at::Tensor labels = at::tensor(faces.labels, at::kLong);
  at::Tensor sums = at::zeros({count, faces.encodings.size(1)}, at::kFloat);
  sums.index_add_(0, labels, faces.encodings);
  return sums / sums.norm(2, 1, true).clamp_min(1e-12);
}

/// The overlap of each identity, filled in test by test: the first reason stays.
using Found = std::vector<std::optional<Overlap>>;

void find_names(std::span<const std::string> training, std::span<const std::string> benchmark,
                Found& found) {
  std::map<std::string, std::string> names;
  for (const std::string& name : benchmark) names.emplace(comparable_name(name), name);
  names.erase("");
  for (std::size_t i = 0; i < training.size(); ++i) {
    const auto match = names.find(comparable_name(training[i]));
    if (match == names.end() || found[i]) continue;
    found[i] = Overlap{.identity = training[i],
                       .reason = OverlapReason::same_name,
                       .benchmark_name = match->second,
                       .distance = 0,
                       .picture = {},
                       .benchmark_picture = {}};
  }
}

void find_pictures(const EncodedFaces& training, const EncodedFaces& benchmark, float threshold,
                   Found& found) {
  const Nearest nearest = nearest_rows(training.encodings, benchmark.encodings);
  std::vector<std::optional<std::size_t>> best(training.identities.size());
  for (std::size_t face = 0; face < training.labels.size(); ++face) {
    if (nearest.distance[face] > threshold) continue;
    auto& place = best[static_cast<std::size_t>(training.labels[face])];
    if (!place || nearest.distance[face] < nearest.distance[*place]) place = face;
  }
  for (std::size_t i = 0; i < best.size(); ++i) {
    if (!best[i] || found[i]) continue;
    const auto match = static_cast<std::size_t>(nearest.index[*best[i]]);
    found[i] = Overlap{
        .identity = training.identities[i],
        .reason = OverlapReason::similar_picture,
        .benchmark_name = benchmark.identities[static_cast<std::size_t>(benchmark.labels[match])],
        .distance = nearest.distance[*best[i]],
        .picture = training.pictures[*best[i]],
        .benchmark_picture = benchmark.pictures[match]};
  }
}

void find_people(const EncodedFaces& training, const EncodedFaces& benchmark, float threshold,
                 Found& found) {
  const Nearest nearest = nearest_rows(means(training), means(benchmark));
  for (std::size_t i = 0; i < training.identities.size(); ++i) {
    if (nearest.distance[i] > threshold || found[i]) continue;
    found[i] =
        Overlap{.identity = training.identities[i],
                .reason = OverlapReason::similar_person,
                .benchmark_name = benchmark.identities[static_cast<std::size_t>(nearest.index[i])],
                .distance = nearest.distance[i],
                .picture = {},
                .benchmark_picture = {}};
  }
}

std::vector<Overlap> collected(Found found) {
  std::vector<Overlap> overlaps;
  for (auto& overlap : found)
    if (overlap) overlaps.push_back(std::move(*overlap));
  return overlaps;
}

bool is_part_of_a_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void check(const EncodedFaces& faces) {
  LIKENESS_CHECK(faces.encodings.dim() == 2 && faces.encodings.scalar_type() == at::kFloat);
  LIKENESS_CHECK(faces.encodings.size(0) == static_cast<std::int64_t>(faces.labels.size()));
  LIKENESS_CHECK(faces.labels.size() == faces.pictures.size());
}

}  // namespace

std::string comparable_name(std::string_view name) {
  std::vector<std::string> words;
  bool within_word = false;
  for (const char c : name) {
    if (!is_part_of_a_word(c)) {
      within_word = false;
      continue;
    }
    if (!std::exchange(within_word, true)) words.emplace_back();
    words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  std::sort(words.begin(), words.end());
  std::string result;
  for (const std::string& word : words) result += (result.empty() ? "" : " ") + word;
  return result;
}

std::vector<Overlap> find_overlap(const EncodedFaces& training, const EncodedFaces& benchmark,
                                  const OverlapOptions& options) {
  check(training);
  check(benchmark);
  Found found(training.identities.size());
  if (options.names) find_names(training.identities, benchmark.identities, found);
  if (training.labels.empty() || benchmark.labels.empty()) return collected(std::move(found));
  LIKENESS_CHECK(training.encodings.size(1) == benchmark.encodings.size(1));
  if (options.similar_picture > 0)
    find_pictures(training, benchmark, options.similar_picture, found);
  if (options.similar_person > 0) find_people(training, benchmark, options.similar_person, found);
  return collected(std::move(found));
}

std::vector<Overlap> find_overlap_by_name(std::span<const std::string> training,
                                          std::span<const std::string> benchmark) {
  Found found(training.size());
  find_names(training, benchmark, found);
  return collected(std::move(found));
}

std::vector<std::string> identities_of(std::span<const Overlap> overlaps) {
  std::vector<std::string> names;
  for (const Overlap& overlap : overlaps) names.push_back(overlap.identity);
  return names;
}

std::string to_string(OverlapReason reason) {
  switch (reason) {
    case OverlapReason::same_name:
      return "same name";
    case OverlapReason::similar_picture:
      return "similar picture";
    case OverlapReason::similar_person:
      break;
  }
  return "similar person";
}

std::string to_string(const Overlap& overlap) {
  std::string line = overlap.identity + ": " + to_string(overlap.reason) + " as " +
                     overlap.benchmark_name + " of the benchmark";
  if (overlap.reason == OverlapReason::same_name) return line;
  std::array<char, 32> number{};
  std::snprintf(number.data(), number.size(), "%.3f", static_cast<double>(overlap.distance));
  line += std::string(", distance ") + number.data();
  if (overlap.reason == OverlapReason::similar_picture)
    line += " (" + overlap.picture + ", " + overlap.benchmark_picture + ")";
  return line;
}

}  // namespace likeness
