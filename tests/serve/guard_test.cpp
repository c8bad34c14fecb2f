#include "serve/guard.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/core/files.h>

#include "serve/problem_of.h"
#include "support/temporary_folder.h"

namespace likeness::serve {
namespace {

class GuardTest : public ::testing::Test {
 protected:
  static HttpRequest request(std::map<std::string, std::string> headers = {}) {
    return {.method = "GET",
            .path = "/v1/people",
            .headers = std::move(headers),
            .address = "192.0.2.1"};
  }
  static Route route(Role role) {
    Route route;
    route.role = role;
    return route;
  }
  Caller admit(Role role, const HttpRequest& request) { return guard_.admit(route(role), request); }
  /// "401 unauthorized" of a refusal.
  std::string refusal(Role role, const HttpRequest& request) {
    const Problem problem = problem_of([&] { admit(role, request); });
    return std::to_string(problem.status()) + " " + problem.code();
  }

  TemporaryFolder folder_;
  ApiKeys keys_{folder_.path() / "keys.json"};
  Guard guard_{keys_, {}, {"https://photos.example"}};
};

TEST_F(GuardTest, WithoutKeysWhoeverIsHereMayDoEverything) {
  const Caller caller = admit(Role::admin, request({{"host", "localhost:8080"}}));
  EXPECT_EQ(caller.name, "local");
  EXPECT_EQ(caller.role, Role::admin);
  admit(Role::admin, request({{"host", "127.0.0.1:8080"}, {"origin", "http://127.0.0.1:8080"}}));
  admit(Role::admin, request({{"host", "[::1]:8080"}, {"origin", "https://photos.example"}}));
}

TEST_F(GuardTest, WithoutKeysOtherNamesAndOtherPagesAreRefused) {
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "127.evil.example:8080",
                           "localhost.evil.example", "[::2]:8080", "192.0.2.7"})
    EXPECT_EQ(refusal(Role::read, request({{"host", host}})), "403 forbidden") << host;
  for (const char* origin : {"http://evil.example", "null", "http://localhost:9999"})
    EXPECT_EQ(refusal(Role::read, request({{"host", "localhost:8080"}, {"origin", origin}})),
              "403 forbidden")
        << origin;
}

TEST_F(GuardTest, OnceThereIsAKeyNobodyComesInWithoutOne) {
  const NewKey key = keys_.create("door", Role::read, {});
  EXPECT_EQ(refusal(Role::read, request({{"host", "localhost"}})), "401 unauthorized");
  EXPECT_EQ(refusal(Role::read, request({{"x-api-key", key.secret + "x"}})), "401 unauthorized");
  EXPECT_EQ(admit(Role::read, request({{"x-api-key", key.secret}})).id, key.key.id);
  EXPECT_EQ(admit(Role::read, request({{"authorization", "Bearer " + key.secret}})).name, "door");
  EXPECT_TRUE(guard_.last_used(key.key.id));
}

TEST_F(GuardTest, AFileThatLosesItsKeysDoesNotOpenTheDoor) {
  keys_.create("door", Role::read, {});
  EXPECT_EQ(refusal(Role::read, request()), "401 unauthorized");
  write_file(folder_.path() / "keys.json",
             R"({"schema":1,"hash_key":")" + std::string(64, '0') + R"(","keys":[]})");
  std::this_thread::sleep_for(std::chrono::milliseconds(700));  // until the file is read again
  EXPECT_FALSE(keys_.any());
  EXPECT_EQ(refusal(Role::read, request()), "401 unauthorized");
}

TEST_F(GuardTest, ARoleMayDoWhatThoseBeforeItMay) {
  for (const Role has : {Role::read, Role::enrol, Role::admin}) {
    const HttpRequest by_key = request({{"x-api-key", keys_.create("key", has, {}).secret}});
    for (const Role needed : {Role::read, Role::enrol, Role::admin}) {
      if (needed <= has)
        EXPECT_EQ(admit(needed, by_key).role, has);
      else
        EXPECT_EQ(refusal(needed, by_key), "403 forbidden");
    }
  }
}

TEST_F(GuardTest, ARevokedKeyIsShutOutAndARateIsKept) {
  const NewKey slow = keys_.create("slow", Role::read, {.rate_per_minute = 2});
  const HttpRequest by_slow = request({{"x-api-key", slow.secret}});
  admit(Role::read, by_slow);
  admit(Role::read, by_slow);
  EXPECT_EQ(refusal(Role::read, by_slow), "429 rate_limited");
  const NewKey key = keys_.create("door", Role::read, {});
  admit(Role::read, request({{"x-api-key", key.secret}}));
  keys_.revoke(key.key.id);
  EXPECT_EQ(refusal(Role::read, request({{"x-api-key", key.secret}})), "401 unauthorized");
}

TEST_F(GuardTest, WhoGuessesHasToWaitAndWhoHasAKeyDoesNot) {
  const NewKey key = keys_.create("door", Role::read, {});
  for (std::size_t i = 0; i < AuthThrottle::kFailures; ++i)
    EXPECT_EQ(refusal(Role::read, request({{"x-api-key", "guess"}})), "401 unauthorized");
  EXPECT_EQ(refusal(Role::read, request({{"x-api-key", "guess"}})), "429 rate_limited");
  admit(Role::read, request({{"x-api-key", key.secret}}));  // behind the same proxy
}

TEST_F(GuardTest, AnOpenRouteAsksForNothing) {
  keys_.create("door", Role::read, {});
  Route health = route(Role::admin);
  health.open = true;
  EXPECT_EQ(guard_.admit(health, request({{"host", "evil.example"}})).name, "anonymous");
}

}  // namespace
}  // namespace likeness::serve
