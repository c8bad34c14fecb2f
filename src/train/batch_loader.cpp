#include <span>
#include <utility>

#include <ATen/Parallel.h>
#include <likeness/core/error.h>
#include <likeness/train/batch_loader.h>

#include "train/joined_rows.h"
#include "train/seeds.h"

namespace likeness {

BatchLoader::BatchLoader(const TrainingFaces& faces, const BatchLoaderOptions& options,
                         std::uint64_t first)
    : faces_(faces), options_(options) {
  LIKENESS_CHECK(options.threads >= 1 && options.depth >= 1);
  LIKENESS_CHECK(options.rank >= 0 && options.rank < options.processes);
  IdentitySampler sampler(faces.labels(), options.sampler, options.seed);
  if (sampler.batch_size() < options.processes)
    throw Error(ErrorCode::invalid_argument, "a batch of " + std::to_string(sampler.batch_size()) +
                                                 " pictures cannot be shared by " +
                                                 std::to_string(options.processes) +
                                                 " processes; raise --p or --k");
  state_ = sampler.state();
  sampler.restore(state_at(first));
  thread_ =
      std::thread([this, sampler = std::move(sampler)]() mutable { work(std::move(sampler)); });
}

BatchLoader::~BatchLoader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

SamplerState BatchLoader::state_at(std::uint64_t number) const {
  SamplerState state = state_;
  state.next_batch = number;
  return state;
}

TrainingBatch BatchLoader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || failure_; });
  if (ready_.empty()) std::rethrow_exception(failure_);
  TrainingBatch batch = std::move(ready_.front());
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return batch;
}

void BatchLoader::work(IdentitySampler sampler) {
  at::set_num_threads(1);  // of this thread; the others belong to the network
  try {
    while (true) {
      TrainingBatch batch;
      batch.number = sampler.state().next_batch;
      batch.faces = sampler.next();
      const RowShare share = share_of(static_cast<std::int64_t>(batch.faces.size()), options_.rank,
                                      options_.processes);
      batch.input = faces_.varied(
          std::span<const std::int64_t>(batch.faces).subspan(share.begin, share.count),
          derived_seed(options_.seed, SeedStream::augmentation, batch.number), options_.threads,
          share.begin);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] {
        return stopping_ || ready_.size() < static_cast<std::size_t>(options_.depth);
      });
      if (stopping_) return;
      ready_.push_back(std::move(batch));
      lock.unlock();
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

}  // namespace likeness
