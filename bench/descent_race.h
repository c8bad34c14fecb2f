#pragma once

/// Descent on one pair of pictures from the one pass, and from the content until it is as far.

#include <map>

#include <likeness/evaluate/style_measures.h>
#include <likeness/image/image.h>
#include <likeness/style/one_pass_painter.h>
#include <likeness/style/perceptual_network.h>

namespace likeness::bench {

/// Where a descent ended, and after how long.
struct Descent {
  double cost = 0;    ///< J, as the descent sees it
  double judged = 0;  ///< J under VGG-19
  double seconds = 0;
};

/// Which J two descents are compared by.
enum class Yardstick { own, vgg };

/// J of it.
double cost_by(Yardstick yardstick, const Descent& descent);

/// Two descents that are as far, timed in turn.
struct RaceResult {
  Descent from_pass;
  Descent from_content;
  int iterations = 0;  ///< from the content
};

/// Refers to what it is given.
class DescentRace {
 public:
  static constexpr int kIterations = 30;  ///< from the one pass

  DescentRace(const PerceptualNetwork& network, const PerceptualNetwork& judge,
              const OnePassPainter& painter, const Image& content, const Image& style);

  /// Against the fewest iterations from the content, to a twentieth, that bring J as far down: by
  /// larger and larger numbers of them, then by halving what lies between.
  RaceResult race(Yardstick yardstick);

 private:
  Descent from_pass() const;
  const Descent& from_content(int iterations);
  /// From `start`; empty: from the content.
  Descent descend(const Image& start, int iterations) const;

  const PerceptualNetwork& network_;
  const PerceptualNetwork& judge_;
  const OnePassPainter& painter_;
  const Image& content_;
  const Image& style_;
  JudgedPicture judged_content_;
  JudgedPicture judged_style_;
  std::map<int, Descent> from_content_;  ///< by iterations
};

}  // namespace likeness::bench
