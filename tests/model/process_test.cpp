#include "model/process.h"

#include <chrono>
#include <csignal>
#include <string>

#include <gtest/gtest.h>
#include <likeness/core/error.h>

#include "support/environment.h"
#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

constexpr std::chrono::minutes kLong(5);

ProcessResult shell(const std::string& script, std::chrono::milliseconds timeout = kLong) {
  return run_process({"sh", "-c", script}, "/", timeout);
}

TEST(Process, CollectsOutputAndExitCode) {
  const ProcessResult result = shell("echo one; echo two >&2; exit 3");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.output, "one\ntwo\n");
}

TEST(Process, PassesArgumentsUntouched) {
  const ProcessResult result =
      run_process({"printf", "%s|", "a b", "$HOME", "`id`", "; exit 1", "", "ü"}, "/", kLong);
  EXPECT_EQ(result.output, "a b|$HOME|`id`|; exit 1||ü|");
  EXPECT_EQ(result.exit_code, 0);
}

TEST(Process, RunsInTheFolderWithEmptyInput) {
  const TemporaryFolder folder;
  const auto real = std::filesystem::canonical(folder.path());
  EXPECT_EQ(run_process({"sh", "-c", "pwd -P; cat"}, real, kLong).output, real.string() + "\n");
}

TEST(Process, KeepsTheEndOfALongOutput) {
  const ProcessResult result = shell("seq 1 100000");
  EXPECT_EQ(result.output.size(), std::size_t{16} << 10);
  EXPECT_TRUE(result.output.ends_with("\n99999\n100000\n"));
}

/// What a program leaves in the pipe when it ends is more than is read at once.
TEST(Process, KeepsTheEndOfWhatIsLeftInThePipe) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(shell("seq 1 9000").output.ends_with("\n8999\n9000\n"));
}

TEST(Process, ReportsTheSignalThatEndedIt) {
  EXPECT_EQ(shell("kill -9 $$").exit_code, 128 + SIGKILL);
}

TEST(Process, StopsAProgramThatTakesTooLong) {
  const ProcessResult result = shell("echo begun; exec sleep 600", std::chrono::milliseconds(300));
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.exit_code, 128 + SIGTERM);
}

TEST(Process, StopsAProgramThatDoesNotWantTo) {
  const ProcessResult result =
      shell("trap '' TERM; while :; do sleep 0.1; done", std::chrono::milliseconds(300));
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.exit_code, 128 + SIGKILL);
}

TEST(Process, DoesNotWaitForGrandchildrenThatKeepThePipe) {
  const ProcessResult result = shell("sleep 600 & echo $!");
  EXPECT_EQ(result.exit_code, 0);
  const pid_t grandchild = std::stoi(result.output);
  EXPECT_EQ(::kill(grandchild, SIGKILL), 0) << "it should still run";
}

TEST(Process, ASilentProgramMayCloseItsOutput) {
  EXPECT_EQ(shell("exec >&- 2>&-; sleep 0.2; exit 4").exit_code, 4);
}

TEST(Process, SaysWhichProgramIsNotThere) {
  const ScopedEnvironment path("PATH", "/nonexistent");
  const auto call = [] { run_process({"likeness-no-such-program"}, "/", kLong); };
  EXPECT_EQ(code_of(call), ErrorCode::unavailable);
  EXPECT_EQ(message_of(call), "cannot run 'likeness-no-such-program': No such file or directory");
}

TEST(Process, DoesNotPassOnThatSigpipeIsIgnored) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(shell("kill -PIPE $$; exit 5").exit_code, 128 + SIGPIPE);
  std::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace likeness
