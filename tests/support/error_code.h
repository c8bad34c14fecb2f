#pragma once

#include <gtest/gtest.h>
#include <likeness/core/error.h>

namespace likeness {

/// The code of the Error that `call` throws; a test failure when it throws none.
template <class Call>
ErrorCode code_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no likeness::Error was thrown";
  return ErrorCode::cancelled;
}

/// Its message, "" when nothing is thrown.
template <class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace likeness
