#include "serve/face_queue.h"

#include <algorithm>
#include <utility>

#include <likeness/core/error.h>

#include "serve/problem.h"

namespace likeness::serve {
namespace {

using Stage = FaceTask::Stage;

Problem timed_out() {
  return {503, "timeout", "the photos could not be looked at in time; try again later", 1};
}

Problem stopping() {
  return {503, "stopping", "the service is being stopped", 1};
}

/// Counts the threads in a function. Requires the count's mutex at both ends.
class Presence {
 public:
  Presence(std::size_t& count, std::condition_variable& left) : count_(count), left_(left) {
    ++count_;
  }
  ~Presence() {
    if (--count_ == 0) left_.notify_all();
  }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

 private:
  std::size_t& count_;
  std::condition_variable& left_;
};

void end(FaceTask& task, std::exception_ptr failure) {
  task.failure = std::move(failure);
  task.stage = Stage::done;
  task.changed.notify_one();
}

}  // namespace

FaceQueue::FaceQueue(std::size_t longest, std::size_t together, std::size_t workers)
    : longest_(longest), together_(together), workers_(workers) {
  LIKENESS_CHECK(longest >= 1 && together >= 1 && workers >= 1);
}

std::vector<PhotoAnswer> FaceQueue::run(const std::vector<PhotoRequest>& photos,
                                        FaceEngine::Clock::time_point deadline) {
  const auto task = std::make_shared<FaceTask>();
  task->photos = &photos;
  task->deadline = deadline;
  std::unique_lock lock(mutex_);
  const Presence presence(clients_, left_);
  if (closed_) throw stopping();
  if (deadline <= FaceEngine::Clock::now()) throw timed_out();
  if (tasks_.size() >= longest_)
    throw Problem(503, "busy",
                  std::to_string(tasks_.size()) + " requests wait already; try again in a second",
                  1);
  tasks_.push_back(task);
  arrived_.notify_one();
  if (!task->changed.wait_until(lock, deadline, [&] { return task->stage == Stage::done; })) {
    std::erase(tasks_, task);
    task->abandoned = true;
    // A worker may look at the caller's bytes; it ends with the photo that it has in hand.
    task->changed.wait(lock, [&] { return task->stage != Stage::reading; });
    throw timed_out();
  }
  if (task->failure) std::rethrow_exception(task->failure);
  return std::move(task->answers);
}

FaceQueue::Tasks FaceQueue::take() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] {
    drop_expired();
    return closed_ || !tasks_.empty();
  });
  std::size_t share = (tasks_.size() + workers_ - 1) / workers_;
  Tasks taken;
  for (std::size_t photos = 0; share > 0; --share) {
    FaceTask& task = *tasks_.front();
    photos += task.photos->size();
    if (!taken.empty() && photos > together_) break;
    task.stage = Stage::reading;
    taken.push_back(std::move(tasks_.front()));
    tasks_.pop_front();
  }
  working_ += taken.size();
  return taken;
}

/// Of clients that have not woken up yet.
void FaceQueue::drop_expired() {
  const auto now = FaceEngine::Clock::now();
  std::erase_if(tasks_, [&](const std::shared_ptr<FaceTask>& task) {
    if (task->deadline > now) return false;
    end(*task, std::make_exception_ptr(timed_out()));
    return true;
  });
}

bool FaceQueue::is_wanted(const FaceTask& task) {
  const std::scoped_lock lock(mutex_);
  return !task.abandoned;
}

void FaceQueue::finish_reading(FaceTask& task) {
  const std::scoped_lock lock(mutex_);
  task.stage = Stage::encoding;
  task.changed.notify_one();
}

void FaceQueue::finish(FaceTask& task, std::exception_ptr failure) {
  const std::scoped_lock lock(mutex_);
  end(task, std::move(failure));
  --working_;
}

void FaceQueue::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  for (const std::shared_ptr<FaceTask>& task : tasks_)
    end(*task, std::make_exception_ptr(stopping()));
  tasks_.clear();
  arrived_.notify_all();
  left_.wait(lock, [this] { return clients_ == 0; });
}

std::size_t FaceQueue::waiting() {
  const std::scoped_lock lock(mutex_);
  return tasks_.size();
}

std::size_t FaceQueue::working() {
  const std::scoped_lock lock(mutex_);
  return working_;
}

}  // namespace likeness::serve
