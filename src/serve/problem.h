#pragma once

/// What a client is told that asked for something which cannot be done: application/problem+json
/// (RFC 9457) with a stable code. The only place where errors become HTTP.

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <likeness/core/error.h>

#include "serve/http_message.h"

namespace likeness::serve {

/// A refusal of the service itself, where likeness::Error has no code for it. Thrown by handlers
/// and by the door.
class Problem : public std::runtime_error {
 public:
  /// `code`: one of those in docs/openapi.json, for example "busy". `retry_after`: seconds.
  Problem(int status, std::string code, const std::string& detail,
          std::optional<int> retry_after = {});

  int status() const { return status_; }
  const std::string& code() const { return code_; }
  std::optional<int> retry_after() const { return retry_after_; }

 private:
  int status_;
  std::string code_;
  std::optional<int> retry_after_;
};

/// The HTTP status that stands for an error's code: 404 not_found, 409 already_exists, 413
/// too_large, 415 unsupported_format, 422 for other input that cannot be used, 503 unavailable, 500
/// for what is the service's own fault.
int status_of(ErrorCode code);

/// What a client is told of what a handler threw: Problem and Error as they say. The text of what
/// is the service's own fault belongs in the log: "unavailable" (503) and "internal" (500) have one
/// of their own.
Problem problem_of(const std::exception_ptr& thrown);
HttpResponse problem_response(const Problem& problem);
HttpResponse problem_response(const std::exception_ptr& thrown);

/// What happened, for the log: the exception's own text.
std::string text_of(const std::exception_ptr& thrown);

}  // namespace likeness::serve
