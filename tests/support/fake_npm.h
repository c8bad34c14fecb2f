#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/environment.h"
#include "support/temporary_folder.h"

namespace likeness {

/// Puts a shell script called npm first on the PATH until the test ends, so that nothing is
/// fetched.
class FakeNpm {
 public:
  /// `script` is what npm does; its arguments are written to a log first.
  explicit FakeNpm(const std::string& script)
      : path_("PATH", folder_.path().string() + ":/usr/local/bin:/usr/bin:/bin") {
    set_script(script);
  }

  void set_script(const std::string& script) {
    const auto file = folder_.path() / "npm";
    std::ofstream(file) << "#!/bin/sh\necho \"$@\" >> '" << log_path().string() << "'\n"
                        << script << "\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }

  /// The arguments of each call.
  std::vector<std::string> calls() const {
    std::vector<std::string> lines;
    std::ifstream log(log_path());
    for (std::string line; std::getline(log, line);) lines.push_back(line);
    return lines;
  }

 private:
  std::filesystem::path log_path() const { return folder_.path() / "calls.log"; }

  TemporaryFolder folder_;
  ScopedEnvironment path_;
};

}  // namespace likeness
