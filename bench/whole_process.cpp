#include "whole_process.h"

#include <chrono>
#include <cstring>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace likeness::bench {
namespace {

/// Starts the program with its standard output in the file `output`.
pid_t start(const std::vector<std::string>& arguments, const std::filesystem::path& output) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments)
    pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  const int error = posix_spawn(&child, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    throw Error(ErrorCode::unavailable,
                arguments[0] + ": cannot be started: " + std::strerror(error));
  return child;
}

double milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

}  // namespace

ProcessCost run_whole(const std::vector<std::string>& arguments,
                      const std::filesystem::path& folder) {
  constexpr std::size_t kMostOutput = std::size_t{16} << 20;
  const std::filesystem::path output = folder / "output";
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = start(arguments, output);
  int status = 0;
  rusage usage{};
  while (wait4(child, &status, 0, &usage) < 0)
    if (errno != EINTR) throw Error(ErrorCode::unavailable, arguments[0] + ": lost sight of it");
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - begin;

  const Bytes text = read_file(output, kMostOutput);
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .wall_ms = wall.count(),
          .processor_ms = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime),
          .peak_mb = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6,
          .output = std::string(text.begin(), text.end())};
}

}  // namespace likeness::bench
