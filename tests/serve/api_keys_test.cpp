#include <chrono>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/serve/api_keys.h>

#include "serve/json.h"
#include "support/environment.h"
#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness::serve {
namespace {

namespace fs = std::filesystem;

class ApiKeysTest : public ::testing::Test {
 protected:
  std::string text() const {
    const Bytes bytes = read_file(path_, 1 << 20);
    return {bytes.begin(), bytes.end()};
  }
  /// Writes the file anew with one field of the first key, or of the file itself, changed.
  void change(const std::string& pointer, const Json& value) const {
    Json json = Json::parse(text());
    json[Json::json_pointer(pointer)] = value;
    write_file(path_, json.dump());
  }
  fs::perms permissions(const fs::path& path) const { return fs::status(path).permissions(); }
  /// Whether `condition` holds within two seconds; a service looks at the file twice a second.
  template <class Condition>
  static bool soon(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (std::chrono::steady_clock::now() < end) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  TemporaryFolder folder_;
  fs::path path_ = folder_.path() / "data" / "keys.json";
};

TEST_F(ApiKeysTest, NobodyIsKnownBeforeTheFirstKey) {
  ApiKeys keys(path_);
  EXPECT_FALSE(keys.any());
  EXPECT_TRUE(keys.list().empty());
  EXPECT_FALSE(keys.find(""));
  EXPECT_FALSE(keys.find("lk_00000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
  EXPECT_FALSE(fs::exists(path_.parent_path())) << "asking must not write";
  EXPECT_EQ(code_of([&] { keys.revoke("00000000"); }), ErrorCode::not_found);
}

TEST_F(ApiKeysTest, AKeyIsFoundByItsSecretWithAllThatWasSaidOfIt) {
  ApiKeys keys(path_);
  const NewKey door =
      keys.create("Vordertür 'Süd'", Role::enrol,
                  {.rate_per_minute = 30, .daily_quota = std::int64_t{5'000'000'000}});
  const NewKey web = keys.create("web", Role::admin, {});
  EXPECT_TRUE(keys.any());
  EXPECT_TRUE(door.secret.starts_with("lk_" + door.key.id + "_")) << door.secret;
  EXPECT_EQ(door.secret.size(), 3U + 8 + 1 + 43);  // 32 bytes in base64url

  ApiKeys again(path_);
  for (ApiKeys* each : {&keys, &again}) {
    const auto found = each->find(door.secret);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, door.key.id);
    EXPECT_EQ(found->name, "Vordertür 'Süd'");
    EXPECT_EQ(found->role, Role::enrol);
    EXPECT_EQ(found->limits.rate_per_minute, 30);
    EXPECT_EQ(found->limits.daily_quota, 5'000'000'000);
    EXPECT_EQ(found->created_at.size(), std::string("2026-01-31T23:59:59Z").size());
    EXPECT_FALSE(found->revoked_at);
    EXPECT_EQ(each->find(web.secret)->role, Role::admin);
    EXPECT_FALSE(each->find(web.secret)->limits.rate_per_minute);
    ASSERT_EQ(each->list().size(), 2U);
    EXPECT_EQ(each->list()[0].id, door.key.id);
    EXPECT_EQ(each->list()[1].id, web.key.id);
  }
}

TEST_F(ApiKeysTest, WrongSecretsOfEveryKindOpenNothing) {
  ApiKeys keys(path_);
  const NewKey one = keys.create("one", Role::admin, {});
  const NewKey two = keys.create("two", Role::read, {});
  const std::string body = one.secret.substr(12);
  std::vector<std::string> wrong = {"",
                                    "lk_",
                                    "lk__",
                                    "lk_" + one.key.id,
                                    "lk_" + one.key.id + "_",
                                    one.key.id + "_" + body,
                                    body,
                                    one.secret + "A",
                                    one.secret.substr(0, one.secret.size() - 1),
                                    " " + one.secret,
                                    one.secret + "\n",
                                    one.secret + std::string(1, '\0'),
                                    "LK" + one.secret.substr(2),
                                    "lk_" + two.key.id + "_" + body,  // of another key
                                    "lk_00000000_" + body,            // of no key
                                    std::string(100'000, 'A')};
  for (std::size_t i = 0; i < one.secret.size(); ++i) {
    wrong.push_back(one.secret);
    wrong.back()[i] = one.secret[i] == 'x' ? 'y' : 'x';
  }
  for (const std::string& secret : wrong) EXPECT_FALSE(keys.find(secret)) << secret;
  EXPECT_TRUE(keys.find(one.secret));
}

TEST_F(ApiKeysTest, TheFileHoldsNoSecretAndBelongsToItsOwner) {
  ApiKeys keys(path_);
  std::vector<std::string> secrets;
  for (int i = 0; i < 5; ++i) secrets.push_back(keys.create("key", Role::read, {}).secret);
  for (const std::string& secret : secrets)
    EXPECT_EQ(text().find(secret.substr(12)), std::string::npos) << text();
  EXPECT_EQ(std::set<std::string>(secrets.begin(), secrets.end()).size(), 5U);
  EXPECT_EQ(permissions(path_), fs::perms::owner_read | fs::perms::owner_write);
  // Whoever lets a group read it has said so.
  fs::permissions(path_, fs::perms::group_read, fs::perm_options::add);
  keys.create("more", Role::read, {});
  EXPECT_NE(permissions(path_) & fs::perms::group_read, fs::perms::none);
  for (const auto& entry : fs::directory_iterator(path_.parent_path()))
    EXPECT_TRUE(entry.path() == path_ || entry.path().extension() == ".lock") << entry.path();
}

TEST_F(ApiKeysTest, TheSameSecretHasAnotherHashInAnotherFile) {
  ApiKeys keys(path_);
  const NewKey key = keys.create("one", Role::read, {});
  ApiKeys others(folder_.path() / "others.json");
  others.create("one", Role::read, {});
  const Json mine = Json::parse(text());
  const Bytes bytes = read_file(folder_.path() / "others.json", 1 << 20);
  Json theirs = Json::parse(bytes);
  EXPECT_NE(mine.at("hash_key"), theirs.at("hash_key"));
  theirs["keys"] = mine.at("keys");  // a hash that was carried over opens nothing there
  write_file(folder_.path() / "others.json", theirs.dump());
  EXPECT_FALSE(ApiKeys(folder_.path() / "others.json").find(key.secret));
}

TEST_F(ApiKeysTest, WhatOneProcessDoesTheOtherSeesSoon) {
  ApiKeys service(path_);
  EXPECT_FALSE(service.any());
  ApiKeys program(path_);
  const NewKey first = program.create("first", Role::read, {});
  const NewKey second = program.create("second", Role::read, {});
  EXPECT_TRUE(soon([&] { return service.any() && service.find(second.secret).has_value(); }));
  program.revoke(first.key.id);
  EXPECT_FALSE(program.find(first.secret)) << "at once where it was done";
  EXPECT_TRUE(soon([&] { return !service.find(first.secret); }));
  EXPECT_TRUE(service.find(second.secret));
  EXPECT_TRUE(service.list()[0].revoked_at);
  EXPECT_EQ(code_of([&] { service.revoke(first.key.id); }), ErrorCode::invalid_argument);
  service.revoke(second.key.id);
  EXPECT_TRUE(service.any()) << "a service that had keys stays closed";
}

TEST_F(ApiKeysTest, KeysMadeAtOnceAreAllKept) {
  constexpr int kThreads = 4;
  constexpr int kEach = 8;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([this] {
      ApiKeys own(path_);
      for (int k = 0; k < kEach; ++k) own.create("key", Role::read, {});
    });
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> ids;
  for (const ApiKey& key : ApiKeys(path_).list()) ids.insert(key.id);
  EXPECT_EQ(ids.size(), std::size_t{kThreads * kEach});
}

TEST_F(ApiKeysTest, NamesAndLimitsThatCannotBeAreRefused) {
  ApiKeys keys(path_);
  const auto refused = [&](const std::string& name, const KeyLimits& limits) {
    return code_of([&] { keys.create(name, Role::read, limits); }) == ErrorCode::invalid_argument;
  };
  for (const std::string& name :
       {std::string(), std::string(101, 'a'), std::string("a\nb"), std::string("a\x1b[2J"),
        std::string("\xff"), std::string("a\0b", 3), std::string("\u202Eabc")})
    EXPECT_TRUE(refused(name, {})) << name;
  EXPECT_TRUE(refused("a", {.rate_per_minute = 0}));
  EXPECT_TRUE(refused("a", {.rate_per_minute = -1}));
  EXPECT_TRUE(refused("a", {.daily_quota = 0}));
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_EQ(keys.create(std::string(100, 'a'), Role::read, {}).key.name.size(), 100U);
}

TEST_F(ApiKeysTest, BrokenFilesAreRefusedAtTheStartAndNamed) {
  ApiKeys(path_).create("one", Role::read, {.rate_per_minute = 3});
  const std::string sound = text();
  const auto refused = [&](const std::string& part) {
    const auto open = [&] { ApiKeys keys(path_); };
    EXPECT_EQ(code_of(open), ErrorCode::corrupt_file) << part;
    const std::string message = message_of(open);
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_NE(message.find(path_.string()), std::string::npos) << message;
    write_file(path_, sound);
  };
  const auto broken_at = [&](const std::string& pointer, const Json& value,
                             const std::string& part) {
    change(pointer, value);
    refused(part);
  };
  broken_at("/schema", 2, "'2'");
  broken_at("/schema", "1", "schema");
  broken_at("/hash_key", "00", "'hash_key' is not 64");
  broken_at("/hash_key", std::string(64, 'g'), "'hash_key' is not 64");
  broken_at("/keys", 5, "'keys' is not a list");
  broken_at("/keys/0", "text", "key 1: is not a JSON object");
  broken_at("/keys/0/id", "ABCDEF01", "key 1: 'id'");
  broken_at("/keys/0/name", "", "key 1: the name");
  broken_at("/keys/0/name", 7, "key 1: 'name' is not text");
  broken_at("/keys/0/role", "king", "'king'");
  broken_at("/keys/0/hash", "", "key 1: 'hash'");
  broken_at("/keys/0/created_at", "2026\x1b[2J", "'created_at'");
  broken_at("/keys/0/revoked_at", 5, "'revoked_at'");
  broken_at("/keys/0/rate_per_minute", 0, "'rate_per_minute'");
  broken_at("/keys/0/rate_per_minute", std::int64_t{1} << 40, "'rate_per_minute'");
  broken_at("/keys/0/daily_quota", 1.5, "'daily_quota'");
  broken_at("/keys/1", Json::parse(sound).at("/keys/0"_json_pointer), "is there twice");
  write_file(path_, "");
  refused("is not JSON");
  write_file(path_, std::string(100'000, '['));
  refused("nested too deeply");
  write_file(path_, "{\"schema\": " + std::string(1000, '[') + std::string(1000, ']') + "}");
  refused("nested too deeply");
  EXPECT_EQ(ApiKeys(path_).list().size(), 1U);
}

TEST_F(ApiKeysTest, NoTruncatedFileIsTakenForASoundOne) {
  ApiKeys(path_).create("one", Role::read, {});
  const std::string sound = text();
  for (std::size_t size = 0; size + 2 < sound.size(); size += 7) {
    write_file(path_, sound.substr(0, size));
    EXPECT_EQ(code_of([&] { ApiKeys keys(path_); }), ErrorCode::corrupt_file) << size;
  }
}

TEST_F(ApiKeysTest, AFlippedByteNeverOpensMoreThanBefore) {
  const NewKey key = ApiKeys(path_).create("one", Role::read, {});
  const std::string sound = text();
  for (std::size_t i = 0; i < sound.size(); ++i) {
    std::string flipped = sound;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    write_file(folder_.path() / "flipped.json", flipped);
    try {
      const auto found = ApiKeys(folder_.path() / "flipped.json").find(key.secret);
      if (found) {
        EXPECT_EQ(found->role, Role::read) << flipped;
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::corrupt_file) << error.what();
    }
  }
}

TEST_F(ApiKeysTest, AFolderInPlaceOfTheFileIsUnreadable) {
  fs::create_directories(path_);
  EXPECT_EQ(code_of([&] { ApiKeys keys(path_); }), ErrorCode::unreadable);
}

TEST_F(ApiKeysTest, AFileThatBreaksOrVanishesLetsNobodyInUntilItIsMended) {
  ApiKeys keys(path_);
  const NewKey key = keys.create("one", Role::admin, {});
  const std::string sound = text();
  const auto closed = [&] {
    try {
      keys.find(key.secret);
      return false;
    } catch (const Error& error) {
      return error.code() == ErrorCode::unavailable;
    }
  };
  for (const bool vanish : {false, true}) {
    if (vanish)
      fs::remove(path_);
    else
      write_file(path_, "{");
    EXPECT_TRUE(soon(closed)) << vanish;
    EXPECT_TRUE(keys.any()) << "or everybody would be an administrator";
    EXPECT_EQ(code_of([&] { keys.list(); }), ErrorCode::unavailable);
    EXPECT_EQ(code_of([&] { keys.create("two", Role::read, {}); }), ErrorCode::unavailable);
    EXPECT_EQ(code_of([&] { keys.revoke(key.key.id); }), ErrorCode::unavailable);
    EXPECT_EQ(fs::exists(path_), !vanish);
    write_file(path_, sound);
    EXPECT_TRUE(keys.find(key.secret)) << "mended";
  }
}

TEST(Roles, HaveNamesThatAreReadBack) {
  for (const Role role : {Role::read, Role::enrol, Role::admin})
    EXPECT_EQ(role_from_name(to_string(role)), role);
  EXPECT_EQ(code_of([] { role_from_name("Admin"); }), ErrorCode::invalid_argument);
  EXPECT_LT(Role::read, Role::enrol);
  EXPECT_LT(Role::enrol, Role::admin);
}

TEST(DefaultKeysFile, FollowsTheEnvironment) {
  const ScopedEnvironment home("HOME", "/home/anna");
  const ScopedEnvironment data("XDG_DATA_HOME", "/data");
  const ScopedEnvironment file("LIKENESS_KEYS", "/etc/keys.json");
  EXPECT_EQ(default_keys_file(), "/etc/keys.json");
  const ScopedEnvironment no_file("LIKENESS_KEYS", std::nullopt);
  EXPECT_EQ(default_keys_file(), "/data/likeness/keys.json");
  const ScopedEnvironment no_data("XDG_DATA_HOME", "");
  EXPECT_EQ(default_keys_file(), "/home/anna/.local/share/likeness/keys.json");
  const ScopedEnvironment no_home("HOME", std::nullopt);
  EXPECT_EQ(code_of([] { default_keys_file(); }), ErrorCode::not_found);
}

}  // namespace
}  // namespace likeness::serve
