#include "style/pace.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace likeness {
namespace {

constexpr std::size_t kWindow = 10;

double pixels(const Stage& stage) {
  return static_cast<double>(stage.size.width) * stage.size.height;
}

}  // namespace

void Pace::note(const Stage& stage, int looks, double seconds) {
  pace_ = seconds / (pixels(stage) * std::max(1, looks));
}

double Pace::seconds_for_step(const Stage& stage, bool first) const {
  const auto views = static_cast<double>(stage.views);
  return pace_ * pixels(stage) * ((first ? 2 : 1) * views + 0.5);
}

bool Standstill::reached_at(double value) {
  values_.push_back(value);
  if (values_.size() <= kWindow) return false;
  const double before = values_.front();
  values_.pop_front();
  return tolerance_ > 0 &&
         before - value < tolerance_ * static_cast<double>(kWindow) * std::abs(before);
}

}  // namespace likeness
