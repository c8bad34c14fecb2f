#include "photo_batch.h"

#include <algorithm>
#include <utility>

#include <likeness/core/device.h>
#include <likeness/core/error.h>

#include "ordered_work.h"

namespace likeness::cli {
namespace {

/// True for what is wrong with one file; false for what would stop the next one too.
bool concerns_one_file(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found:
    case ErrorCode::unreadable:
    case ErrorCode::unsupported_format:
    case ErrorCode::corrupt_file:
    case ErrorCode::too_large:
    case ErrorCode::no_face:
      return true;
    default:
      return false;
  }
}

/// Counts and passes on the results of a batch.
class Collector {
 public:
  Collector(const Inputs& inputs, const std::function<void(const PhotoResult&)>& consume)
      : consume_(consume) {
    summary_.inputs = inputs.photos.size() + inputs.failures.size();
    summary_.partial = inputs.partial;
    for (const Failure& failure : inputs.failures)
      add({.path = failure.path.string(), .failure = failure});
  }
  void add(const PhotoResult& result) {
    ++summary_.finished;
    if (result.failure) {
      if (summary_.inputs == 1 && !summary_.partial)
        throw Error(result.failure->code, result.failure->message);
      if (++summary_.failed == 1) summary_.first_failure = result.failure;
    }
    consume_(result);
  }
  const BatchSummary& summary() const { return summary_; }

 private:
  const std::function<void(const PhotoResult&)>& consume_;
  BatchSummary summary_;
};

}  // namespace

int BatchSummary::conclude() const {
  if (finished < inputs)
    throw Error(ErrorCode::cancelled, "stopped after " + std::to_string(finished) + " of " +
                                          std::to_string(inputs) + " photos");
  if (partial) return kOk;
  if (failed > 0 && failed == inputs)
    throw Error(first_failure->code,
                "none of the " + std::to_string(inputs) +
                    " inputs could be used, the first: " + first_failure->message);
  return failed > 0 ? kSomeFailed : kOk;
}

BatchSummary process_photos(const Inputs& inputs, CommandContext& context, std::string_view task,
                            std::size_t chunk,
                            const std::function<std::vector<PhotoResult>(
                                std::size_t first, std::span<const std::filesystem::path>)>& work,
                            const std::function<void(const PhotoResult&)>& consume) {
  const std::span photos(inputs.photos);
  const std::size_t jobs = (photos.size() + chunk - 1) / chunk;
  const int threads = context.threads > 0 ? context.threads : core_count();
  const int workers = std::clamp(static_cast<int>(std::min<std::size_t>(jobs, 1024)), 1, threads);
  const Cancellation& cancellation = context.stop_on_interrupt();
  Progress silent;
  Progress& progress = photos.size() > 1 ? context.progress() : silent;
  progress.begin(task, static_cast<std::int64_t>(photos.size()));

  Collector collector(inputs, consume);
  std::int64_t done = 0;
  run_in_order(
      jobs, workers, [&] { set_thread_count(threads / workers); },
      [&](std::size_t job) {
        const std::size_t first = job * chunk;
        return work(first, photos.subspan(first, std::min(chunk, photos.size() - first)));
      },
      [&](const std::vector<PhotoResult>& results) {
        for (const PhotoResult& result : results) collector.add(result);
        progress.update(done += static_cast<std::int64_t>(results.size()));
        return !cancellation.requested();
      });
  progress.end();
  return collector.summary();
}

PhotoResult attempt(const std::filesystem::path& path,
                    const std::function<void(PhotoResult&)>& read) {
  PhotoResult result;
  try {
    read(result);
  } catch (const Error& error) {
    if (!concerns_one_file(error.code())) throw;
    result = {.failure = Failure{path, error.code(), error.what()}};
  }
  result.path = path.string();
  return result;
}

}  // namespace likeness::cli
