#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace likeness {

/// A program that works beside the test until it is killed.
class ServerProcess {
 public:
  ServerProcess(const std::vector<std::string>& arguments, const std::filesystem::path& log)
      : log_(log) {
    // What an earlier process wrote is not this one's.
    std::filesystem::remove(log);
    id_ = ::fork();
    if (id_ < 0) throw std::runtime_error("fork failed");
    if (id_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int output = ::open(log.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
    ::dup2(output, 1);
    ::dup2(output, 2);
    std::vector<char*> pointers;
    for (const std::string& argument : arguments)
      pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    ::execvp(pointers[0], pointers.data());
    ::_exit(127);
  }
  ~ServerProcess() { kill(); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// Sends the signal and waits for the end.
  void kill(int signal = SIGKILL) {
    if (id_ > 0) {
      ::kill(id_, signal);
      ::waitpid(id_, nullptr, 0);
    }
    id_ = 0;
  }

  /// Waits for its end; whether it succeeded.
  bool succeeds() {
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  /// Waits until its output holds `text`; false when it ends before or a minute goes by.
  bool wait_for(const std::string& text) const {
    for (int i = 0; i < 1200; ++i) {
      std::ifstream file(log_);
      const std::string output{std::istreambuf_iterator<char>(file), {}};
      if (output.find(text) != std::string::npos) return true;
      if (::waitpid(id_, nullptr, WNOHANG) != 0) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

 private:
  std::filesystem::path log_;
  pid_t id_ = 0;
};

}  // namespace likeness
