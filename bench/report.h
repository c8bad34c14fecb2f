#pragma once

/// What the benchmarks say: Markdown tables for people, or JSON.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "machine.h"
#include "reference.h"
#include "stopwatch.h"

namespace likeness::bench {

/// One encoder under one setting.
struct Measurement {
  std::string encoder;
  std::string precision;  ///< "f32" or "bf16"
  bool flip = false;
  int threads = 1;
  int faces = 1;       ///< encoded by one call
  Timing timing = {};  ///< of one call
  double to_dlib = 0;  ///< time a face as a share of dlib's on one thread: see time_a_face
};

/// Processor time on one thread, where nothing else should count, wall time on several.
double time_a_face(const Measurement& measurement);

/// A promise about speed or memory.
struct Bar {
  std::string what;
  double measured = 0;
  double limit = 0;
  bool at_most = true;  ///< else at least
  std::string unit = {};
  bool met() const { return at_most ? measured <= limit : measured >= limit; }
};

bool all_met(const std::vector<Bar>& bars);

/// Everything that encode_bench found.
struct EncodeReport {
  Machine machine;
  int rounds = 0;
  std::vector<Agreement> answers;
  std::vector<Measurement> one_face;
  std::vector<Measurement> batches;
  std::vector<Bar> bars;
};

std::string to_text(const EncodeReport& report);
nlohmann::ordered_json to_json(const EncodeReport& report);

/// Parts that verify_bench's report has too.
std::string to_text(const Machine& machine);
nlohmann::ordered_json to_json(const Machine& machine);
std::string to_text(const std::vector<Bar>& bars);
nlohmann::ordered_json to_json(const std::vector<Bar>& bars);
std::string to_text(const std::vector<Agreement>& answers);

/// "12.35" for number(12.345, 2).
std::string number(double value, int decimals);

}  // namespace likeness::bench
