#include "serve/style_job_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <likeness/image/codec.h>
#include <sys/file.h>
#include <unistd.h>

namespace likeness::serve {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestRecord = std::size_t{1} << 20;
constexpr std::size_t kLargestPicture = std::size_t{1} << 30;  ///< what was sent was checked before
constexpr int kShownQuality = 90;

void make_private_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error)
    throw Error(ErrorCode::write_failed,
                folder.string() + ": this folder cannot be made: " + error.message());
}

/// Hidden files are what a killed process was about to write.
void remove_halves(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> halves;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().filename().string().starts_with(".")) halves.push_back(entry->path());
  for (const fs::path& half : halves) fs::remove(half, error);
}

std::string style_name(std::int64_t index) {
  return "style-" + std::to_string(index + 1);
}

}  // namespace

StyleJobFiles::StyleJobFiles(fs::path folder) : folder_(std::move(folder)) {
  make_private_folder(folder_);
  const std::string name = (folder_ / "lock").string();
  lock_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0)
    throw Error(ErrorCode::write_failed, name + ": cannot be written: " + std::strerror(errno));
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(lock_);
  throw Error(ErrorCode::unavailable,
              folder_.string() + ": another service paints in this folder; give this one its own");
}

StyleJobFiles::~StyleJobFiles() {
  ::close(lock_);
}

fs::path StyleJobFiles::folder_of(const StyleJob& job) const {
  LIKENESS_CHECK(is_job_id(job.id));
  return folder_ / job.id;
}

fs::path StyleJobFiles::state_file(const StyleJob& job) const {
  return folder_of(job) / "state";
}
fs::path StyleJobFiles::shown_file(const StyleJob& job) const {
  return folder_of(job) / "content.jpg";
}
fs::path StyleJobFiles::preview_file(const StyleJob& job) const {
  return folder_of(job) / "preview.jpg";
}
fs::path StyleJobFiles::result_file(const StyleJob& job) const {
  return folder_of(job) / (job.options.format == ImageFormat::png ? "result.png" : "result.jpg");
}

std::vector<StyleJob> StyleJobFiles::load(
    const std::function<void(const std::string&)>& note) const {
  std::vector<fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_))
    if (is_job_id(entry.path().filename().string())) folders.push_back(entry.path());
  std::vector<StyleJob> jobs;
  for (const fs::path& folder : folders)
    if (auto job = load_one(folder, note)) jobs.push_back(*std::move(job));
  std::sort(jobs.begin(), jobs.end(), [](const StyleJob& a, const StyleJob& b) {
    return std::pair(a.created_at, a.id) < std::pair(b.created_at, b.id);
  });
  return jobs;
}

std::optional<StyleJob> StyleJobFiles::load_one(
    const fs::path& folder, const std::function<void(const std::string&)>& note) const {
  const fs::path record = folder / "job.json";
  std::error_code error;
  if (!fs::exists(record, error)) {
    fs::remove_all(folder, error);
    note("style job " + folder.filename().string() + ": was never finished being ordered; removed");
    return {};
  }
  try {
    const Bytes bytes = read_file(record, kLargestRecord);
    StyleJob job = job_from_record({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                                   record.string());
    if (job.id == folder.filename()) {
      remove_halves(folder);
      return job;
    }
    throw Error(ErrorCode::corrupt_file, record.string() + ": is of another job");
  } catch (const Error& broken) {
    note("style job " + folder.filename().string() + " is left out: " + broken.what());
    return {};
  }
}

void StyleJobFiles::create(const StyleJob& job, std::string_view content,
                           const std::vector<std::string_view>& styles, const Image& shown) const {
  const fs::path folder = folder_of(job);
  try {
    make_private_folder(folder);
    write_file(folder / "content", content);
    for (std::size_t i = 0; i < styles.size(); ++i)
      write_file(folder / style_name(static_cast<std::int64_t>(i)), styles[i]);
    write_image(shown_file(job), shown, kShownQuality);
    write_record(job);
  } catch (const Error&) {
    remove(job);
    throw;
  }
}

void StyleJobFiles::write_record(const StyleJob& job) const {
  write_file(folder_of(job) / "job.json", job_record(job));
}

Bytes StyleJobFiles::content(const StyleJob& job) const {
  return read_file(folder_of(job) / "content", kLargestPicture);
}

Bytes StyleJobFiles::style(const StyleJob& job, std::int64_t index) const {
  return read_file(folder_of(job) / style_name(index), kLargestPicture);
}

void StyleJobFiles::remove_inputs(const StyleJob& job) const {
  std::error_code ignored;
  fs::remove(folder_of(job) / "content", ignored);
  for (std::int64_t i = 0; i < job.styles; ++i) fs::remove(folder_of(job) / style_name(i), ignored);
  fs::remove(state_file(job), ignored);
}

void StyleJobFiles::remove(const StyleJob& job) const {
  std::error_code ignored;
  // The record goes first: what is left by a process that ends here is removed by the next one.
  fs::remove(folder_of(job) / "job.json", ignored);
  fs::remove_all(folder_of(job), ignored);
}

std::uintmax_t StyleJobFiles::bytes(const StyleJob& job) const {
  std::uintmax_t sum = 0;
  std::error_code error;
  for (fs::directory_iterator entry(folder_of(job), error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    const std::uintmax_t size = entry->file_size(gone);
    if (!gone) sum += size;
  }
  return sum;
}

}  // namespace likeness::serve
