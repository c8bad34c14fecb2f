/// Processes that meet through c10d and Gloo, and what they tell each other.

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/train/process_group.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"
#include "train/joined_rows.h"
#include "train/test_processes.h"

namespace likeness {
namespace {

using std::chrono::seconds;

const std::vector<int> kAllWell = {0, 0, 0};

std::unique_ptr<ProcessGroup> join() {
  return std::make_unique<ProcessGroup>(*process_place(), c10::kCPU, seconds(60));
}

TEST(ProcessGroup, SumsGathersAndBroadcasts) {
  const TemporaryFolder folder;
  const auto ends = in_processes(3, folder.path(), [](const auto&) {
    const auto processes = join();
    const int rank = processes->rank();
    EXPECT_EQ(processes->size(), 3);
    EXPECT_EQ(processes->is_first(), rank == 0);
    at::Tensor numbers = at::arange(4).to(at::kFloat) + rank;
    processes->sum(numbers);
    EXPECT_TRUE(at::equal(numbers, at::arange(4).to(at::kFloat) * 3 + 3));
    const at::Tensor all = processes->gather(at::full({2}, rank, at::kLong));
    EXPECT_TRUE(at::equal(all, at::arange(3).unsqueeze(1).expand({3, 2})));
    at::Tensor own = at::full({2, 2}, 7.0 + rank);
    processes->broadcast(own);
    EXPECT_TRUE(at::equal(own, at::full({2, 2}, 7.0)));
    EXPECT_EQ(processes->broadcast(rank == 0 ? "from the first" : "unheard"), "from the first");
    EXPECT_EQ(processes->broadcast(std::string(rank == 0 ? "" : "unheard")), "");
    EXPECT_TRUE(processes->any(rank == 2));
    EXPECT_FALSE(processes->any(false));
  });
  EXPECT_EQ(ends, kAllWell);
}

TEST(ProcessGroup, JoinedRowsHaveTheGradientsOfTheWholeBatch) {
  const TemporaryFolder folder;
  const auto ends = in_processes(3, folder.path(), [](const auto&) {
    const auto processes = join();
    constexpr std::int64_t kRows = 7;  // shares of 3, 2 and 2
    const at::Tensor weights = at::arange(kRows * kRows).to(at::kDouble).sin().view({kRows, kRows});
    const auto loss = [&](const at::Tensor& rows) { return (rows.mm(rows.t()) * weights).sum(); };
    at::Tensor whole = at::arange(kRows * 2).to(at::kDouble).cos().view({kRows, 2});
    const RowShare share = share_of(kRows, processes->rank(), processes->size());
    const at::Tensor own =
        whole.narrow(0, share.begin, share.count).clone().set_requires_grad(true);
    const at::Tensor joined = joined_rows(*processes, own, kRows);
    EXPECT_TRUE(at::equal(joined.detach(), whole));
    (loss(joined) / processes->size()).backward();
    whole.set_requires_grad(true);
    loss(whole).backward();
    EXPECT_TRUE(at::allclose(own.grad(), whole.grad().narrow(0, share.begin, share.count)));
  });
  EXPECT_EQ(ends, kAllWell);
}

TEST(ProcessGroup, ADeadProcessIsAnErrorForTheOthers) {
  const TemporaryFolder folder;
  const auto ends = in_processes(2, folder.path(), [](const auto&) {
    const auto processes = join();
    processes->any(false);
    if (processes->rank() == 1) std::raise(SIGKILL);
    const auto start = std::chrono::steady_clock::now();
    const auto call = [&] {
      for (int i = 0; i < 1000; ++i) processes->any(false);
    };
    EXPECT_EQ(code_of(call), ErrorCode::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(30)) << "sooner than the timeout";
  });
  EXPECT_EQ(ends, (std::vector<int>{0, 128 + SIGKILL}));
}

TEST(ProcessGroup, AProcessThatDoesNotAnswerIsAnErrorAfterTheTimeout) {
  const TemporaryFolder folder;
  const auto ends = in_processes(2, folder.path(), [](const auto&) {
    ProcessGroup processes(*process_place(), c10::kCPU, seconds(3));
    const auto wait = [&] { processes.any(false); };
    if (processes.rank() == 0)
      EXPECT_EQ(code_of(wait), ErrorCode::unavailable);
    else
      ::sleep(8);
  });
  EXPECT_EQ(ends, (std::vector<int>{0, 0}));
}

TEST(ProcessGroup, NobodyWaitsForEverForAProcessThatIsNotStarted) {
  const TemporaryFolder folder;
  const auto ends = in_processes(
      2, folder.path(),
      [](const auto&) {
        const auto wait = [] { ProcessGroup processes(*process_place(), c10::kCPU, seconds(2)); };
        EXPECT_EQ(code_of(wait), ErrorCode::unavailable);
      },
      1);
  EXPECT_EQ(ends, std::vector<int>{0});
}

TEST(RowShares, CoverAllRowsOnce) {
  for (const int size : {1, 2, 3, 5})
    for (const std::int64_t rows : {5, 6, 72}) {
      std::int64_t next = 0;
      for (int rank = 0; rank < size; ++rank) {
        const RowShare share = share_of(rows, rank, size);
        EXPECT_EQ(share.begin, next);
        EXPECT_GE(share.count, 1);
        next += share.count;
      }
      EXPECT_EQ(next, rows);
    }
}

}  // namespace
}  // namespace likeness
