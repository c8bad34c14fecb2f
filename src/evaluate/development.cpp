#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/evaluate/development.h>
#include <likeness/evaluate/pairs.h>
#include <likeness/faces/logistic.h>
#include <torch/types.h>

namespace likeness {
namespace {

/// The encodings as rows of one matrix, and who each row shows.
struct EncodingMatrix {
  torch::Tensor rows;  ///< float32 [N, D]
  std::vector<int> person;
};

EncodingMatrix stack(const EncodedPictures& encoded) {
  EncodingMatrix result;
  std::map<std::string, int> numbers;
  std::vector<float> values;
  for (const auto& [picture, found] : encoded) {
    if (!found) continue;
    const auto number = static_cast<int>(numbers.size());
    result.person.push_back(numbers.emplace(person_of(picture), number).first->second);
    values.insert(values.end(), found->encoding.begin(), found->encoding.end());
  }
  const auto rows = static_cast<std::int64_t>(result.person.size());
  const std::int64_t columns = rows == 0 ? 0 : static_cast<std::int64_t>(values.size()) / rows;
  LIKENESS_CHECK(rows * columns == static_cast<std::int64_t>(values.size()));
  result.rows = torch::from_blob(values.data(), {rows, columns}, torch::kFloat32).clone();
  return result;
}

void check_same_pairs(const ScoreSet& first, const ScoreSet& second) {
  LIKENESS_CHECK(first.genuine.size() == second.genuine.size() &&
                 first.impostor.size() == second.impostor.size());
}

}  // namespace

ScoreSet all_pair_distances(const EncodedPictures& encoded) {
  constexpr std::int64_t kBlock = 256;  // rows; a block of products stays within the cache
  const EncodingMatrix matrix = stack(encoded);
  const std::int64_t count = matrix.rows.size(0);
  if (count * (count - 1) / 2 > kMostPairs)
    throw Error(ErrorCode::too_large, std::to_string(count) + " pictures have more than " +
                                          std::to_string(kMostPairs) + " pairs; give fewer lists");
  const torch::Tensor norms = matrix.rows.square().sum(1);
  ScoreSet scores;
  scores.impostor.reserve(static_cast<std::size_t>(count * (count - 1) / 2));
  for (std::int64_t top = 0; top < count; top += kBlock) {
    const std::int64_t bottom = std::min(top + kBlock, count);
    const torch::Tensor distances =
        (norms.slice(0, top, bottom).unsqueeze(1) + norms.slice(0, top).unsqueeze(0) -
         2 * matrix.rows.slice(0, top, bottom).matmul(matrix.rows.slice(0, top).t()))
            .clamp(0, 4)
            .contiguous();
    for (std::int64_t i = top; i < bottom; ++i) {
      const float* row = distances.data_ptr<float>() + (i - top) * distances.size(1);
      for (std::int64_t j = i + 1; j < count; ++j) {
        const bool same = matrix.person[static_cast<std::size_t>(i)] ==
                          matrix.person[static_cast<std::size_t>(j)];
        (same ? scores.genuine : scores.impostor).push_back(row[j - top]);
      }
    }
  }
  return scores;
}

double best_share(const ScoreSet& first, const ScoreSet& second) {
  check_same_pairs(first, second);
  const LogisticUnit unit = fit_logistic(
      {.genuine = {first.genuine, second.genuine}, .impostor = {first.impostor, second.impostor}});
  const double sum = unit.slopes[0] + unit.slopes[1];
  if (sum <= 0)
    throw Error(ErrorCode::invalid_argument,
                "neither encoder brings pairs of one person closer together than strangers; are "
                "the pictures sorted into the right folders?");
  return unit.slopes[0] / sum;
}

ScoreSet joined_distances(const ScoreSet& first, const ScoreSet& second, double share) {
  check_same_pairs(first, second);
  LIKENESS_CHECK(share >= 0 && share <= 1);
  const auto join = [&](const std::vector<float>& a, const std::vector<float>& b) {
    std::vector<float> joined(a.size());
    std::transform(a.begin(), a.end(), b.begin(), joined.begin(), [&](float x, float y) {
      return static_cast<float>(share * x + (1 - share) * y);
    });
    return joined;
  };
  ScoreSet result;
  result.genuine = join(first.genuine, second.genuine);
  result.impostor = join(first.impostor, second.impostor);
  return result;
}

}  // namespace likeness
