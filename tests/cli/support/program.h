#pragma once

/// Runs the built program as a user would.

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <support/temporary_folder.h>
#include <sys/types.h>

namespace likeness {

using Json = nlohmann::json;
using Arguments = std::vector<std::string>;

/// `first`, then `second`.
Arguments joined(Arguments first, const Arguments& second);

/// Whether `part` stands in `text`.
bool has(const std::string& text, std::string_view part);

struct Outcome {
  int exit_code = -1;  ///< 128 + signal for a program that a signal ended
  std::string out;
  std::string err;
};

struct Surroundings {
  std::map<std::string, std::string> environment = {};  ///< changes to that of the test
  std::string standard_input = {};
  std::string standard_output = {};   ///< a path to write to, instead of Outcome::out
  bool nobody_reads = false;          ///< standard output is a pipe that nobody reads
  int closed_stream = -1;             ///< a standard stream that is closed
  bool as_nobody = false;             ///< as user 65534; the test must run as root
  std::filesystem::path folder = {};  ///< to run in
};

/// The program at work.
class RunningProgram {
 public:
  explicit RunningProgram(const Arguments& arguments, const Surroundings& surroundings = {});
  pid_t id() const { return id_; }
  /// What it has written so far.
  std::string out_so_far() const;
  std::string err_so_far() const;
  Outcome wait();

 private:
  TemporaryFolder folder_;
  pid_t id_ = -1;
};

Outcome run_likeness(const Arguments& arguments, const Surroundings& surroundings = {});

/// Waits for `condition`; throws after four minutes.
void wait_until(const std::function<bool()>& condition);

/// The JSON that `text` is; a test failure and null when it is none.
Json json_of(const std::string& text);

/// Runs the program with --json added and expects exit code 2, nothing on standard output, and one
/// line of JSON on stderr with this code and a message that contains `part`.
void expect_json_error(Arguments arguments, std::string_view code, std::string_view part,
                       const Surroundings& surroundings = {});

/// Expects exit code 2, nothing on standard output, and one line "likeness: error: …" that contains
/// `part`.
void expect_plain_error(const Arguments& arguments, std::string_view part,
                        const Surroundings& surroundings = {});

}  // namespace likeness
