#pragma once

/// The paintings that clients have ordered: one is painted at a time, at a low priority so that
/// faces go first; the others wait their turn. Every job is on disk (style_job_files.h) before its
/// order is confirmed. A service that ends in order keeps the descent's state and goes on with it
/// when it is started again; one that is killed loses some seconds of it. A job whose painting ends
/// the service three times is given up, and says so. Safe to call from many threads.
///
///     StyleJobs jobs({.folder = "/var/lib/likeness/style"});
///     const StyleJob job = jobs.create({.content = photo, .styles = {painting}}, caller);
///     jobs.stop();                  // before the door waits for its streams to end

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <likeness/core/files.h>
#include <likeness/image/codec.h>

#include "serve/http_message.h"
#include "serve/style_job.h"

namespace likeness::serve {

struct StyleJobsOptions {
  std::filesystem::path folder;
  std::size_t waiting = 32;    ///< jobs that may wait, of all callers
  std::size_t per_caller = 8;  ///< jobs of one caller that wait or are painted
  // Finished jobs are removed, the oldest first, beyond any of these:
  double keep_days = 7;
  std::size_t keep_jobs = 500;
  std::uintmax_t keep_bytes = std::uintmax_t{2} << 30;
  int max_size = 1024;      ///< longest side of a result
  int max_styles = 4;       ///< of a job
  int threads = 0;          ///< of the painting; 0: all cores
  std::int64_t memory = 0;  ///< bytes that a painting may use; 0: 70 % of what is free
  double state_every = 20;  ///< seconds between states of a descent on disk
  DecodeLimits limits = {.max_bytes = std::size_t{16} << 20, .max_pixels = 40'000'000};
  std::function<void(const std::string&)> log = {};  ///< called from many threads
};

/// What a client wants to have painted. Views must live until create() returns.
struct StyleOrder {
  /// options.size 0: the content's, 512 at most.
  StyleJobOptions options = {.size = 0};
  std::string_view content = {};
  std::vector<std::string_view> styles = {};  ///< 1 to max_styles
};

struct StoredPicture {
  Bytes bytes;
  std::string content_type;
};

class StyleJobs {
 public:
  /// Takes up the jobs that are in the folder. Throws Error as StyleJobFiles does.
  explicit StyleJobs(StyleJobsOptions options);
  ~StyleJobs();  ///< as stop()
  StyleJobs(const StyleJobs&) = delete;
  StyleJobs& operator=(const StyleJobs&) = delete;

  /// Throws Error as decode_image does, named "content" or "style", and write_failed; Problem: busy
  /// (503), quota_exceeded (429), stopping (503).
  StyleJob create(const StyleOrder& order, const Caller& caller);

  // Others' jobs do not exist for a caller who is not admin: Error(not_found).
  /// Newest first.
  std::vector<StyleJob> list(const Caller& caller) const;
  StyleJob find(const std::string& id, const Caller& caller) const;
  /// The job as soon as its `changes` are not `seen`; as it is after `timeout`, and at once when
  /// the service stops.
  StyleJob wait_for_change(const std::string& id, std::uint64_t seen,
                           std::chrono::milliseconds timeout, const Caller& caller) const;

  /// Cancels a job that waits or is painted, and keeps what has been painted as its result; the
  /// answer is the job (running still where the step at hand takes longer than some seconds).
  /// Removes a finished one: the answer is empty.
  std::optional<StyleJob> remove(const std::string& id, const Caller& caller);

  /// The content at the size of the result.
  StoredPicture content(const std::string& id, const Caller& caller) const;
  /// Throws Error(not_found) while there is none.
  StoredPicture preview(const std::string& id, const Caller& caller) const;
  /// Throws Problem(409, not_ready) while it is not finished, Error(not_found) where it ended
  /// without one.
  StoredPicture result(const std::string& id, const Caller& caller) const;

  /// Ends the painting at hand, whose state is kept for the next start, and everybody's waiting.
  /// What is asked afterwards is answered from what is known; orders are refused.
  void stop();
  bool stopping() const;

  struct Counts {
    std::size_t waiting = 0;
    std::size_t painting = 0;
    std::size_t finished = 0;
  };
  Counts counts() const;
  const StyleJobsOptions& options() const;

 private:
  class Queue;
  std::unique_ptr<Queue> queue_;
};

}  // namespace likeness::serve
