#include "serve/style_runner.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <span>
#include <utility>

#include <ATen/Parallel.h>
#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>

#include "serve/problem.h"
#include "serve/thread_priority.h"

namespace likeness::serve {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kPreviewQuality = 85;
constexpr int kResultQuality = 95;
/// Progress is told no more often.
constexpr milliseconds kTellEvery(100);
/// Old jobs are looked for so often while nothing happens.
constexpr milliseconds kTidyEvery(10 * 60 * 1000);

/// What the owner of a failed job is told. What is the service's own fault may name files of this
/// machine: that is for the log.
StyleJobError told_error(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::write_failed)
      return {"write_failed",
              "the service could not write to its disk (full, or not writable); its log says more"};
    if (error.code() == ErrorCode::diverged) return {"diverged", error.what()};
    if (status_of(error.code()) != 500 && error.code() != ErrorCode::not_found)
      return {std::string(to_string(error.code())), error.what()};
  } catch (...) {
  }
  return {"internal", "the service failed; its log says why"};
}

}  // namespace

StyleRunner::StyleRunner(StyleJobTable& table, const StyleJobFiles& files,
                         StyleRunnerOptions options)
    : table_(table),
      files_(files),
      options_(std::move(options)),
      brushes_(options_.painting),
      thread_([this] { work(); }) {}

StyleRunner::~StyleRunner() {
  stop();
}

void StyleRunner::cancel(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (painted_ != id) return;
  by_client_ = true;
  cancellation_->request();
}

void StyleRunner::stop() {
  std::call_once(stopped_, [this] {
    table_.stop();
    {
      const std::lock_guard lock(mutex_);
      if (cancellation_) cancellation_->request();
    }
    thread_.join();
  });
}

void StyleRunner::work() {
  lower_priority(kMuchNicer);
  at::set_num_threads(options_.threads > 0 ? options_.threads : core_count());
  const auto begin = [this](const StyleJob& job) {
    const std::lock_guard lock(mutex_);
    painted_ = job.id;
    by_client_ = false;
    cancellation_ = std::make_unique<Cancellation>();
  };
  while (!table_.stopping()) {
    if (const auto job = table_.next(kTidyEvery, begin)) paint(*job);
    options_.tidy();
  }
}

void StyleRunner::paint(const StyleJob& job) {
  StylePainted painted;
  std::exception_ptr thrown;
  try {
    files_.write_record(job);
    painted = brushes_.paint(job, files_, events_of(job), *cancellation_);
  } catch (const Error& error) {
    painted.cancelled = error.code() == ErrorCode::cancelled;
    if (!painted.cancelled) thrown = std::current_exception();
  } catch (...) {
    thrown = std::current_exception();
  }
  bool by_client = false;
  {
    const std::lock_guard lock(mutex_);
    painted_.clear();
    by_client = by_client_;
  }
  try {
    if (!thrown) end(job, painted, by_client);
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) fail(job, thrown);
}

StylePaintingEvents StyleRunner::events_of(const StyleJob& job) {
  const auto progress = [this, id = job.id, before = job.seconds, told = Clock::time_point()](
                            std::int64_t done, std::int64_t total, double seconds,
                            const std::optional<Costs>& costs) mutable {
    if (Clock::now() - told < kTellEvery) return;
    told = Clock::now();
    table_.change(id, [&](StyleJob& now) {
      now.iteration = done;
      now.iterations = total;
      now.progress = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
      now.seconds = before + seconds;
      now.costs = costs;
    });
  };
  const auto preview = [this, job](const Image& picture, std::int64_t iteration) {
    write_file(files_.preview_file(job), std::span<const std::uint8_t>(encode_image(
                                             picture, ImageFormat::jpeg, kPreviewQuality)));
    table_.change(job.id, [iteration](StyleJob& now) { now.preview = iteration; });
  };
  return {.progress = progress, .preview = preview, .note = options_.log};
}

void StyleRunner::end(const StyleJob& job, const StylePainted& painted, bool by_client) {
  if (painted.cancelled && !by_client) {
    put_back(job, painted.seconds);
    return;
  }
  const bool has_result = !painted.picture.empty();
  if (has_result) write_image(files_.result_file(job), painted.picture, kResultQuality);
  finish(job, painted.cancelled ? StyleJobState::cancelled : StyleJobState::done,
         [&](StyleJob& now) {
           now.has_result = has_result;
           if (!has_result) return;
           now.costs = painted.costs;
           now.iteration = painted.iterations;
           now.seconds = painted.seconds;
           if (!painted.cancelled) now.progress = 1;
         });
}

void StyleRunner::fail(const StyleJob& job, const std::exception_ptr& thrown) {
  options_.log("style job " + job.id + " failed: " + text_of(thrown));
  files_.remove_inputs(job);  // on a full disk, this makes room for the record
  finish(job, StyleJobState::failed, [&](StyleJob& now) { now.error = told_error(thrown); });
}

/// The service stops: the job waits for the next start, as if this attempt had not been.
void StyleRunner::put_back(const StyleJob& job, double seconds) {
  const StyleJob now = table_.change(job.id, [seconds](StyleJob& waiting) {
    waiting.state = StyleJobState::queued;
    --waiting.attempts;
    waiting.seconds = std::max(waiting.seconds, seconds);
  });
  write_record(now);
}

void StyleRunner::finish(const StyleJob& job, StyleJobState state,
                         const StyleJobTable::Change& change) {
  const Caller self{.role = Role::admin};
  StyleJob finished = table_.find(job.id, self);
  change(finished);
  finished.state = state;
  finished.finished_at = milliseconds_now();
  // All is done on disk before anybody hears of it: from then on a client may remove the job.
  write_record(finished);
  files_.remove_inputs(finished);
  table_.set_bytes(job.id, files_.bytes(finished));
  table_.change(job.id, [&finished](StyleJob& now) {
    finished.changes = now.changes;
    now = finished;
  });
}

void StyleRunner::write_record(const StyleJob& job) {
  try {
    files_.write_record(job);
  } catch (const Error& error) {
    options_.log("style job " + job.id + ": " + error.what());
  }
}

}  // namespace likeness::serve
