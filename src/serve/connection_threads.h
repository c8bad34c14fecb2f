#pragma once

/// The threads that serve connections: as many as there are connections, up to a limit, since they
/// mostly wait (for the network, for a worker). Beyond the limit as many again are served only to
/// be told that the service is busy; what comes after those waits in the system's queue.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <httplib.h>

namespace likeness::serve {

class ConnectionThreads : public httplib::TaskQueue {
 public:
  /// Requires limit ≥ 1.
  explicit ConnectionThreads(std::size_t limit);
  ~ConnectionThreads() override;

  /// Blocks while twice the limit are being served.
  void enqueue(std::function<void()> connection) override;
  /// Waits for all connections to end.
  void shutdown() override;

  /// Whether the calling thread serves a connection beyond the limit.
  static bool beyond_limit();

 private:
  void work();

  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable left_;
  std::deque<std::function<void()>> waiting_;
  std::vector<std::thread> threads_;
  std::size_t served_ = 0;  ///< connections, waiting ones included
  std::size_t idle_ = 0;    ///< threads
  bool closing_ = false;
};

}  // namespace likeness::serve
