#include "model/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace likeness {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kKeptOutput = std::size_t{16} << 10;
constexpr std::chrono::milliseconds kGrace(2000);  // between the request to end and the kill

/// Both ends of a pipe; neither is inherited by programs that are started meanwhile.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0)
      throw Error(ErrorCode::unavailable, std::string("cannot open a pipe: ") + strerror(errno));
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reading() const { return ends_[0]; }
  int writing() const { return ends_[1]; }
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }

 private:
  std::array<int, 2> ends_ = {-1, -1};
};

/// What happens in the new process before the program starts.
class SpawnSetup {
 public:
  SpawnSetup(const std::filesystem::path& folder, int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    // A caller that ignores SIGPIPE would pass that on to the program.
    posix_spawnattr_init(&attributes_);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  pid_t start(const std::vector<std::string>& arguments) const {
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments)
      pointers.push_back(const_cast<char*>(argument.c_str()));  // not written to, POSIX says
    pointers.push_back(nullptr);
    pid_t process = 0;
    const int error =
        ::posix_spawnp(&process, pointers[0], &actions_, &attributes_, pointers.data(), environ);
    if (error != 0)
      throw Error(ErrorCode::unavailable,
                  "cannot run '" + arguments[0] + "': " + std::strerror(error));
    return process;
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// Waits up to `pause` for output and adds it to `output`; closes the pipe at its end. False when
/// nothing came.
bool collect(Pipe& pipe, std::string& output, std::chrono::milliseconds pause) {
  pollfd wanted = {pipe.reading(), POLLIN, 0};  // a closed end (-1) only waits
  if (::poll(&wanted, 1, static_cast<int>(pause.count())) <= 0) return false;
  std::array<char, 4096> block;
  const ssize_t count = ::read(pipe.reading(), block.data(), block.size());
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) {
    pipe.close_end(0);
    return false;
  }
  output.append(block.data(), static_cast<std::size_t>(count));
  if (output.size() > kKeptOutput) output.erase(0, output.size() - kKeptOutput);
  return true;
}

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments,
                          const std::filesystem::path& folder, std::chrono::milliseconds timeout) {
  LIKENESS_CHECK(!arguments.empty());
  Pipe pipe;
  const pid_t process = SpawnSetup(folder, pipe.writing()).start(arguments);
  pipe.close_end(1);

  ProcessResult result;
  auto deadline = Clock::now() + timeout;
  int status = 0;
  // The program's end counts, not the pipe's: a grandchild may keep that open for ever.
  while (::waitpid(process, &status, WNOHANG) == 0) {
    collect(pipe, result.output, std::chrono::milliseconds(20));
    if (Clock::now() < deadline) continue;
    ::kill(process, result.timed_out ? SIGKILL : SIGTERM);
    result.timed_out = true;
    deadline = Clock::now() + kGrace;
  }
  while (pipe.reading() >= 0 && collect(pipe, result.output, std::chrono::milliseconds(0))) {
    // what is left in the pipe
  }
  result.exit_code = exit_code(status);
  return result;
}

}  // namespace likeness
