#pragma once

/// What the machine itself does while something is measured. A host takes the cores of a virtual
/// machine away at times; whatever runs there then stands still, and no program can answer.

#include <array>
#include <functional>
#include <string>
#include <thread>

namespace likeness::bench {

struct Disturbance {
  double stolen_percent = 0;  ///< of the cores' time, taken by the host
  double latest_ms = 0;       ///< by so much a thread that slept woke late, at most

  /// More than one percent was stolen: times measured meanwhile say little.
  bool is_great() const { return stolen_percent > 1; }
};

/// "1.20 % of the cores' time stolen by the host, a sleeping thread woke at most 47.1 ms late".
std::string to_text(const Disturbance& seen);

/// Watches from its making until end(). A thread of its own sleeps five milliseconds at a time.
class MachineWatch {
 public:
  MachineWatch();
  /// Watches no more. Call it once.
  Disturbance end();

 private:
  using Ticks = std::array<double, 8>;  ///< user, nice, system, idle, iowait, irq, softirq, steal
  static Ticks ticks();

  Ticks before_;
  double latest_ms_ = 0;  ///< the thread's until it has ended
  std::jthread thread_;
};

/// Calls `measure` until the machine was not greatly disturbed meanwhile, three times at most: the
/// last call is the one that counts, whatever it measured. Prints what each saw of the machine.
void until_undisturbed(const std::function<void()>& measure);

}  // namespace likeness::bench
