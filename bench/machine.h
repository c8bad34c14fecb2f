#pragma once

/// What a measurement was made on: without it a time says nothing.

#include <string>

namespace likeness::bench {

struct Machine {
  std::string processor;     ///< model name
  std::string instructions;  ///< the widest vectors that LibTorch uses
  int cores = 0;             ///< that this process may use
  double load = 0;           ///< processes that wanted to run during the last minute
  std::string libtorch;
  std::string onednn;
  std::string dlib;
  std::string blas;
};

Machine this_machine();

}  // namespace likeness::bench
