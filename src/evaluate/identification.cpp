#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/evaluate/face_place.h>
#include <likeness/evaluate/identification.h>

namespace likeness {
namespace {

/// The enrolled people.
struct Gallery {
  at::Tensor rows;                    ///< float32 [N, D]
  std::vector<std::string> pictures;  ///< of each row
};

/// A probe and the row of its mate; −1 for a stranger.
struct Probe {
  std::string picture;
  std::int64_t mate = -1;
};

at::Tensor to_rows(const std::vector<const Encoding*>& encodings) {
  const auto count = static_cast<std::int64_t>(encodings.size());
  const auto columns = count == 0 ? 0 : static_cast<std::int64_t>(encodings[0]->size());
  at::Tensor rows = at::empty({count, columns}, at::kFloat);
  float* row = rows.data_ptr<float>();
  for (const Encoding* encoding : encodings) {
    LIKENESS_CHECK(static_cast<std::int64_t>(encoding->size()) == columns);
    row = std::copy(encoding->begin(), encoding->end(), row);
  }
  return rows;
}

/// Enrols the first picture with a face of each person; the others become probes.
Gallery enrol(const IdentificationSplit& split, const EncodedPictures& encoded,
              std::vector<Probe>& probes, std::int64_t& not_enrolled) {
  Gallery gallery;
  std::vector<const Encoding*> encodings;
  for (const IdentificationSplit::Person& person : split.people) {
    const auto chosen =
        std::find_if(person.pictures.begin(), person.pictures.end(),
                     [&](const std::string& picture) { return encoded.at(picture).has_value(); });
    if (chosen == person.pictures.end()) {
      ++not_enrolled;
      continue;
    }
    for (auto picture = person.pictures.begin(); picture != person.pictures.end(); ++picture)
      if (picture != chosen)
        probes.push_back({*picture, static_cast<std::int64_t>(gallery.pictures.size())});
    gallery.pictures.push_back(*chosen);
    encodings.push_back(&encoded.at(*chosen)->encoding);
  }
  gallery.rows = to_rows(encodings);
  return gallery;
}

void add_mated(IdentificationMeasures& measures, const Probe& probe, const Gallery& gallery,
               std::span<const float> distances) {
  const auto nearest = std::min_element(distances.begin(), distances.end());
  const float own = distances[static_cast<std::size_t>(probe.mate)];
  const auto closer =
      std::count_if(distances.begin(), distances.end(), [&](float d) { return d <= own; });
  measures.mated.push_back(
      {.picture = probe.picture,
       .mate = gallery.pictures[static_cast<std::size_t>(probe.mate)],
       .nearest = gallery.pictures[static_cast<std::size_t>(nearest - distances.begin())],
       .rank = closer,  // itself included
       .mate_distance = own,
       .nearest_distance = *nearest});
}

void add_stranger(IdentificationMeasures& measures, const Probe& probe, const Gallery& gallery,
                  std::span<const float> distances) {
  const auto nearest = std::min_element(distances.begin(), distances.end());
  measures.strangers.push_back(
      {.picture = probe.picture,
       .nearest = gallery.pictures[static_cast<std::size_t>(nearest - distances.begin())],
       .distance = *nearest});
}

/// Compares every probe with the whole gallery, block by block.
void search(const std::vector<Probe>& probes, const Gallery& gallery,
            const EncodedPictures& encoded, IdentificationMeasures& measures) {
  constexpr std::size_t kBlock = 256;
  const at::Tensor norms = gallery.rows.square().sum(1);
  for (std::size_t begin = 0; begin < probes.size(); begin += kBlock) {
    const std::size_t end = std::min(begin + kBlock, probes.size());
    std::vector<const Encoding*> encodings;
    for (std::size_t i = begin; i < end; ++i)
      encodings.push_back(&encoded.at(probes[i].picture)->encoding);
    const at::Tensor rows = to_rows(encodings);
    const at::Tensor distances =
        (rows.square().sum(1).unsqueeze(1) + norms - 2 * rows.matmul(gallery.rows.t()))
            .clamp(0, 4)
            .contiguous();
    const auto columns = static_cast<std::size_t>(distances.size(1));
    for (std::size_t i = begin; i < end; ++i) {
      const std::span<const float> row(distances.data_ptr<float>() + (i - begin) * columns,
                                       columns);
      if (probes[i].mate >= 0)
        add_mated(measures, probes[i], gallery, row);
      else
        add_stranger(measures, probes[i], gallery, row);
    }
  }
}

std::vector<double> cumulative_matches(const IdentificationMeasures& measures) {
  const auto longest = std::min<std::int64_t>(kLongestCmc, measures.enrolled);
  std::vector<double> cmc(static_cast<std::size_t>(longest), 0);
  for (const MatedProbe& probe : measures.mated)
    if (probe.rank >= 1 && probe.rank <= longest) ++cmc[static_cast<std::size_t>(probe.rank) - 1];
  double sum = 0;
  for (double& rate : cmc) rate = (sum += rate) / static_cast<double>(measures.mated.size());
  return cmc;
}

/// FNIR over FPIR at every distance at which one of them changes.
std::vector<OpenSetPoint> open_set_curve(const IdentificationMeasures& measures) {
  std::vector<float> found;  // distances of mates that come first
  for (const MatedProbe& probe : measures.mated)
    if (probe.rank == 1) found.push_back(probe.mate_distance);
  std::vector<float> taken;  // distances at which strangers are taken for somebody
  for (const StrangerProbe& probe : measures.strangers)
    if (probe.distance) taken.push_back(*probe.distance);
  std::sort(found.begin(), found.end());
  std::sort(taken.begin(), taken.end());
  const auto mated = static_cast<double>(measures.mated.size());
  const auto strangers = static_cast<double>(measures.strangers.size());
  std::vector<OpenSetPoint> curve = {{-1, 0, 1}};
  std::size_t f = 0;
  std::size_t t = 0;
  while (f < found.size() || t < taken.size()) {
    const bool from_found = t == taken.size() || (f < found.size() && found[f] <= taken[t]);
    const float at = from_found ? found[f] : taken[t];
    while (f < found.size() && found[f] == at) ++f;
    while (t < taken.size() && taken[t] == at) ++t;
    curve.push_back({at, static_cast<double>(t) / strangers, 1 - static_cast<double>(f) / mated});
  }
  return curve;
}

}  // namespace

IdentificationSplit split_gallery(const PictureSet& pictures, const SplitOptions& options) {
  if (!(options.strangers >= 0 && options.strangers < 1))
    throw Error(ErrorCode::invalid_argument, "share of strangers " +
                                                 std::to_string(options.strangers) +
                                                 ": must lie from 0 to below 1, for example 0.5");
  std::map<std::string, std::vector<std::string>> people;
  for (const auto& [picture, person] : pictures.people) people[person].push_back(picture);
  IdentificationSplit split;
  Random random(options.seed.value_or(1));
  for (auto& [name, own] : people) {
    const bool stranger = options.strangers > 0 && random.uniform() < options.strangers;
    if (own.size() == 1 || stranger) {
      split.strangers.insert(split.strangers.end(), own.begin(), own.end());
      continue;
    }
    if (options.seed)
      for (std::size_t i = 0; i + 1 < own.size(); ++i)
        std::swap(own[i], own[i + random.below(own.size() - i)]);
    split.people.push_back({name, std::move(own)});
  }
  if (split.people.empty())
    throw Error(ErrorCode::invalid_argument,
                "identification needs people with two pictures or more: one to enrol, the others "
                "to ask about; of " +
                    std::to_string(people.size()) + " people none is left");
  return split;
}

IdentificationMeasures measure_identification(const IdentificationSplit& split,
                                              const EncodedPictures& encoded) {
  IdentificationMeasures measures;
  std::vector<Probe> probes;
  const Gallery gallery = enrol(split, encoded, probes, measures.not_enrolled);
  measures.enrolled = static_cast<std::int64_t>(gallery.pictures.size());
  for (const std::string& picture : split.strangers) probes.push_back({picture, -1});
  if (gallery.pictures.empty())
    throw Error(ErrorCode::invalid_argument,
                "nobody could be enrolled: no face was found in any picture of " +
                    std::to_string(split.people.size()) + " people");

  std::vector<Probe> with_face;
  for (Probe& probe : probes) {
    if (encoded.at(probe.picture)) {
      with_face.push_back(std::move(probe));
      continue;
    }
    ++measures.without_face;
    if (probe.mate >= 0)
      measures.mated.push_back({.picture = probe.picture,
                                .mate = gallery.pictures[static_cast<std::size_t>(probe.mate)],
                                .nearest = {}});
    else
      measures.strangers.push_back({probe.picture, {}, std::nullopt});
  }
  search(with_face, gallery, encoded, measures);
  if (measures.mated.empty())
    throw Error(ErrorCode::invalid_argument, "there are no probes of enrolled people");
  measures.guessed = std::count_if(encoded.begin(), encoded.end(), [](const auto& entry) {
    return entry.second && is_guessed(*entry.second);
  });
  measures.cmc = cumulative_matches(measures);
  if (!measures.strangers.empty()) measures.curve = open_set_curve(measures);
  return measures;
}

const OpenSetPoint& IdentificationMeasures::at_fpir(double fpir) const {
  LIKENESS_CHECK(!curve.empty() && fpir >= 0);
  const auto beyond =
      std::upper_bound(curve.begin(), curve.end(), fpir,
                       [](double value, const OpenSetPoint& point) { return value < point.fpir; });
  return *(beyond - 1);
}

}  // namespace likeness
