#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/faces/logistic.h>

namespace likeness {
namespace {

using Vector = std::vector<double>;
using Kinds = std::vector<std::span<const float>>;

/// One class with the probability that its pairs should get and what each of them weighs.
struct WeightedClass {
  const Kinds* distances;
  double target;
  double weight;
};

/// Cross-entropy of the unit with its first and second derivatives.
struct Evaluation {
  double loss = 0;
  Vector gradient;
  Vector hessian;  ///< row by row; only the lower triangle is used
};

// Parameters are the slopes of the distances in use, then the offset.
class Objective {
 public:
  Objective(const LogisticData& data, std::vector<std::size_t> kinds) : kinds_(std::move(kinds)) {
    const auto genuine = static_cast<double>(data.genuine.front().size());
    const auto impostor = static_cast<double>(data.impostor.front().size());
    classes_ = {{&data.genuine, (genuine + 1) / (genuine + 2), 0.5 / genuine},
                {&data.impostor, 1 / (impostor + 2), 0.5 / impostor}};
  }

  std::size_t size() const { return kinds_.size() + 1; }

  Evaluation evaluate(const Vector& parameters) const {
    Evaluation result{0, Vector(size(), 0), Vector(size() * size(), 0)};
    for (const WeightedClass& members : classes_) add(members, parameters, result);
    return result;
  }

 private:
  void add(const WeightedClass& members, const Vector& parameters, Evaluation& result) const {
    const std::size_t n = size();
    Vector x(n, 1);  // the last input is the constant that the offset multiplies
    const std::size_t pairs = members.distances->front().size();
    for (std::size_t i = 0; i < pairs; ++i) {
      double score = parameters[n - 1];
      for (std::size_t k = 0; k + 1 < n; ++k) {
        x[k] = (*members.distances)[kinds_[k]][i];
        score += parameters[k] * x[k];
      }
      // p = 1 / (1 + e^score) and -log p = log(1 + e^score), without overflow.
      const double tail = std::exp(-std::abs(score));
      const double p = (score > 0 ? tail : 1) / (1 + tail);
      const double softplus = std::max(score, 0.0) + std::log1p(tail);
      result.loss += members.weight * (softplus - (1 - members.target) * score);
      const double slope = members.weight * (members.target - p);
      const double curvature = members.weight * p * (1 - p);
      for (std::size_t r = 0; r < n; ++r) {
        result.gradient[r] += slope * x[r];
        for (std::size_t c = 0; c <= r; ++c) result.hessian[r * n + c] += curvature * x[r] * x[c];
      }
    }
  }

  std::vector<std::size_t> kinds_;
  std::vector<WeightedClass> classes_;
};

/// Solves A x = b for a symmetric positive definite A (lower triangle) by Cholesky's method.
Vector solve(Vector a, Vector b) {
  const std::size_t n = b.size();
  constexpr double kRidge = 1e-12;  // keeps a flat direction (distances all equal) solvable
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(std::max(sum, kRidge)) : sum / a[j * n + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return b;
}

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double largest(const Vector& values) {
  double result = 0;
  for (const double value : values) result = std::max(result, std::abs(value));
  return result;
}

struct State {
  Vector parameters;
  Evaluation evaluation;
};

/// Halves the Newton step until the loss falls enough (Armijo); nullopt when it falls no more.
std::optional<State> descend(const Objective& objective, const State& from) {
  const Vector step = solve(from.evaluation.hessian, from.evaluation.gradient);
  const double expected = dot(from.evaluation.gradient, step);
  for (double size = 1; size > 1e-10; size /= 2) {
    Vector to = from.parameters;
    for (std::size_t i = 0; i < to.size(); ++i) to[i] -= size * step[i];
    Evaluation there = objective.evaluate(to);
    if (there.loss < from.evaluation.loss - 1e-4 * size * expected)
      return State{std::move(to), std::move(there)};
  }
  return std::nullopt;
}

Vector minimise(const Objective& objective) {
  constexpr int kMaxSteps = 100;
  constexpr double kSmallGradient = 1e-9;
  const Vector start(objective.size(), 0);
  State state{start, objective.evaluate(start)};
  for (int i = 0; i < kMaxSteps && largest(state.evaluation.gradient) > kSmallGradient; ++i) {
    auto next = descend(objective, state);
    if (!next) break;  // as low as rounding lets it go
    state = std::move(*next);
  }
  return state.parameters;
}

void check_class(const Kinds& distances, std::size_t kinds, const char* what) {
  LIKENESS_CHECK(distances.size() == kinds && kinds > 0);
  if (distances.front().empty())
    throw Error(ErrorCode::invalid_argument,
                std::string("a logistic unit needs pairs of both classes: there are no ") + what);
  for (const auto kind : distances) {
    LIKENESS_CHECK(kind.size() == distances.front().size());
    if (!std::all_of(kind.begin(), kind.end(), [](float d) { return std::isfinite(d); }))
      throw Error(ErrorCode::invalid_argument,
                  std::string("a distance among the ") + what + " is not a finite number");
  }
}

}  // namespace

double LogisticUnit::probability(std::span<const float> distances) const {
  LIKENESS_CHECK(distances.size() == slopes.size());
  double score = offset;
  for (std::size_t k = 0; k < slopes.size(); ++k) score += slopes[k] * distances[k];
  const double tail = std::exp(-std::abs(score));
  return (score > 0 ? tail : 1) / (1 + tail);
}

LogisticUnit fit_logistic(const LogisticData& data) {
  const std::size_t kinds = data.genuine.size();
  check_class(data.genuine, kinds, "pairs of one person");
  check_class(data.impostor, kinds, "pairs of different people");

  std::vector<std::size_t> in_use(kinds);
  for (std::size_t k = 0; k < kinds; ++k) in_use[k] = k;
  while (true) {
    const Vector parameters = minimise(Objective(data, in_use));
    const auto worst = std::min_element(parameters.begin(), parameters.end() - 1);
    if (!in_use.empty() && *worst < 0) {
      in_use.erase(in_use.begin() + (worst - parameters.begin()));
      continue;
    }
    LogisticUnit unit{Vector(kinds, 0), parameters.back()};
    for (std::size_t k = 0; k < in_use.size(); ++k) unit.slopes[in_use[k]] = parameters[k];
    return unit;
  }
}

}  // namespace likeness
