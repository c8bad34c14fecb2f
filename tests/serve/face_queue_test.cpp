#include "serve/face_queue.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/core/error.h>

#include "serve/problem_of.h"
#include "support/error_code.h"

namespace likeness::serve {
namespace {

using namespace std::chrono_literals;
using Photos = std::vector<PhotoRequest>;
using Answers = std::vector<PhotoAnswer>;

/// A client in a thread of its own. A photo's answer is as wide as the worker says.
std::future<Answers> client(FaceQueue& queue, const Photos& photos,
                            FaceEngine::Clock::duration patience = 1min) {
  return std::async(std::launch::async, [&queue, photos, patience] {
    return queue.run(photos, FaceEngine::Clock::now() + patience);
  });
}

void wait_for(FaceQueue& queue, std::size_t waiting) {
  while (queue.waiting() != waiting) std::this_thread::yield();
}

void answer(FaceQueue& queue, FaceTask& task, int width) {
  task.answers.assign(task.photos->size(), {.width = width});
  queue.finish_reading(task);
  queue.finish(task, nullptr);
}

Photos photos(std::size_t count) {
  return Photos(count);
}

TEST(FaceQueue, GivesEachClientItsOwnAnswer) {
  FaceQueue queue(8, 8, 1);
  auto one = client(queue, photos(1));
  wait_for(queue, 1);
  auto two = client(queue, photos(2));
  wait_for(queue, 2);
  const FaceQueue::Tasks tasks = queue.take();
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(queue.waiting(), 0U);
  EXPECT_EQ(queue.working(), 2U);
  answer(queue, *tasks[1], 20);
  answer(queue, *tasks[0], 10);
  EXPECT_EQ(one.get().at(0).width, 10);
  const Answers second = two.get();
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second[1].width, 20);
  EXPECT_EQ(queue.working(), 0U);
}

TEST(FaceQueue, AFailureIsThrownToItsClientAlone) {
  FaceQueue queue(8, 8, 1);
  auto good = client(queue, photos(1));
  wait_for(queue, 1);
  auto bad = client(queue, photos(1));
  wait_for(queue, 2);
  const FaceQueue::Tasks tasks = queue.take();
  ASSERT_EQ(tasks.size(), 2U);
  queue.finish(*tasks[1], std::make_exception_ptr(Error(ErrorCode::no_face, "nobody")));
  answer(queue, *tasks[0], 1);
  EXPECT_EQ(code_of([&] { bad.get(); }), ErrorCode::no_face);
  EXPECT_EQ(good.get().size(), 1U);
}

TEST(FaceQueue, AWorkerTakesItsShareOfTheRequestsAndNoMorePhotosThanTogether) {
  FaceQueue queue(16, 4, 2);
  std::vector<std::future<Answers>> clients;
  for (const std::size_t count : {1U, 1U, 1U, 3U, 9U, 1U}) {
    clients.push_back(client(queue, photos(count)));
    wait_for(queue, clients.size());
  }
  std::vector<std::size_t> taken;
  while (queue.waiting() > 0) {
    const FaceQueue::Tasks tasks = queue.take();
    taken.push_back(tasks.size());
    for (const auto& task : tasks) answer(queue, *task, 1);
  }
  // Half of six; 3 photos, as 9 more are too many; those 9, though they are too many; the rest.
  EXPECT_EQ(taken, (std::vector<std::size_t>{3, 1, 1, 1}));
  for (auto& each : clients) each.get();
}

TEST(FaceQueue, RefusesWhatWouldWaitTooLong) {
  FaceQueue queue(1, 8, 1);
  auto waiting = client(queue, photos(1));
  wait_for(queue, 1);
  const Problem problem =
      problem_of([&] { queue.run(photos(1), FaceEngine::Clock::now() + 1min); });
  EXPECT_EQ(problem.status(), 503);
  EXPECT_EQ(problem.code(), "busy");
  EXPECT_EQ(problem.retry_after(), 1);
  const FaceQueue::Tasks tasks = queue.take();
  answer(queue, *tasks.at(0), 1);
  waiting.get();
}

TEST(FaceQueue, ARequestThatWaitedTooLongIsNotWorkedOn) {
  FaceQueue queue(8, 8, 1);
  auto late = client(queue, photos(1), 20ms);
  EXPECT_EQ(problem_of([&] { late.get(); }).code(), "timeout");
  EXPECT_EQ(queue.waiting(), 0U);
  EXPECT_EQ(problem_of([&] { queue.run(photos(1), FaceEngine::Clock::now()); }).code(), "timeout");
  auto in_time = client(queue, photos(2));
  const FaceQueue::Tasks tasks = queue.take();
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0]->photos->size(), 2U);
  answer(queue, *tasks[0], 1);
  in_time.get();
}

TEST(FaceQueue, AClientLeavesOnlyWhenNobodyLooksAtItsBytes) {
  FaceQueue queue(8, 8, 1);
  auto late = client(queue, photos(2), 20ms);
  const FaceQueue::Tasks tasks = queue.take();
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(late.wait_for(100ms), std::future_status::timeout) << "the worker reads";
  EXPECT_FALSE(queue.is_wanted(*tasks[0]));
  queue.finish_reading(*tasks[0]);
  EXPECT_EQ(problem_of([&] { late.get(); }).code(), "timeout");
  queue.finish(*tasks[0], nullptr);  // nobody listens, and that is no harm
  EXPECT_EQ(queue.working(), 0U);
}

TEST(FaceQueue, ClosingRefusesWhatWaitsAndLetsWorkEnd) {
  FaceQueue queue(8, 1, 1);
  auto worked_on = client(queue, photos(1));
  wait_for(queue, 1);
  const FaceQueue::Tasks tasks = queue.take();
  auto waiting = client(queue, photos(1));
  wait_for(queue, 1);
  auto closing = std::async(std::launch::async, [&] { queue.close(); });
  EXPECT_EQ(problem_of([&] { waiting.get(); }).code(), "stopping");
  EXPECT_EQ(closing.wait_for(50ms), std::future_status::timeout) << "a client is left";
  answer(queue, *tasks.at(0), 7);
  EXPECT_EQ(worked_on.get().at(0).width, 7);
  closing.get();
  EXPECT_TRUE(queue.take().empty());
  EXPECT_EQ(problem_of([&] { queue.run(photos(1), FaceEngine::Clock::now() + 1min); }).code(),
            "stopping");
}

}  // namespace
}  // namespace likeness::serve
