#include <algorithm>
#include <cmath>
#include <cstddef>

#include <likeness/core/error.h>
#include <likeness/evaluate/roc.h>

namespace likeness {
namespace {

/// The end that every curve has: "accept all", pairs without a distance included.
constexpr RocPoint kAcceptAll{0, 1, 1};

void check_distances(const std::vector<float>& sorted) {
  // NaN would make the order meaningless; a sorted vector shows it at one of its ends.
  LIKENESS_CHECK(sorted.empty() || (sorted.front() >= 0 && std::isfinite(sorted.back())));
}

}  // namespace

Roc roc_curve(ScoreSet scores) {
  auto& [genuine, impostor, genuine_without, impostor_without] = scores;
  LIKENESS_CHECK(genuine_without >= 0 && impostor_without >= 0);
  const auto all_genuine =
      static_cast<double>(genuine.size()) + static_cast<double>(genuine_without);
  const auto all_impostor =
      static_cast<double>(impostor.size()) + static_cast<double>(impostor_without);
  if (all_genuine == 0 || all_impostor == 0)
    throw Error(ErrorCode::invalid_argument,
                std::string("an ROC curve needs pairs of both classes: there are no pairs of ") +
                    (all_genuine == 0 ? "one person" : "different people"));
  std::sort(genuine.begin(), genuine.end());
  std::sort(impostor.begin(), impostor.end());
  check_distances(genuine);
  check_distances(impostor);

  Roc roc{{{-1, 0, 0}}};
  std::size_t g = 0;
  std::size_t i = 0;
  while (g < genuine.size() || i < impostor.size()) {
    const bool from_genuine =
        i == impostor.size() || (g < genuine.size() && genuine[g] <= impostor[i]);
    const float at = from_genuine ? genuine[g] : impostor[i];
    while (g < genuine.size() && genuine[g] == at) ++g;
    while (i < impostor.size() && impostor[i] == at) ++i;
    roc.points.push_back(
        {at, static_cast<double>(i) / all_impostor, static_cast<double>(g) / all_genuine});
  }
  return roc;
}

const RocPoint& Roc::at_far(double far) const {
  LIKENESS_CHECK(!points.empty() && far >= 0);
  const auto beyond =
      std::upper_bound(points.begin(), points.end(), far,
                       [](double value, const RocPoint& p) { return value < p.far; });
  return *(beyond - 1);
}

double Roc::equal_error_rate() const {
  LIKENESS_CHECK(!points.empty());
  // FAR − FRR rises from −1 to 1 along the curve; the rate lies where it passes through zero.
  RocPoint before = points.front();
  const auto excess = [](const RocPoint& point) { return point.far - (1 - point.tar); };
  for (std::size_t k = 1; k <= points.size(); ++k) {
    const RocPoint& here = k < points.size() ? points[k] : kAcceptAll;
    if (excess(here) >= 0) {
      const double share = -excess(before) / (excess(here) - excess(before));
      return before.far + share * (here.far - before.far);
    }
    before = here;
  }
  return 1;  // not reached: "accept all" has FAR 1 and FRR 0
}

double Roc::area() const {
  LIKENESS_CHECK(!points.empty());
  double sum = 0;
  RocPoint before = points.front();
  for (std::size_t k = 1; k <= points.size(); ++k) {
    const RocPoint& here = k < points.size() ? points[k] : kAcceptAll;
    sum += (here.far - before.far) * (here.tar + before.tar) / 2;
    before = here;
  }
  return sum;
}

}  // namespace likeness
