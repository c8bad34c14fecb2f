#pragma once

/// Progress and cancellation of long calls.
///
/// A long call takes a `Progress&` and calls it from the thread it was called on; the caller
/// decides what is shown. `Cancellation` may be requested from any thread.

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace likeness {

/// Receives the progress of a long call. The base class ignores everything.
class Progress {
 public:
  virtual ~Progress() = default;
  /// A piece of work named `task` starts; `total` steps in all, 0 when it is unknown.
  virtual void begin([[maybe_unused]] std::string_view task, [[maybe_unused]] std::int64_t total) {}
  /// `done` of the steps were finished by an earlier call: they say nothing of how quick this one
  /// is.
  virtual void resume(std::int64_t done) { update(done); }
  /// `done` steps (absolute, not a difference) are finished.
  virtual void update([[maybe_unused]] std::int64_t done) {}
  /// Something worth a line that does not stop the work, for example a file that was skipped.
  virtual void note([[maybe_unused]] std::string_view message) {}
  /// The piece of work is over.
  virtual void end() {}
};

/// A request to stop. Safe to use from many threads.
class Cancellation {
 public:
  void request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }
  /// Throws Error(cancelled) once a stop was requested.
  void check() const;

 private:
  std::atomic<bool> requested_ = false;
};

}  // namespace likeness
