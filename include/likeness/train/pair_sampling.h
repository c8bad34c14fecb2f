#pragma once

/// Pairs of pictures for verification as binary classification: as many of one person as of two.
/// Pure functions, safe to call from many threads.
///
///     const PairSample pairs = balanced_pairs(labels, 64, random);

#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>

namespace likeness {

/// Indices of pictures. The first half of the pairs is genuine, the second of different people.
struct PairSample {
  std::vector<std::int64_t> first;
  std::vector<std::int64_t> second;
  std::vector<bool> same_person;
};

/// `count` pairs, drawn independently of each other: genuine ones of an identity drawn uniformly
/// from those with two pictures or more, impostors of two different identities, pictures uniform in
/// each. O(N·log N + count). Throws Error(invalid_argument) when no identity has two pictures or
/// there is only one identity. Requires an even count ≥ 2.
PairSample balanced_pairs(std::span<const std::int64_t> labels, std::int64_t count, Random& random);

/// Genuine pairs like those of balanced_pairs (the same generator gives the same ones), and for the
/// first picture of each an impostor that is hard to tell from it: one of the `nearest` pictures of
/// other people that lie closest to it, drawn uniformly. `encodings`: float [N, D], a row for each
/// label. O(count·N·D) time, O(N) memory beside the encodings. Throws as balanced_pairs does.
/// Requires nearest ≥ 1.
PairSample hard_negative_pairs(const at::Tensor& encodings, std::span<const std::int64_t> labels,
                               std::int64_t count, int nearest, Random& random);

}  // namespace likeness
