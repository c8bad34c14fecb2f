#pragma once

#include <cstdint>

#include <likeness/core/random.h>

namespace likeness {

/// What random numbers are drawn for; streams with the same seed have nothing in common.
enum class SeedStream : std::uint64_t {
  weights = 1,
  augmentation = 2,
  mining = 3,
  features = 4,
  start = 5,
  held_out = 6,
  lifts = 7,
  styles = 8,
  pairs = 9,
  encoder = 10,
};

/// The seed of batch `number` (or whatever else is counted) in a stream of a run.
inline std::uint64_t derived_seed(std::uint64_t seed, SeedStream stream, std::uint64_t number = 0) {
  Random mixed(Random(seed)() ^ static_cast<std::uint64_t>(stream));
  Random numbered(mixed() ^ number);
  return numbered();
}

}  // namespace likeness
