#include "machine_watch.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <numeric>

#include "report.h"

namespace likeness::bench {
namespace {

constexpr std::size_t kStolen = 7;
constexpr int kAttempts = 3;

}  // namespace

std::string to_text(const Disturbance& seen) {
  return number(seen.stolen_percent, 2) +
         " % of the cores' time stolen by the host, a sleeping thread woke at most " +
         number(seen.latest_ms, 1) + " ms late";
}

MachineWatch::MachineWatch()
    : before_(ticks()), thread_([this](const std::stop_token& stop) {
        using Clock = std::chrono::steady_clock;
        constexpr std::chrono::milliseconds kNap(5);
        while (!stop.stop_requested()) {
          const Clock::time_point start = Clock::now();
          std::this_thread::sleep_for(kNap);
          const std::chrono::duration<double, std::milli> late = Clock::now() - start - kNap;
          latest_ms_ = std::max(latest_ms_, late.count());
        }
      }) {}

Disturbance MachineWatch::end() {
  thread_.request_stop();
  thread_.join();
  Ticks spent = ticks();
  for (std::size_t i = 0; i < spent.size(); ++i) spent[i] -= before_[i];
  const double all = std::accumulate(spent.begin(), spent.end(), 0.0);
  return {.stolen_percent = all > 0 ? spent[kStolen] / all * 100 : 0, .latest_ms = latest_ms_};
}

/// Of all cores, since the machine began (proc_stat(5)).
MachineWatch::Ticks MachineWatch::ticks() {
  std::ifstream file("/proc/stat");
  std::string name;
  file >> name;
  Ticks ticks = {};
  for (double& each : ticks) file >> each;
  return ticks;
}

void until_undisturbed(const std::function<void()>& measure) {
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    MachineWatch watch;
    measure();
    const Disturbance seen = watch.end();
    const bool again = seen.is_great() && attempt < kAttempts;
    std::cout << "the machine meanwhile: " << to_text(seen)
              << (again             ? "; disturbed, measured again"
                  : seen.is_great() ? "; disturbed each time, so the times say little"
                                    : "")
              << "\n";
    if (!again) return;
  }
}

}  // namespace likeness::bench
