#include "serve/connection_threads.h"

#include <utility>

namespace likeness::serve {
namespace {

thread_local bool served_beyond_limit = false;

}  // namespace

ConnectionThreads::ConnectionThreads(std::size_t limit) : limit_(limit) {}

ConnectionThreads::~ConnectionThreads() {
  shutdown();
}

bool ConnectionThreads::beyond_limit() {
  return served_beyond_limit;
}

void ConnectionThreads::enqueue(std::function<void()> connection) {
  std::unique_lock lock(mutex_);
  left_.wait(lock, [this] { return served_ < 2 * limit_ || closing_; });
  ++served_;
  const bool beyond = served_ > limit_;
  waiting_.emplace_back([this, beyond, connection = std::move(connection)] {
    served_beyond_limit = beyond;
    connection();
    const std::scoped_lock done(mutex_);
    --served_;
    left_.notify_one();
  });
  if (idle_ < waiting_.size() && threads_.size() < 2 * limit_)
    threads_.emplace_back([this] { work(); });
  else
    arrived_.notify_one();
}

void ConnectionThreads::shutdown() {
  std::vector<std::thread> threads;
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
    threads.swap(threads_);
  }
  arrived_.notify_all();
  left_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

void ConnectionThreads::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    arrived_.wait(lock, [this] { return !waiting_.empty() || closing_; });
    --idle_;
    if (waiting_.empty()) return;
    const std::function<void()> connection = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    connection();
    lock.lock();
  }
}

}  // namespace likeness::serve
