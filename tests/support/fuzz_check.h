#pragma once

#include <cstdio>
#include <cstdlib>

/// A property that a fuzz target promises; ends the program with the condition and its place when
/// it does not hold, which libFuzzer and the replay of a corpus both report.
#define LIKENESS_FUZZ_CHECK(condition)                                                           \
  ((condition) ? void()                                                                          \
               : (std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition), \
                  std::abort()))
