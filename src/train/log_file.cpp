#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/train/log_file.h>
#include <nlohmann/json.hpp>

namespace likeness {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxLogBytes = std::size_t{1} << 30;

}  // namespace

void for_each_log_line(const fs::path& path,
                       const std::function<void(std::string_view line)>& take) {
  const Bytes bytes = read_file(path, kMaxLogBytes);
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (std::int64_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    if (end == text.npos) return;  // torn by a kill
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    try {
      take(line);
    } catch (const Json::exception& error) {
      throw Error(ErrorCode::corrupt_file,
                  path.string() + ": line " + std::to_string(number) + ": " + error.what());
    }
  }
}

LogFile::LogFile(fs::path path, std::int64_t last_step) : path_(std::move(path)) {
  std::string kept;
  std::error_code ignored;
  if (last_step > 0 && fs::exists(path_, ignored))
    for_each_log_line(path_, [&](std::string_view line) {
      if (Json::parse(line).at("step").get<std::int64_t>() <= last_step)
        kept += std::string(line) + "\n";
    });
  write_file(path_, kept);
  file_.open(path_, std::ios::app);
  if (!file_) throw Error(ErrorCode::write_failed, path_.string() + ": " + std::strerror(errno));
}

void LogFile::write(const std::string& json) {
  file_ << json << '\n' << std::flush;
  if (!file_) throw Error(ErrorCode::write_failed, path_.string() + ": " + std::strerror(errno));
}

}  // namespace likeness
