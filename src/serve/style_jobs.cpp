#include "serve/style_jobs.h"

#include <algorithm>
#include <mutex>
#include <span>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/image/transform.h>
#include <likeness/style/stylise.h>

#include "serve/bytes_of.h"
#include "serve/problem.h"
#include "serve/style_job_files.h"
#include "serve/style_job_table.h"
#include "serve/style_runner.h"

namespace likeness::serve {
namespace {

using std::chrono::milliseconds;

constexpr int kAttempts = 3;
/// A client that cancels waits so long for the step at hand.
constexpr milliseconds kCancelPatience(5000);

StyleJobsOptions with_log(StyleJobsOptions options) {
  if (!options.log) options.log = [](const std::string&) {};
  return options;
}

StoredPicture stored(const std::filesystem::path& file, const std::string& content_type) {
  constexpr std::size_t kLargest = std::size_t{1} << 30;
  try {
    return {read_file(file, kLargest), content_type};
  } catch (const Error&) {  // removed since it was looked up; its path is nobody's business
    throw Error(ErrorCode::not_found, "this picture is not there any more");
  }
}

}  // namespace

class StyleJobs::Queue {
 public:
  explicit Queue(StyleJobsOptions options)
      : options_(with_log(std::move(options))),
        files_(options_.folder),
        table_({.waiting = options_.waiting, .per_caller = options_.per_caller}) {
    for (StyleJob& job : files_.load(options_.log)) take_up(std::move(job));
    tidy();
    runner_ = std::make_unique<StyleRunner>(
        table_, files_,
        StyleRunnerOptions{.painting = {.limits = options_.limits,
                                        .memory = options_.memory,
                                        .state_every = options_.state_every},
                           .threads = options_.threads,
                           .log = options_.log,
                           .tidy = [this] { tidy(); }});
  }

  StyleJob create(const StyleOrder& order, const Caller& caller);
  std::optional<StyleJob> remove(const std::string& id, const Caller& caller);
  void stop() { runner_->stop(); }

  const StyleJobsOptions& options() const { return options_; }
  const StyleJobFiles& files() const { return files_; }
  const StyleJobTable& table() const { return table_; }

 private:
  void take_up(StyleJob job);
  void tidy();
  void write_record(const StyleJob& job) const;
  std::int64_t time_of_order();

