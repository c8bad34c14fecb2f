#include "served_program.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>

#include <likeness/core/error.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"
#include "stopwatch.h"

extern char** environ;

namespace likeness::bench {
namespace {

constexpr int kPatienceMs = 60'000;

/// The first line that comes through `descriptor`.
std::string read_line(int descriptor) {
  std::string line;
  for (char c = 0;;) {
    pollfd ready = {descriptor, POLLIN, 0};
    if (::poll(&ready, 1, kPatienceMs) != 1 || ::read(descriptor, &c, 1) != 1) return line;
    if (c == '\n') return line;
    line += c;
  }
}

}  // namespace

ServedProgram::ServedProgram(const std::filesystem::path& program,
                             std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {program.string(), "serve", "--port", "0"});
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  int ends[2];
  if (::pipe(ends) != 0) throw Error(ErrorCode::unavailable, "no pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addclose(&actions, ends[0]);
  const int failed =
      ::posix_spawn(&process_, program.c_str(), &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  const std::string line = failed == 0 ? read_line(ends[0]) : std::string();
  ::close(ends[0]);
  const std::size_t address = line.find("127.0.0.1:");
  if (address == std::string::npos) {
    if (failed == 0) end(SIGKILL);
    throw Error(ErrorCode::unavailable, program.string() + " serve does not listen: " + line);
  }
  port_ = std::stoi(line.substr(address + 10));
}

ServedProgram::~ServedProgram() {
  if (process_ > 0) end(SIGKILL);
}

double ServedProgram::resident_mb() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/statm");
  double size = 0;
  double resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

int ServedProgram::end(int signal) {
  ::kill(process_, signal);
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

MemoryWatch::MemoryWatch(const ServedProgram& program)
    : thread_([this, &program](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          moments_.push_back(program.resident_mb());
          std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
      }) {}

std::vector<double> MemoryWatch::fifths() {
  constexpr std::size_t kParts = 5;
  thread_.request_stop();
  thread_.join();
  std::vector<double> result;
  for (std::size_t i = 0; i < kParts; ++i) {
    const auto at = [&](std::size_t part) {
      return moments_.begin() + static_cast<std::ptrdiff_t>(moments_.size() * part / kParts);
    };
    result.push_back(median({at(i), at(i + 1)}));
  }
  return result;
}

std::string memory_text(const std::vector<double>& memory) {
  std::string text = "memory, median of each fifth of the time:";
  for (const double each : memory) text += " " + number(each, 1);
  return text + " MB, at most " + number(growth_percent(memory), 2) + " % more than in the first";
}

double growth_percent(const std::vector<double>& memory) {
  const double most = *std::max_element(memory.begin() + 1, memory.end());
  return (most - memory.front()) / memory.front() * 100;
}

}  // namespace likeness::bench
