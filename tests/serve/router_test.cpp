#include "serve/router.h"

#include <gtest/gtest.h>

#include "serve/problem_of.h"

namespace likeness::serve {
namespace {

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    for (const auto& [method, pattern] : std::vector<std::pair<std::string, std::string>>{
             {"GET", "/"},
             {"GET", "/v1/people"},
             {"POST", "/v1/people"},
             {"DELETE", "/v1/people/{name}"},
             {"POST", "/v1/people/{name}"},
             {"POST", "/v1/people/identify"},
             {"GET", "/v1/people/{name}/examples/{id}/picture"}})
      router_.add({.method = method, .pattern = pattern, .handler = {}});
  }
  std::string pattern(const std::string& method, const std::string& path) const {
    return router_.find(method, path).route->pattern;
  }
  std::string refusal(const std::string& method, const std::string& path) const {
    const Problem problem = problem_of([&] { router_.find(method, path); });
    return std::to_string(problem.status()) + " " + problem.code() + " " + problem.what();
  }

  Router router_;
};

TEST_F(RouterTest, FindsTheRouteOfAMethodAndAPath) {
  EXPECT_EQ(pattern("GET", "/"), "/");
  EXPECT_EQ(router_.find("POST", "/v1/people").route->method, "POST");
  const auto found = router_.find("GET", "/v1/people/Anna/examples/17/picture");
  EXPECT_EQ(found.values, (std::map<std::string, std::string>{{"name", "Anna"}, {"id", "17"}}));
}

TEST_F(RouterTest, TextComesBeforeAName) {
  EXPECT_EQ(pattern("POST", "/v1/people/identify"), "/v1/people/identify");
  EXPECT_EQ(pattern("POST", "/v1/people/identif"), "/v1/people/{name}");
  EXPECT_EQ(pattern("DELETE", "/v1/people/identify"), "/v1/people/{name}");
}

TEST_F(RouterTest, NamesAreDecodedAndMayHoldSlashes) {
  const auto name = [&](const std::string& segment) {
    return router_.find("DELETE", "/v1/people/" + segment).values.at("name");
  };
  EXPECT_EQ(name("AC%2fDC"), "AC/DC");
  EXPECT_EQ(name("%C3%84nne+B%20C"), "Änne+B C");
  EXPECT_EQ(refusal("DELETE", "/v1/people/100%"),
            "400 invalid_request the path has a broken escape at '%'");
  EXPECT_EQ(refusal("DELETE", "/v1/people/%g0").substr(0, 19), "400 invalid_request");
  EXPECT_EQ(refusal("DELETE", "/v1/people/%2").substr(0, 19), "400 invalid_request");
}

TEST_F(RouterTest, WhatIsNotThereIsNotFound) {
  for (const char* path : {"/v1", "/v1/people/", "/v1/people/Anna/examples", "//v1/people", "",
                           "v1/people", "/V1/people", "/v1/people/a/b"})
    EXPECT_EQ(refusal("DELETE", path).substr(0, 13), "404 not_found") << path;
}

TEST_F(RouterTest, AnotherMethodIsToldWhichThereAre) {
  EXPECT_EQ(refusal("PUT", "/v1/people"),
            "405 method_not_allowed '/v1/people' does not know PUT; it knows GET, HEAD, POST");
  EXPECT_EQ(router_.methods("/v1/people/identify"), (std::vector<std::string>{"DELETE", "POST"}));
  EXPECT_TRUE(router_.methods("/nothing").empty());
}

TEST_F(RouterTest, HeadGoesWhereGetGoes) {
  EXPECT_EQ(pattern("HEAD", "/v1/people"), "/v1/people");
  EXPECT_EQ(refusal("HEAD", "/v1/people/identify").substr(0, 22), "405 method_not_allowed");
}

}  // namespace
}  // namespace likeness::serve