  StyleJobsOptions options_;
  StyleJobFiles files_;
  StyleJobTable table_;
  std::mutex mutex_;  ///< for the time below
  std::int64_t last_order_ = 0;
  std::unique_ptr<StyleRunner> runner_;  ///< ends first
};

/// What a job is that an earlier service left.
void StyleJobs::Queue::take_up(StyleJob job) {
  if (job.state == StyleJobState::running) {
    job.state = StyleJobState::queued;
    options_.log("style job " + job.id + ": was cut off in attempt " +
                 std::to_string(job.attempts));
  }
  if (job.state == StyleJobState::queued && job.attempts >= kAttempts) {
    job.state = StyleJobState::failed;
    job.finished_at = milliseconds_now();
    job.error = {"interrupted", "the service ended " + std::to_string(kAttempts) +
                                    " times while it painted this; order it anew, smaller"};
    options_.log("style job " + job.id + ": given up after " + std::to_string(job.attempts) +
                 " attempts");
    write_record(job);
  }
  if (job.finished()) files_.remove_inputs(job);
  const std::uintmax_t bytes = files_.bytes(job);
  table_.take_up(std::move(job), bytes);
}

std::int64_t StyleJobs::Queue::time_of_order() {
  const std::lock_guard lock(mutex_);
  last_order_ = std::max(last_order_ + 1, milliseconds_now());
  return last_order_;
}

StyleJob StyleJobs::Queue::create(const StyleOrder& order, const Caller& caller) {
  LIKENESS_CHECK(!order.styles.empty());
  table_.check_room(caller);
  const Image content = decode_image(bytes_of(order.content), "content", options_.limits);
  for (const std::string_view style : order.styles)
    decode_image(bytes_of(style), "style", options_.limits);
  StyleJob job{.id = new_job_id(), .owner = caller.id, .options = order.options};
  const PaintingSize size = painting_size(content, job.options.size);
  job.options.size = std::max(size.width, size.height);
  job.styles = static_cast<std::int64_t>(order.styles.size());
  job.created_at = time_of_order();
  job.iterations = job.options.mode == StyleMode::fast ? 1 : job.options.iterations;
  job.width = size.width;
  job.height = size.height;
  files_.create(job, order.content, order.styles,
                resize(without_alpha(content), size.width, size.height));
  try {
    table_.add(job, caller);
  } catch (const Problem&) {
    files_.remove(job);
    throw;
  }
  return job;
}

std::optional<StyleJob> StyleJobs::Queue::remove(const std::string& id, const Caller& caller) {
  const auto waiting = table_.change_waiting(id, caller, [this](StyleJob& job) {
    job.state = StyleJobState::cancelled;
    job.finished_at = milliseconds_now();
    write_record(job);
    files_.remove_inputs(job);
  });
  if (waiting) return waiting;
  const StyleJob before = table_.find(id, caller);
  if (table_.take_out(id, caller)) {
    files_.remove(before);
    return {};
  }
  runner_->cancel(id);
  return table_.wait(id, kCancelPatience, caller,
                     [](const StyleJob& job) { return job.finished(); });
}

void StyleJobs::Queue::write_record(const StyleJob& job) const {
  try {
    files_.write_record(job);
  } catch (const Error& error) {
    options_.log("style job " + job.id + ": " + error.what());
  }
}

void StyleJobs::Queue::tidy() {
  const StyleJobRetention keep{
      .days = options_.keep_days, .jobs = options_.keep_jobs, .bytes = options_.keep_bytes};
  for (const StyleJob& job : table_.take_out_old(keep, milliseconds_now())) files_.remove(job);
}

StyleJobs::StyleJobs(StyleJobsOptions options)
    : queue_(std::make_unique<Queue>(std::move(options))) {}
StyleJobs::~StyleJobs() = default;

StyleJob StyleJobs::create(const StyleOrder& order, const Caller& caller) {
  return queue_->create(order, caller);
}

std::vector<StyleJob> StyleJobs::list(const Caller& caller) const {
  return queue_->table().list(caller);
}

StyleJob StyleJobs::find(const std::string& id, const Caller& caller) const {
  return queue_->table().find(id, caller);
}

StyleJob StyleJobs::wait_for_change(const std::string& id, std::uint64_t seen, milliseconds timeout,
                                    const Caller& caller) const {
  return queue_->table().wait(id, timeout, caller,
                              [seen](const StyleJob& job) { return job.changes != seen; });
}

std::optional<StyleJob> StyleJobs::remove(const std::string& id, const Caller& caller) {
  return queue_->remove(id, caller);
}

StoredPicture StyleJobs::content(const std::string& id, const Caller& caller) const {
  return stored(queue_->files().shown_file(queue_->table().find(id, caller)), "image/jpeg");
}

StoredPicture StyleJobs::preview(const std::string& id, const Caller& caller) const {
  const StyleJob job = queue_->table().find(id, caller);
  if (job.preview == 0) throw Error(ErrorCode::not_found, "this painting has no preview");
  return stored(queue_->files().preview_file(job), "image/jpeg");
}

StoredPicture StyleJobs::result(const std::string& id, const Caller& caller) const {
  const StyleJob job = queue_->table().find(id, caller);
  if (!job.finished())
    throw Problem(409, "not_ready",
                  "this painting is " + std::string(to_string(job.state)) +
                      "; its result is there when it is done");
  if (!job.has_result)
    throw Error(ErrorCode::not_found,
                "this painting " + std::string(to_string(job.state)) + " and has no result");
  return stored(queue_->files().result_file(job),
                job.options.format == ImageFormat::png ? "image/png" : "image/jpeg");
}

void StyleJobs::stop() {
  queue_->stop();
}

bool StyleJobs::stopping() const {
  return queue_->table().stopping();
}

StyleJobs::Counts StyleJobs::counts() const {
  const auto in = [this](StyleJobState state) {
    return queue_->table().count([state](const StyleJob& job) { return job.state == state; });
  };
  return {.waiting = in(StyleJobState::queued),
          .painting = in(StyleJobState::running),
          .finished = queue_->table().count([](const StyleJob& job) { return job.finished(); })};
}

const StyleJobsOptions& StyleJobs::options() const {
  return queue_->options();
}

}  // namespace likeness::serve
