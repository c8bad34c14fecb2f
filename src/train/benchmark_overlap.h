#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <likeness/core/progress.h>
#include <likeness/model/store.h>
#include <likeness/train/face_dataset.h>
#include <likeness/train/overlap.h>

namespace likeness {

struct BenchmarkOptions {
  std::filesystem::path cache;  ///< of aligned faces
  int threads = 0;
  const Cancellation* cancellation = nullptr;
};

/// The identities of `dataset` that one of `benchmarks` has as well. A folder of identities is
/// compared by names and, with mobilefacenet, by faces; a file is a list of names: one a line, or
/// pairs as benchmarks write them (fields parted by tabs or commas, numbers count for nothing).
/// Throws Error as read_face_dataset and align_faces do; invalid_argument for a list without names.
std::vector<Overlap> find_benchmark_overlap(const FaceDataset& dataset,
                                            std::span<const std::filesystem::path> benchmarks,
                                            const ModelStore& store,
                                            const BenchmarkOptions& options, Progress& progress);

/// The names in such a list. Pure, each once, sorted.
std::vector<std::string> names_in_list(std::string_view text);

}  // namespace likeness
