#include "media_program.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

std::string last_line_of(const fs::path& file) {
  std::ifstream stream(file);
  std::string last;
  for (std::string line; std::getline(stream, line);)
    if (!line.empty()) last = line;
  return last;
}

/// What the child's three standard streams become.
class Streams {
 public:
  explicit Streams(const fs::path& log) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, log.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0600);
  }
  ~Streams() { ::posix_spawn_file_actions_destroy(&actions_); }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  const posix_spawn_file_actions_t* actions() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

}  // namespace

std::optional<fs::path> find_ffmpeg() {
  const char* path = std::getenv("PATH");
  if (path == nullptr) return std::nullopt;
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path program = fs::path(folder) / "ffmpeg";
    std::error_code ignored;
    if (!folder.empty() && fs::is_regular_file(program, ignored) &&
        ::access(program.c_str(), X_OK) == 0)
      return program;
  }
  return std::nullopt;
}

ProgramResult run_program(const fs::path& program, const std::vector<std::string>& arguments,
                          const fs::path& log) {
  std::vector<std::string> texts = {program.string()};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  const Streams streams(log);
  pid_t child = -1;
  const int error =
      ::posix_spawn(&child, program.c_str(), streams.actions(), nullptr, pointers.data(), environ);
  if (error != 0)
    throw Error(ErrorCode::unavailable, program.string() + ": " + std::strerror(error));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .last_line = last_line_of(log)};
}

}  // namespace likeness::cli
