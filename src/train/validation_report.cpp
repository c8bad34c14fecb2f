#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/train/triplet_loss.h>
#include <likeness/train/validation_report.h>
#include <nlohmann/json.hpp>

#include "train/validation.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr char kFile[] = "validation.json";
constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

/// The faces among which the hardest pairs are looked for: of very many, evenly spaced ones.
struct CandidateFaces {
  CandidateFaces(const at::Tensor& encodings, const TrainingFaces& faces) {
    constexpr std::int64_t kMost = 6000;  // a matrix of 144 MB
    const std::int64_t stride = std::max<std::int64_t>(1, (faces.size() + kMost - 1) / kMost);
    const at::Tensor rows = encodings.slice(0, 0, encodings.size(0), stride).contiguous();
    distances = squared_distances(rows, rows).contiguous();
    for (std::int64_t face = 0; face < faces.size(); face += stride) {
      labels.push_back(faces.labels()[static_cast<std::size_t>(face)]);
      pictures.push_back(faces.picture(face));
    }
  }

  at::Tensor distances;
  std::vector<std::int64_t> labels;
  std::vector<std::string> pictures;
};

/// Two candidates.
struct CandidatePair {
  float distance = 0;
  std::size_t first = 0;
  std::size_t second = 0;
};

/// For each face the partner of the wanted kind that came out worst; the worst pairs first.
std::vector<CandidatePair> worst_partners(const CandidateFaces& faces, bool same_person) {
  const std::size_t count = faces.labels.size();
  const float* distances = faces.distances.data_ptr<float>();
  std::vector<CandidatePair> worst;
  for (std::size_t i = 0; i < count; ++i) {
    CandidatePair pair{.distance = 0, .first = i, .second = i};
    for (std::size_t j = 0; j < count; ++j) {
      if (i == j || (faces.labels[i] == faces.labels[j]) != same_person) continue;
      const float distance = distances[i * count + j];
      const bool worse =
          pair.second == i || (same_person ? distance > pair.distance : distance < pair.distance);
      if (worse) pair = {.distance = distance, .first = i, .second = j};
    }
    if (pair.second != i) worst.push_back(pair);
  }
  std::stable_sort(worst.begin(), worst.end(), [&](const CandidatePair& a, const CandidatePair& b) {
    return same_person ? a.distance > b.distance : a.distance < b.distance;
  });
  return worst;
}

void add_hardest(ValidationReport& report, const CandidateFaces& faces, bool same_person,
                 std::size_t most) {
  std::set<std::size_t> shown;
  for (const CandidatePair& pair : worst_partners(faces, same_person)) {
    if (shown.size() >= 2 * most) return;
    if (shown.count(pair.first) != 0 || shown.count(pair.second) != 0) continue;
    shown.insert({pair.first, pair.second});
    report.hardest.push_back({.first = faces.pictures[pair.first],
                              .second = faces.pictures[pair.second],
                              .same_person = same_person,
                              .distance = pair.distance});
  }
}

/// The points that a drawing with a logarithmic FAR can tell apart, first and last included.
Roc thinned(const Roc& roc) {
  constexpr double kTarStep = 0.001;
  constexpr double kFarFactor = 1.02;
  Roc few;
  for (std::size_t i = 0; i < roc.points.size(); ++i) {
    const RocPoint& point = roc.points[i];
    const bool end = i == 0 || i + 1 == roc.points.size();
    if (end || point.tar - few.points.back().tar >= kTarStep ||
        point.far > few.points.back().far * kFarFactor)
      few.points.push_back(point);
  }
  return few;
}

Json as_json(const RocPoint& point) {
  return Json::array({point.threshold, point.far, point.tar});
}

ValidationReport report_from(const Json& json) {
  ValidationReport report;
  report.folder = json.at("folder").get<std::string>();
  report.faces = json.at("faces");
  report.identities = json.at("identities");
  report.genuine = json.at("genuine_pairs");
  report.impostor = json.at("impostor_pairs");
  report.eer = json.at("eer");
  report.auc = json.at("auc");
  for (const Json& point : json.at("roc"))
    report.roc.points.push_back({.threshold = point.at(0), .far = point.at(1), .tar = point.at(2)});
  for (const Json& pair : json.at("hardest"))
    report.hardest.push_back({.first = pair.at("first"),
                              .second = pair.at("second"),
                              .same_person = pair.at("same_person"),
                              .distance = pair.at("distance")});
  return report;
}

}  // namespace

ValidationReport judge_validation(const at::Tensor& encodings, const TrainingFaces& faces,
                                  const fs::path& folder, std::size_t most) {
  LIKENESS_CHECK(encodings.size(0) == faces.size());
  ScoreSet scores = distances_of_all_pairs(encodings, faces.labels());
  ValidationReport report;
  report.folder = fs::absolute(folder).lexically_normal();
  report.faces = faces.size();
  report.identities = static_cast<std::int64_t>(
      std::set<std::int64_t>(faces.labels().begin(), faces.labels().end()).size());
  report.genuine = static_cast<std::int64_t>(scores.genuine.size());
  report.impostor = static_cast<std::int64_t>(scores.impostor.size());
  const Roc roc = roc_curve(std::move(scores));
  report.eer = roc.equal_error_rate();
  report.auc = roc.area();
  report.roc = thinned(roc);
  const CandidateFaces candidates(encodings, faces);
  add_hardest(report, candidates, true, most);
  add_hardest(report, candidates, false, most);
  return report;
}

void write_validation_report(const fs::path& run, const ValidationReport& report) {
  Json json = {{"folder", report.folder.string()},
               {"faces", report.faces},
               {"identities", report.identities},
               {"genuine_pairs", report.genuine},
               {"impostor_pairs", report.impostor},
               {"eer", report.eer},
               {"auc", report.auc},
               {"roc", Json::array()},
               {"hardest", Json::array()}};
  for (const RocPoint& point : report.roc.points) json["roc"].push_back(as_json(point));
  for (const ValidationPair& pair : report.hardest)
    json["hardest"].push_back({{"first", pair.first},
                               {"second", pair.second},
                               {"same_person", pair.same_person},
                               {"distance", pair.distance}});
  write_file(run / kFile, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

ValidationReport read_validation_report(const fs::path& run) {
  const Bytes bytes = read_file(run / kFile, kMaxBytes);
  try {
    return report_from(Json::parse(bytes.begin(), bytes.end()));
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::corrupt_file, (run / kFile).string() + ": " + error.what());
  }
}

}  // namespace likeness
