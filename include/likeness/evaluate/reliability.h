#pragma once

/// Are probabilities true? Of the pairs that get 0.8, four in five should show one person. Pure
/// functions, safe to call from many threads.
///
///     const Reliability reliability = measure_reliability(judged, Balance::pairs);
///     std::cout << reliability.ece << "\n" << reliability_svg({{"duo", reliability}});

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <likeness/faces/calibration.h>

namespace likeness {

/// A pair with the probability that it was given.
struct JudgedPair {
  double probability = 0;  ///< that both pictures show one person, in [0, 1]
  bool same_person = false;
};

/// Pairs with nearly the same probability.
struct ReliabilityBin {
  double low = 0;  ///< probabilities from here
  double high = 0;
  std::int64_t pairs = 0;
  double probability = 0;  ///< mean of what they were given; weighted, as the next
  double share = 0;        ///< of pairs that show one person
};

struct Reliability {
  std::vector<ReliabilityBin> bins;  ///< equally wide, from 0 to 1
  double ece = 0;       ///< expected calibration error: mean |probability − share| over the pairs
  double mce = 0;       ///< the largest |probability − share| of a bin
  double brier = 0;     ///< mean squared error
  double log_loss = 0;  ///< mean −ln of the probability that was given to what is true
  double accuracy = 0;  ///< of "one person" from 0.5 on
};

/// ECE as in Guo et al. 2017, 15 bins unless said otherwise. `balance`: each pair counts alike, or
/// each class. A probability of 0 for what is true counts as 1e-15 in the log loss.
/// Throws Error(invalid_argument) without pairs, with classes balanced when one is empty. Requires
/// probabilities in [0, 1] and bins ≥ 1.
Reliability measure_reliability(std::span<const JudgedPair> pairs, Balance balance, int bins = 15);

/// One curve of a diagram.
struct NamedReliability {
  std::string name;
  Reliability reliability;
};

/// A reliability diagram: for each bin the share of pairs of one person over the mean probability,
/// the diagonal for what is true, below it how many pairs each bin has. Readable on light and dark
/// pages. Requires one or two.
std::string reliability_svg(std::span<const NamedReliability> named);

}  // namespace likeness
