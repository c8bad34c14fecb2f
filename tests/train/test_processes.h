#pragma once

/// A part of a test in several processes, as a launcher would start them.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/free_port.h"

namespace likeness {

inline constexpr char kProcessFolder[] = "LIKENESS_TEST_PROCESS_FOLDER";

/// Starts this program again with the running test alone, `started` of `count` processes, which get
/// here too and run `part(folder)` with a launcher's environment and end. Returns how they ended:
/// exit codes (1: a failed expectation), or 128 + signal.
template <class Part>
std::vector<int> in_processes(int count, const std::filesystem::path& folder, Part part,
                              int started = -1) {
  if (const char* own = std::getenv(kProcessFolder)) {
    part(std::filesystem::path(own));
    std::fflush(nullptr);
    std::_Exit(testing::Test::HasFailure() ? 1 : 0);
  }
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string filter =
      std::string("--gtest_filter=") + test->test_suite_name() + "." + test->name();
  const std::string port = std::to_string(free_port());
  std::vector<pid_t> ids;
  for (int rank = 0; rank < (started < 0 ? count : started); ++rank) {
    const std::vector<std::pair<std::string, std::string>> environment = {
        {kProcessFolder, folder.string()},
        {"RANK", std::to_string(rank)},
        {"WORLD_SIZE", std::to_string(count)},
        {"LOCAL_RANK", std::to_string(rank)},
        {"LOCAL_WORLD_SIZE", std::to_string(count)},
        {"MASTER_ADDR", "127.0.0.1"},
        {"MASTER_PORT", port}};
    ids.push_back(::fork());
    if (ids.back() == 0) {
      for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
      ::execl("/proc/self/exe", "train_tests", filter.c_str(), nullptr);
      std::_Exit(127);
    }
  }
  std::vector<int> ends;
  for (const pid_t id : ids) {
    int status = 0;
    ::waitpid(id, &status, 0);
    ends.push_back(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
  return ends;
}

}  // namespace likeness
