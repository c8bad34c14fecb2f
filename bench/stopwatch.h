#pragma once

/// Time of competing pieces of work, measured side by side: other work on the machine slows all of
/// them alike.
///
///     const auto timings = race({{"ours", [&] { ours(); }}, {"theirs", [&] { theirs(); }}}, 25);
///     std::cout << timings[0].wall_ms / timings[1].wall_ms;

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace likeness::bench {

struct Contestant {
  std::string name;
  std::function<void()> work;
};

/// Of one call of the work, the medians over all rounds.
struct Timing {
  double wall_ms = 0;
  double processor_ms = 0;  ///< of all threads; other work on the machine hardly changes it
  double fastest_ms = 0;    ///< the smallest wall time
};

/// In every round each contestant works twice in a row: once to warm up, as the others have taken
/// the caches, and once for the stopwatch. Requires rounds ≥ 1.
std::vector<Timing> race(std::span<const Contestant> contestants, int rounds);

/// Requires at least one value; of an even number of values the mean of the middle two.
double median(std::vector<double> values);

}  // namespace likeness::bench
