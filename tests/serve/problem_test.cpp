#include "serve/problem.h"

#include <new>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace likeness::serve {
namespace {

nlohmann::json body_of(const HttpResponse& response) {
  return nlohmann::json::parse(response.body);
}

HttpResponse answer(const std::exception_ptr& thrown) {
  return problem_response(thrown);
}

HttpResponse answer(ErrorCode code) {
  return answer(std::make_exception_ptr(Error(code, "/home/me/weights: broken")));
}

TEST(Problem, IsToldAsRfc9457Says) {
  const HttpResponse response = problem_response(Problem(503, "busy", "64 requests wait", 1));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(body_of(response), (nlohmann::json{{"type", "about:blank"},
                                               {"title", "Service Unavailable"},
                                               {"status", 503},
                                               {"code", "busy"},
                                               {"detail", "64 requests wait"}}));
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0], std::pair(std::string("Retry-After"), std::string("1")));
  EXPECT_TRUE(problem_response(Problem(404, "not_found", "")).headers.empty());
}

TEST(Problem, ErrorsOfTheLibraryKeepTheirCode) {
  const std::vector<std::pair<ErrorCode, int>> known = {
      {ErrorCode::not_found, 404},        {ErrorCode::already_exists, 409},
      {ErrorCode::too_large, 413},        {ErrorCode::unsupported_format, 415},
      {ErrorCode::invalid_argument, 422}, {ErrorCode::corrupt_file, 422},
      {ErrorCode::no_face, 422},          {ErrorCode::ambiguous_face, 422}};
  for (const auto& [code, status] : known) {
    const HttpResponse response = answer(code);
    EXPECT_EQ(response.status, status) << to_string(code);
    EXPECT_EQ(body_of(response)["status"], status);
    EXPECT_EQ(body_of(response)["code"], to_string(code));
    EXPECT_EQ(body_of(response)["detail"], "/home/me/weights: broken");
    EXPECT_TRUE(response.headers.empty());
  }
}

TEST(Problem, TheServicesOwnFaultsAreForItsLogAlone) {
  std::vector<std::exception_ptr> faults = {std::make_exception_ptr(std::bad_alloc()),
                                            std::make_exception_ptr(std::logic_error("secret")),
                                            std::make_exception_ptr(7)};
  for (const ErrorCode code :
       {ErrorCode::unreadable, ErrorCode::missing_model, ErrorCode::checksum_mismatch,
        ErrorCode::write_failed, ErrorCode::diverged, ErrorCode::wrong_key})
    faults.push_back(std::make_exception_ptr(Error(code, "secret")));
  for (const std::exception_ptr& fault : faults) {
    const HttpResponse response = answer(fault);
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(body_of(response)["code"], "internal");
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
  }
  EXPECT_EQ(text_of(faults[1]), "secret");
  EXPECT_EQ(text_of(faults[2]), "an exception of an unknown type");
}

TEST(Problem, WhatCannotBeReachedIsNotNamed) {
  const HttpResponse response =
      answer(std::make_exception_ptr(Error(ErrorCode::unavailable, "db.secret:5432 is gone")));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(body_of(response)["code"], "unavailable");
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_EQ(response.headers.at(0).first, "Retry-After");
}

TEST(Problem, ProblemsGoThroughAsTheyAre) {
  const auto thrown = std::make_exception_ptr(Problem(429, "rate_limited", "slower", 7));
  const HttpResponse response = answer(thrown);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(body_of(response)["title"], "Too Many Requests");
  EXPECT_EQ(response.headers.at(0).second, "7");
  EXPECT_EQ(text_of(thrown), "slower");
}

TEST(Problem, DetailsThatAreNotUtf8AreStillJson) {
  EXPECT_EQ(body_of(problem_response(Problem(422, "invalid_argument", "Zo\xeb")))["detail"],
            "Zo\xef\xbf\xbd");
}

}  // namespace
}  // namespace likeness::serve
