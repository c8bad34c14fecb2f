#pragma once

/// P×K batches that are ready when the trainer asks for them: sampled and augmented on threads in
/// the background. What a batch holds depends on the seed and its number alone, so that neither
/// threads nor a restart change a run. `next` belongs to one thread at a time.
///
///     BatchLoader loader(faces, {.sampler = {.identities = 18, .pictures = 4}, .seed = 1}, 0);
///     const TrainingBatch batch = loader.next();

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/train/sampler.h>
#include <likeness/train/training_faces.h>

namespace likeness {

struct TrainingBatch {
  std::uint64_t number = 0;
  std::vector<std::int64_t> faces;  ///< indices into the training faces
  at::Tensor input;                 ///< of this process's share of them
};

struct BatchLoaderOptions {
  SamplerOptions sampler = {};
  std::uint64_t seed = 0;
  int threads = 1;  ///< that augment one batch
  int depth = 3;    ///< batches that are made ahead
  /// Of `processes` that share each batch this is the `rank`th: only its share is augmented, as the
  /// whole batch would be.
  int rank = 0;
  int processes = 1;
};

class BatchLoader {
 public:
  /// Starts with batch number `first`. Keeps a reference: `faces` must outlive the loader.
  /// Throws as IdentitySampler does.
  BatchLoader(const TrainingFaces& faces, const BatchLoaderOptions& options, std::uint64_t first);
  /// Waits for the batch that is being made.
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  /// The next batch, in order. Throws what making it threw.
  TrainingBatch next();
  /// The sampler's state before batch `number` (an earlier or a later one).
  SamplerState state_at(std::uint64_t number) const;

 private:
  void work(IdentitySampler sampler);

  const TrainingFaces& faces_;
  BatchLoaderOptions options_;
  SamplerState state_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<TrainingBatch> ready_;
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace likeness
