#include "stopwatch.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <likeness/core/error.h>

namespace likeness::bench {
namespace {

double processor_now_ms() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double wall_now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

struct Laps {
  std::vector<double> wall_ms;
  std::vector<double> processor_ms;
};

void run_lap(const Contestant& contestant, Laps& laps) {
  contestant.work();
  const double processor = processor_now_ms();
  const double wall = wall_now_ms();
  contestant.work();
  laps.wall_ms.push_back(wall_now_ms() - wall);
  laps.processor_ms.push_back(processor_now_ms() - processor);
}

}  // namespace

std::vector<Timing> race(std::span<const Contestant> contestants, int rounds) {
  LIKENESS_CHECK(rounds >= 1);
  std::vector<Laps> laps(contestants.size());
  for (int round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < contestants.size(); ++i) run_lap(contestants[i], laps[i]);

  std::vector<Timing> timings;
  for (const Laps& lap : laps)
    timings.push_back({.wall_ms = median(lap.wall_ms),
                       .processor_ms = median(lap.processor_ms),
                       .fastest_ms = *std::min_element(lap.wall_ms.begin(), lap.wall_ms.end())});
  return timings;
}

double median(std::vector<double> values) {
  LIKENESS_CHECK(!values.empty());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace likeness::bench
