#pragma once

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "serve/problem.h"

namespace likeness::serve {

/// The Problem that `call` throws; a test failure and status 0 when it throws none.
template <class Call>
Problem problem_of(const Call& call) {
  try {
    call();
  } catch (const Problem& problem) {
    return problem;
  }
  ADD_FAILURE() << "no Problem was thrown";
  return {0, "", ""};
}

}  // namespace likeness::serve
