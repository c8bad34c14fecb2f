#pragma once

/// The open set: who is it, or nobody? The more people are enrolled, the more chances a stranger
/// has to lie near one of them, so the threshold depends on the gallery's size. For n enrolled
/// examples that a stranger resembles independently (ISO/IEC 19795-1, Annex),
///
///     FPIR = 1 − (1 − FMR(t))ⁿ
///
/// where FMR is the model's calibrated false-match rate. Rates that fewer than 100 of the measured
/// pairs stand for are not taken as measured: a handful of pairs that show one person under two
/// names decides them. There log FMR goes on along the straight line of the two decades above; a
/// normal tail falls faster, so the
/// true rate is lower. Pure functions, safe to call from many threads.
///
///     const OpenSetRule rule(calibration, examples, {.fpir = 1e-2});
///     const Identification answer = identify(*gallery, probe, rule, 5);

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <likeness/faces/calibration.h>
#include <likeness/gallery/gallery.h>

namespace likeness {

/// How the threshold is chosen; at most one may be set, else fpir 1e-2.
struct OpenSetOptions {
  std::optional<double> fpir = {};      ///< wanted false-positive identification rate, in (0, 1)
  std::optional<float> threshold = {};  ///< squared distance in [0, 4]
};

class OpenSetRule {
 public:
  /// A model without calibration needs a threshold. Throws Error(invalid_argument).
  OpenSetRule(std::optional<Calibration> calibration, std::int64_t examples,
              const OpenSetOptions& options = {});

  float threshold() const { return threshold_; }
  /// That a stranger is taken for somebody; nothing without calibration.
  std::optional<double> fpir() const { return fpir_; }
  /// Whether the threshold lies where the rate is estimated along that line.
  bool extrapolated() const { return extrapolated_; }
  /// That a face at this distance and the example show one person, equally likely beforehand.
  std::optional<double> probability(float distance) const;

 private:
  std::optional<Calibration> calibration_;
  float threshold_ = 0;
  std::optional<double> fpir_;
  bool extrapolated_ = false;
};

/// A person near a probe, by their closest example.
struct Match {
  std::string subject;
  std::int64_t example = 0;
  float distance = 0;
  std::optional<double> probability = {};
};

struct Identification {
  std::vector<Match> matches;         ///< within the threshold, closest first; empty: nobody
  std::optional<Match> nearest = {};  ///< whoever comes closest, near enough or not
  /// More than one person lies within the threshold: twins, or one person under two names.
  bool ambiguous = false;
};

/// From neighbours, closest first, to people: each at the distance of the closest example, at most
/// `top`.
Identification identify(std::span<const Neighbour> neighbours, const OpenSetRule& rule,
                        std::size_t top);

/// identify among all of `gallery`: enough neighbours are looked at for `top` people.
Identification identify(Gallery& gallery, std::span<const float> probe, const OpenSetRule& rule,
                        std::size_t top);

}  // namespace likeness
