#pragma once

/// How far a threshold can be trusted: confidence intervals from a bootstrap over identities.
///
/// Pairs that share a person are not independent (one face that resembles many strangers shifts
/// many pairs), so whole people are drawn again, not pairs: in each replicate a person counts m
/// times, as often as drawn, a pair of two people m₁·m₂ times and a pair of one person m times
/// (Bolle et al. 2004 for biometrics; the vertex bootstrap of Snijders and Borgatti 1999). Pure
/// functions, safe to call from many threads.
///
///     Random random(1);
///     calibration.thresholds = measure_thresholds(encodings, calibration, {{1e-3}}, {}, random);

#include <span>
#include <vector>

#include <likeness/core/progress.h>
#include <likeness/core/random.h>
#include <likeness/evaluate/labelled_encodings.h>
#include <likeness/faces/calibration.h>

namespace likeness {

struct BootstrapOptions {
  int replicates = 1000;
  double confidence = 0.95;  ///< of the intervals, in (0, 1)
};

/// The thresholds of `calibration` for the rates `fmrs`, falling, with the false non-match rate at
/// each, and the percentile intervals of both. In a replicate the threshold is the largest distance
/// up to which no more than a share fmr of the impostor pairs lies.
/// Throws Error(invalid_argument) for a rate that the calibration cannot support
/// (Calibration::threshold_at), for fewer than 20 replicates and a confidence outside of (0, 1).
/// Requires the encodings that the calibration was fitted on, with pairs of both kinds.
std::vector<MeasuredThreshold> measure_thresholds(const LabelledEncodings& encodings,
                                                  const Calibration& calibration,
                                                  std::vector<double> fmrs,
                                                  const BootstrapOptions& options, Random& random,
                                                  Progress& progress);

}  // namespace likeness
