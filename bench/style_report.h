#pragma once

/// What the style benchmark says.

#include <string>
#include <vector>

#include "machine.h"
#include "report.h"

namespace likeness::bench {

/// One painting of one pair of pictures, judged as it was saved.
struct StyleEntry {
  std::string name;
  double seconds = 0;
  int iterations = 0;
  double content = 0;
  double style = 0;
  double total = 0;  ///< J = content + 30 · style under VGG-19
};

struct StyleContest {
  std::string name;
  int size = 0;
  std::vector<StyleEntry> entries = {};  ///< the plain code's first, then ours
};

/// The program from start to end.
struct WholeRun {
  int size = 0;
  double seconds = 0;
  double peak_mb = 0;
};

struct StyleReport {
  Machine machine;
  std::vector<StyleContest> contests;
  std::vector<WholeRun> whole;
};

std::vector<Bar> bars_of(const StyleReport& report);
std::string to_text(const StyleReport& report);

}  // namespace likeness::bench
