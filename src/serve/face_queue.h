#pragma once

/// The requests of a FaceEngine on their way from a client's thread to a worker and back. Safe to
/// use from many threads.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "serve/face_engine.h"

namespace likeness::serve {

/// A request and what becomes of it. All but `photos`, `deadline` and `answers` belong to the
/// queue; `answers` to the worker until the request is done, then to the client.
struct FaceTask {
  enum class Stage {
    waiting,   ///< in the queue
    reading,   ///< a worker looks at the photos' bytes
    encoding,  ///< a worker needs the bytes no more
    done,
  };
  const std::vector<PhotoRequest>* photos = nullptr;  ///< valid up to stage `reading`
  FaceEngine::Clock::time_point deadline;
  std::vector<PhotoAnswer> answers;
  Stage stage = Stage::waiting;
  std::exception_ptr failure;
  bool abandoned = false;  ///< its client waits no more
  std::condition_variable changed;
};

class FaceQueue {
 public:
  using Tasks = std::vector<std::shared_ptr<FaceTask>>;

  /// At most `longest` requests wait; for each of `workers` about as many of them, of together at
  /// most `together` photos. Requires all ≥ 1.
  FaceQueue(std::size_t longest, std::size_t together, std::size_t workers);

  /// The client's side: waits until the photos are done. Throws Problem (busy, timeout, stopping)
  /// and what the worker failed with.
  std::vector<PhotoAnswer> run(const std::vector<PhotoRequest>& photos,
                               FaceEngine::Clock::time_point deadline);

  /// The worker's side: waits for requests and takes its share of them, in stage `reading`; none
  /// once the queue is closed. One request at least, however many photos it has.
  Tasks take();
  /// Whether the client still waits.
  bool is_wanted(const FaceTask& task);
  /// From here on the photos' bytes are not looked at.
  void finish_reading(FaceTask& task);
  /// `failure` null: the answers are complete, or nobody wants them.
  void finish(FaceTask& task, std::exception_ptr failure);

  /// Refuses what waits and what comes; returns when no client is left in run().
  void close();

  std::size_t waiting();
  std::size_t working();

 private:
  void drop_expired();

  const std::size_t longest_;
  const std::size_t together_;
  const std::size_t workers_;
  std::mutex mutex_;
  std::condition_variable arrived_;  ///< for workers
  std::condition_variable left_;     ///< for close()
  std::deque<std::shared_ptr<FaceTask>> tasks_;
  std::size_t working_ = 0;  ///< requests taken and not finished
  std::size_t clients_ = 0;  ///< threads in run()
  bool closed_ = false;
};

}  // namespace likeness::serve
