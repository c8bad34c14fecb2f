#include "serve/problem.h"

#include <nlohmann/json.hpp>

namespace likeness::serve {
namespace {

const char* title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

Problem::Problem(int status, std::string code, const std::string& detail,
                 std::optional<int> retry_after)
    : std::runtime_error(detail),
      status_(status),
      code_(std::move(code)),
      retry_after_(retry_after) {}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::already_exists:
      return 409;
    case ErrorCode::too_large:
      return 413;
    case ErrorCode::unsupported_format:
      return 415;
    case ErrorCode::invalid_argument:
    case ErrorCode::corrupt_file:
    case ErrorCode::no_face:
    case ErrorCode::ambiguous_face:
      return 422;
    case ErrorCode::unavailable:
    case ErrorCode::cancelled:
      return 503;
    case ErrorCode::unreadable:
    case ErrorCode::missing_model:
    case ErrorCode::checksum_mismatch:
    case ErrorCode::write_failed:
    case ErrorCode::diverged:
    case ErrorCode::wrong_key:
      return 500;
  }
  return 500;
}

HttpResponse problem_response(const Problem& problem) {
  const nlohmann::ordered_json json = {{"type", "about:blank"},
                                       {"title", title_of(problem.status())},
                                       {"status", problem.status()},
                                       {"code", problem.code()},
                                       {"detail", problem.what()}};
  HttpResponse response{.status = problem.status(), .content_type = "application/problem+json"};
  response.body = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  if (problem.retry_after())
    response.headers.emplace_back("Retry-After", std::to_string(*problem.retry_after()));
  return response;
}

Problem problem_of(const std::exception_ptr& thrown) {
  Problem internal(500, "internal", "the service failed; its log says why");
  try {
    std::rethrow_exception(thrown);
  } catch (const Problem& problem) {
    return problem;
  } catch (const Error& error) {
    const int status = status_of(error.code());
    // What is the service's own fault may name files and servers: that is for the log.
    if (status == 500) return internal;
    if (error.code() == ErrorCode::unavailable)
      return {503, "unavailable", "the service lacks something that it needs; its log says what",
              1};
    return Problem(status, std::string(to_string(error.code())), error.what(),
                   status == 503 ? std::optional(1) : std::nullopt);
  } catch (...) {
    return internal;
  }
}

HttpResponse problem_response(const std::exception_ptr& thrown) {
  return problem_response(problem_of(thrown));
}

std::string text_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace likeness::serve
