/// likeness keys: made, listed and taken back.

#include <filesystem>

#include <gtest/gtest.h>
#include <likeness/core/files.h>

#include "support/program.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class Keys : public ::testing::Test {
 protected:
  Outcome keys(Arguments arguments, const Surroundings& surroundings = {}) const {
    arguments.insert(arguments.begin(), "keys");
    if (surroundings.environment.empty()) {
      arguments.emplace_back("--keys");
      arguments.push_back(file_);
    }
    return run_likeness(arguments, surroundings);
  }
  Json keys_json(Arguments arguments) const {
    arguments.emplace_back("--json");
    const Outcome outcome = keys(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json_of(outcome.out);
  }

  TemporaryFolder folder_;
  const std::string file_ = (folder_.path() / "keys.json").string();
};

TEST_F(Keys, CreatePrintsTheSecretAloneSoThatScriptsCanTakeIt) {
  const Outcome loud = keys({"create", "--role", "enrol", "--name", "front desk"});
  EXPECT_EQ(loud.exit_code, 0) << loud.err;
  ASSERT_EQ(loud.out.size(), 3U + 8 + 1 + 43 + 1) << loud.out;
  EXPECT_TRUE(loud.out.starts_with("lk_"));
  EXPECT_TRUE(loud.out.ends_with("\n"));
  EXPECT_TRUE(has(loud.err, file_)) << loud.err;
  EXPECT_TRUE(has(loud.err, "never again")) << loud.err;
  EXPECT_FALSE(has(loud.err, loud.out.substr(12, 43))) << "the secret is on standard output alone";
  const Outcome quiet = keys({"create", "--role", "read", "--quiet"});
  EXPECT_EQ(quiet.out.size(), loud.out.size());
  EXPECT_EQ(quiet.err, "");
}

TEST_F(Keys, ListShowsEverythingButTheSecrets) {
  EXPECT_TRUE(keys_json({"list"}).at("keys").empty());
  EXPECT_TRUE(has(keys({"list"}).out, "no keys in " + file_));
  const Json made = keys_json(
      {"create", "--role", "admin", "--name", "anna", "--rate", "60", "--quota", "5000000000"});
  EXPECT_EQ(made.at("rate_per_minute"), 60);
  EXPECT_EQ(made.at("file"), file_);
  const std::string secret = made.at("key");
  keys_json({"create", "--role", "read"});
  const Json list = keys_json({"list"});
  EXPECT_EQ(list.at("file"), file_);
  ASSERT_EQ(list.at("keys").size(), 2U);
  const Json& first = list.at("keys").at(0);
  EXPECT_EQ(first.at("id"), made.at("id"));
  EXPECT_EQ(first.at("name"), "anna");
  EXPECT_EQ(first.at("role"), "admin");
  EXPECT_EQ(first.at("daily_quota"), 5'000'000'000);
  EXPECT_TRUE(first.at("revoked_at").is_null());
  EXPECT_TRUE(list.at("keys").at(1).at("rate_per_minute").is_null());
  const std::string text = keys({"list"}).out;
  for (const std::string& part : {made.at("id").get<std::string>(), std::string("admin"),
                                  std::string("anna, 60 a minute, 5000000000 a day")})
    EXPECT_TRUE(has(text, part)) << text;
  EXPECT_FALSE(has(text + list.dump(), secret.substr(12)));
}

TEST_F(Keys, RevokedKeysStayListedAndCannotBeRevokedAgain) {
  const std::string id = keys_json({"create", "--role", "read"}).at("id");
  EXPECT_EQ(keys_json({"revoke", id}), (Json{{"id", id}, {"revoked", true}}));
  EXPECT_TRUE(keys_json({"list"}).at("keys").at(0).at("revoked_at").is_string());
  EXPECT_TRUE(has(keys({"list"}).out, "revoked 2")) << keys({"list"}).out;
  expect_json_error({"keys", "revoke", id, "--keys", file_}, "invalid_argument", "revoked at");
  expect_json_error({"keys", "revoke", "00000000", "--keys", file_}, "not_found", "00000000");
}

TEST_F(Keys, TheFileIsFoundByTheEnvironmentAndIsItsOwnersAlone) {
  const fs::path named = folder_.path() / "named.json";
  const Surroundings by_name = {.environment = {{"LIKENESS_KEYS", named.string()}}};
  EXPECT_EQ(keys({"create", "--role", "read"}, by_name).exit_code, 0);
  EXPECT_EQ(fs::status(named).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const Surroundings by_folder = {
      .environment = {{"LIKENESS_KEYS", ""}, {"XDG_DATA_HOME", folder_.path().string()}}};
  EXPECT_EQ(keys({"create", "--role", "read"}, by_folder).exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_.path() / "likeness" / "keys.json"));
}

TEST_F(Keys, WhatCannotBeIsRefusedAndNothingIsWritten) {
  const auto refused = [this](Arguments arguments, std::string_view part) {
    arguments.insert(arguments.begin(), "keys");
    arguments.insert(arguments.end(), {"--keys", file_});
    expect_json_error(arguments, "invalid_argument", part);
  };
  refused({"create"}, "--role");
  refused({"create", "--role", "king"}, "'king'");
  refused({"create", "--role", "read", "--name", ""}, "name");
  refused({"create", "--role", "read", "--name", "a\nb"}, "control");
  refused({"create", "--role", "read", "--rate", "0"}, "at least 1");
  refused({"create", "--role", "read", "--rate", "often"}, "often");
  refused({"create", "--role", "read", "--quota", "-5"}, "-5");
  refused({"revoke"}, "ID");
  EXPECT_FALSE(fs::exists(file_));
  expect_json_error({"keys", "create", "--role", "read", "--keys", "/proc/no/keys.json"},
                    "write_failed", "/proc/no");
  write_file(file_, "{\"schema\": 9}");
  for (const Arguments& action : {Arguments{"list"}, Arguments{"create", "--role", "read"}}) {
    Arguments arguments = {"keys"};
    arguments.insert(arguments.end(), action.begin(), action.end());
    arguments.insert(arguments.end(), {"--keys", file_});
    expect_json_error(arguments, "corrupt_file", "schema '9'");
  }
}

TEST_F(Keys, HelpHasExamplesForEveryAction) {
  for (const char* action : {"create", "list", "revoke"}) {
    const Outcome help = run_likeness({"keys", action, "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_TRUE(has(help.out, std::string("likeness keys ") + action)) << help.out;
    EXPECT_TRUE(has(help.out, "$LIKENESS_KEYS")) << help.out;
  }
  EXPECT_TRUE(has(run_likeness({"keys", "--help"}).out, "Examples:"));
}

}  // namespace
}  // namespace likeness
