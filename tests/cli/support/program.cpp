#include "support/program.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <sys/wait.h>
#include <unistd.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;

void redirect(int stream, const fs::path& path, int flags) {
  const int file = ::open(path.c_str(), flags, 0644);
  if (file < 0 || ::dup2(file, stream) < 0) ::_exit(126);
}

void redirect_to_closed_pipe(int stream) {
  int ends[2];
  if (::pipe(ends) != 0 || ::close(ends[0]) != 0 || ::dup2(ends[1], stream) < 0) ::_exit(126);
}

/// In the child, between fork and exec.
[[noreturn]] void become_program(const std::vector<std::string>& arguments,
                                 const Surroundings& surroundings, const fs::path& folder) {
  redirect(STDIN_FILENO, folder / "in", O_RDONLY);
  redirect(STDERR_FILENO, folder / "err", O_WRONLY | O_CREAT | O_TRUNC);
  if (surroundings.nobody_reads)
    redirect_to_closed_pipe(STDOUT_FILENO);
  else if (!surroundings.standard_output.empty())
    redirect(STDOUT_FILENO, surroundings.standard_output, O_WRONLY | O_CREAT | O_TRUNC);
  else
    redirect(STDOUT_FILENO, folder / "out", O_WRONLY | O_CREAT | O_TRUNC);
  if (surroundings.closed_stream >= 0) ::close(surroundings.closed_stream);
  // Other tests run beside this one: threads that wait must leave them the cores.
  ::setenv("OMP_WAIT_POLICY", "passive", 0);
  for (const auto& [name, value] : surroundings.environment)
    ::setenv(name.c_str(), value.c_str(), 1);
  if (!surroundings.folder.empty() && ::chdir(surroundings.folder.c_str()) != 0) ::_exit(126);
  if (surroundings.as_nobody && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(126);
  std::vector<char*> pointers;
  std::string program = LIKENESS_PROGRAM;
  pointers.push_back(program.data());
  for (const std::string& argument : arguments)
    pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  ::execv(program.c_str(), pointers.data());
  ::_exit(127);
}

std::string content(const fs::path& path) {
  if (!fs::exists(path)) return {};
  const Bytes bytes = read_file(path, std::size_t{64} << 20);
  return {bytes.begin(), bytes.end()};
}

bool is_one_line(const std::string& text) {
  return !text.empty() && std::count(text.begin(), text.end(), '\n') == 1 && text.back() == '\n';
}

}  // namespace

Arguments joined(Arguments first, const Arguments& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

RunningProgram::RunningProgram(const std::vector<std::string>& arguments,
                               const Surroundings& surroundings) {
  write_file(folder_.path() / "in", surroundings.standard_input);
  id_ = ::fork();
  if (id_ < 0) throw std::runtime_error("fork failed");
  if (id_ == 0) become_program(arguments, surroundings, folder_.path());
}

std::string RunningProgram::out_so_far() const {
  return content(folder_.path() / "out");
}

std::string RunningProgram::err_so_far() const {
  return content(folder_.path() / "err");
}

Outcome RunningProgram::wait() {
  int status = 0;
  if (::waitpid(id_, &status, 0) != id_) throw std::runtime_error("waitpid failed");
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = content(folder_.path() / "out"),
          .err = content(folder_.path() / "err")};
}

Outcome run_likeness(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  return RunningProgram(arguments, surroundings).wait();
}

void wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(4);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("waited in vain");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

nlohmann::json json_of(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_discarded()) return json;
  ADD_FAILURE() << "not JSON: " << text;
  return nullptr;
}

void expect_json_error(std::vector<std::string> arguments, std::string_view code,
                       std::string_view part, const Surroundings& surroundings) {
  arguments.emplace_back("--json");
  const Outcome outcome = run_likeness(arguments, surroundings);
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(is_one_line(outcome.err)) << outcome.err;
  const nlohmann::json json = json_of(outcome.err);
  if (!json.contains("error")) {
    ADD_FAILURE() << "no error in " << outcome.err;
    return;
  }
  EXPECT_EQ(json["error"].value("code", ""), code) << outcome.err;
  EXPECT_NE(json["error"].value("message", "").find(part), std::string::npos) << outcome.err;
}

void expect_plain_error(const std::vector<std::string>& arguments, std::string_view part,
                        const Surroundings& surroundings) {
  const Outcome outcome = run_likeness(arguments, surroundings);
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(is_one_line(outcome.err)) << outcome.err;
  EXPECT_TRUE(outcome.err.starts_with("likeness: error: ")) << outcome.err;
  EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
}

}  // namespace likeness
