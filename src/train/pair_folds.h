#pragma once

/// People shared out into folds, and the pairs that a pair classifier learns from and is judged on.

#include <cstdint>
#include <functional>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>
#include <likeness/evaluate/labelled_encodings.h>
#include <likeness/train/pair_sampling.h>
#include <likeness/train/pair_training.h>

namespace likeness {

/// The encodings of some of the people.
struct PeoplePart {
  at::Tensor encodings;  ///< float32 [N, D]
  std::vector<std::int64_t> labels;
};

/// The fold of each person, in an order of chance; people with one picture and the others each in
/// turn. Throws Error(invalid_argument) unless each fold gets two with two pictures.
std::vector<int> share_out(const LabelledEncodings& encodings, int folds, Random& random);

/// The people whose fold `wanted` accepts.
PeoplePart select_people(const LabelledEncodings& encodings, const std::vector<int>& fold,
                         const std::function<bool(int)>& wanted);

/// Balanced pairs to learn from, a share of the impostors mined.
PairSample draw_pairs(const PeoplePart& part, const PairTrainingOptions& options, Random& random);

/// Pairs to judge on: every pair of one person, up to fifty drawn ones each, and `impostors` pairs
/// of two people drawn uniformly, or as many as there are.
PairSample held_out_pairs(const PeoplePart& part, std::int64_t impostors, Random& random);

}  // namespace likeness
