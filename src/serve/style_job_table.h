#pragma once

/// The jobs in memory: whose they are, which is next, and who waits for news of them. What is on
/// disk is the owner's business (style_jobs.h). Safe to call from many threads.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "serve/http_message.h"
#include "serve/style_job.h"

namespace likeness::serve {

struct StyleJobLimits {
  std::size_t waiting = 0;     ///< jobs that may wait
  std::size_t per_caller = 0;  ///< jobs of one caller that are not finished
};

/// How many finished jobs are kept.
struct StyleJobRetention {
  double days = 0;
  std::size_t jobs = 0;
  std::uintmax_t bytes = 0;
};

class StyleJobTable {
 public:
  using Change = std::function<void(StyleJob&)>;

  explicit StyleJobTable(const StyleJobLimits& limits) : limits_(limits) {}

  /// A job that was on disk, `bytes` large: in whatever number.
  void take_up(StyleJob job, std::uintmax_t bytes);
  /// Whether `caller` may order one more. Throws Problem: busy, quota_exceeded, stopping.
  void check_room(const Caller& caller) const;
  /// Checks once more and adds.
  void add(const StyleJob& job, const Caller& caller);

  // Throw Error(not_found) for jobs that `caller` may not see.
  std::vector<StyleJob> list(const Caller& caller) const;  ///< newest first
  StyleJob find(const std::string& id, const Caller& caller) const;
  /// Waits until `ready(job)`, `timeout`, or the stop; returns the job as it is then.
  StyleJob wait(const std::string& id, std::chrono::milliseconds timeout, const Caller& caller,
                const std::function<bool(const StyleJob&)>& ready) const;

  /// Waits for a job that waits, at most `timeout`, and makes it the one that is painted. None: the
  /// time is over, or stopping(). `begin` runs under the table's lock before anybody can see it.
  std::optional<StyleJob> next(std::chrono::milliseconds timeout,
                               const std::function<void(const StyleJob&)>& begin);
  /// Applies `change` to the job and wakes who waits for it; returns it as it is then. `change`
  /// runs under the table's lock.
  StyleJob change(const std::string& id, const Change& change);
  void set_bytes(const std::string& id, std::uintmax_t bytes);
  /// As change(), if it still waits and `caller` may see it; else nothing.
  std::optional<StyleJob> change_waiting(const std::string& id, const Caller& caller,
                                         const Change& change);

  /// Takes a finished job out. False: it is not finished.
  bool take_out(const std::string& id, const Caller& caller);
  /// Takes out the finished jobs that are beyond `keep`, the oldest first.
  std::vector<StyleJob> take_out_old(const StyleJobRetention& keep, std::int64_t now);

  void stop();
  bool stopping() const;
  std::size_t count(const std::function<bool(const StyleJob&)>& which) const;

 private:
  struct Entry {
    StyleJob job;
    std::uintmax_t bytes = 0;
  };
  void check_room_locked(const Caller& caller) const;
  const Entry& visible(const std::string& id, const Caller& caller) const;
  Entry* first_waiting();

  StyleJobLimits limits_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, Entry> entries_;
  bool stopping_ = false;
};

}  // namespace likeness::serve
