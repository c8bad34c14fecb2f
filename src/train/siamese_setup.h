#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include <likeness/core/progress.h>
#include <likeness/model/store.h>
#include <likeness/train/overlap.h>
#include <likeness/train/siamese_network.h>
#include <likeness/train/siamese_run.h>
#include <likeness/train/training_faces.h>

namespace likeness {

/// What a run trains, and on which faces.
struct SiameseSetup {
  std::unique_ptr<TrainingFaces> train;
  std::unique_ptr<TrainingFaces> validation;
  std::int64_t train_identities = 0;
  std::int64_t validation_identities = 0;
  std::int64_t skipped = 0;        ///< pictures that gave no face
  std::filesystem::path pictures;  ///< that the faces' relative picture paths start from
  std::vector<Overlap> overlaps;   ///< people of benchmarks, who were left out
  std::unique_ptr<SiameseNetwork> network;
};

/// Throws as layer_rates does where the training of a network goes on.
void check_layers(const ModelStore& store, const SiameseOptions& options);

/// Reads, aligns and splits the data set, encodes it where the network's first part is frozen, and
/// makes the network as it starts.
SiameseSetup set_up(const ModelStore& store, const SiameseOptions& options, Progress& progress,
                    const Cancellation* cancellation);

}  // namespace likeness
