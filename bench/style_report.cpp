#include "style_report.h"

namespace likeness::bench {
namespace {

std::string row(const StyleEntry& entry, const StyleEntry& plain) {
  return "| " + entry.name + " | " + number(entry.seconds, 1) + " | " +
         number(entry.seconds / plain.seconds, 3) + " | " + std::to_string(entry.iterations) +
         " | " + number(entry.content, 3) + " | " + number(entry.style, 4) + " | " +
         number(entry.total, 3) + " | " + number(entry.total / plain.total, 3) + " |\n";
}

}  // namespace

std::vector<Bar> bars_of(const StyleReport& report) {
  constexpr double kLargest = 1.5;
  std::vector<Bar> bars;
  for (const StyleContest& contest : report.contests) {
    const double plain = contest.entries.front().total;
    for (const StyleEntry& entry : contest.entries) {
      if (entry.name == "vgg19")
        bars.push_back(
            {.what = contest.name + ": J with VGG-19 in a third of the time, of the plain",
             .measured = entry.total / plain,
             .limit = 1});
      if (entry.name == "vgg_half")
        bars.push_back(
            {.what = contest.name + ": J with vgg_half in a tenth of the time, of the plain",
             .measured = entry.total / plain,
             .limit = kLargest});
    }
  }
  for (const WholeRun& run : report.whole) {
    const std::string name = "likeness style, " + std::to_string(run.size) + " pixels";
    bars.push_back({.what = name,
                    .measured = run.seconds,
                    .limit = run.size <= 512 ? 45.0 : 240.0,
                    .unit = "s"});
    if (run.size <= 512)
      bars.push_back(
          {.what = name + ", memory", .measured = run.peak_mb, .limit = 1500, .unit = "MB"});
  }
  return bars;
}

std::string to_text(const StyleReport& report) {
  std::string text = to_text(report.machine);
  for (const StyleContest& contest : report.contests) {
    text += "\n" + contest.name +
            "\n\n| painted by | seconds | of the plain | iterations | content | style | J | of the "
            "plain |\n|---|---|---|---|---|---|---|---|\n";
    for (const StyleEntry& entry : contest.entries) text += row(entry, contest.entries.front());
  }
  return text + "\n" + to_text(bars_of(report));
}

}  // namespace likeness::bench
