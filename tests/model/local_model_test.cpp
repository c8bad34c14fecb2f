#include <filesystem>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/model/local_model.h>
#include <likeness/model/store.h>

#include "support/error_code.h"
#include "support/file_size_limit.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMost = std::size_t{1} << 24;

LocalModel example(const std::string& id = "mine") {
  ModelEntry entry;
  entry.id = id;
  entry.task = "face encoder";
  entry.summary = "a test";
  entry.licence = "none";
  entry.input = "32x32 RGB";
  entry.quality = "poor";
  entry.architecture = "compact_encoder";
  entry.settings = {{"size", "32"}, {"dimensions", "8"}};
  entry.training = {{"data", "photos: 3 faces"}, {"seed", "1"}};
  return {.entry = entry,
          .weights = {{"w", at::tensor({0.1F, -2.0F, 3e-4F})}, {"n", at::tensor({7}, at::kLong)}}};
}

class LocalModelFolder : public testing::Test {
 protected:
  fs::path run() const {
    fs::create_directories(folder.path() / "run");
    return folder.path() / "run";
  }
  ModelStore store() const { return ModelStore(folder.path() / "cache"); }
  TemporaryFolder folder;
};

TEST_F(LocalModelFolder, GivesTheEntryBack) {
  const ModelEntry written = write_local_model(run(), example(), Precision::full);
  const ModelEntry read = read_local_model(run(), builtin_manifest());
  EXPECT_EQ(to_json(read), to_json(written));
  EXPECT_EQ(read.id, "mine");
  EXPECT_EQ(read.architecture, "compact_encoder");
  EXPECT_EQ(read.settings.at("dimensions"), "8");
  EXPECT_EQ(read.training.at("data"), "photos: 3 faces");
  EXPECT_EQ(read.file, run() / "model.safetensors");
  EXPECT_EQ(read.bytes, static_cast<std::int64_t>(fs::file_size(read.file)));
  EXPECT_EQ(read.sha256, sha256(read_file(read.file, kMost)));
}

TEST_F(LocalModelFolder, KeepsWeightsInTheChosenPrecision) {
  const ModelEntry full = write_local_model(run(), example(), Precision::full);
  EXPECT_TRUE(at::equal(read_safetensors(full.file).tensors.at("w"), example().weights.at("w")));
  const ModelEntry half = write_local_model(run(), example(), Precision::half);
  EXPECT_LT(half.bytes, full.bytes);
  const TensorMap tensors = read_safetensors(half.file).tensors;
  EXPECT_EQ(tensors.at("w").scalar_type(), at::kHalf);
  EXPECT_EQ(tensors.at("n").scalar_type(), at::kLong) << "counters stay whole";
  EXPECT_TRUE(at::allclose(tensors.at("w").to(at::kFloat), example().weights.at("w"), 1e-3));
}

TEST_F(LocalModelFolder, IsOpenedByItsFolderAndLoaded) {
  write_local_model(run(), example(), Precision::full);
  ModelStore models = store();
  EXPECT_EQ(models.open(run().string()), "mine");
  EXPECT_TRUE(at::equal(models.load("mine").at("w"), example().weights.at("w")));
  EXPECT_EQ(models.open(run().string()), "mine") << "again";
  EXPECT_EQ(code_of([&] { store().load("mine"); }), ErrorCode::not_found)
      << "other stores do not know it";
}

TEST_F(LocalModelFolder, AddedItIsKnownByItsIdEverywhere) {
  write_local_model(run(), example(), Precision::full);
  ModelStore models = store();
  EXPECT_EQ(models.add(run()), "mine");
  EXPECT_EQ(models.add(run()), "mine") << "the same again changes nothing";
  fs::remove_all(run());
  const ModelStore later = store();
  EXPECT_EQ(later.manifest().find("mine").architecture, "compact_encoder");
  EXPECT_TRUE(at::equal(later.load("mine").at("w"), example().weights.at("w")));
  EXPECT_EQ(later.status("mine", true).state, ModelState::present);
}

TEST_F(LocalModelFolder, WhatWasMeasuredOfItGoesAlong) {
  write_local_model(run(), example(), Precision::full);
  ModelStore models = store();
  models.add(run());
  EXPECT_FALSE(fs::exists(store().manifest().find("mine").file.parent_path() / "calibration.json"));
  write_file(run() / "calibration.json", std::string_view("[]\n"));
  models.add(run());
  EXPECT_TRUE(fs::exists(store().manifest().find("mine").file.parent_path() / "calibration.json"))
      << "measured later, added again";
}

TEST(WeightsFingerprint, NamesTheWeightsOfAModelAndItsParts) {
  const Manifest& manifest = builtin_manifest();
  const std::string first = weights_fingerprint(manifest, "mobilefacenet");
  EXPECT_EQ(first, manifest.find("mobilefacenet").sha256.substr(0, 8));
  EXPECT_EQ(weights_fingerprint(manifest, "duo"),
            first + "+" + weights_fingerprint(manifest, "resnet"));
  EXPECT_EQ(code_of([&] { weights_fingerprint(manifest, "none"); }), ErrorCode::not_found);
}

TEST_F(LocalModelFolder, HasACardForPeople) {
  LocalModel model = example();
  model.entry.summary = "left | right";
  model.entry.training["command"] = "likeness train\nsiamese";
  const ModelEntry entry = write_local_model(run(), model, Precision::full);
  const Bytes bytes = read_file(run() / "model_card.md", kMost);
  const std::string card(bytes.begin(), bytes.end());
  EXPECT_EQ(card, model_card(entry));
  for (const char* part :
       {"# mine\n", "| architecture | compact_encoder (dimensions 8, size 32) |", "| seed | 1 |",
        "| command | likeness train siamese |", "## Measured quality\n\npoor\n", "## Limits"})
    EXPECT_NE(card.find(part), std::string::npos) << part << " in\n" << card;
  EXPECT_NE(card.find(entry.sha256), std::string::npos);
  model.entry.licence = "a | b";
  model.entry.quality.clear();
  const std::string other = model_card(write_local_model(run(), model, Precision::full));
  EXPECT_NE(other.find("| licence | a \\| b |"), std::string::npos) << other;
  EXPECT_NE(other.find("Not measured."), std::string::npos) << other;
}

TEST_F(LocalModelFolder, AddedUnderAnotherName) {
  write_local_model(run(), example(), Precision::full);
  ModelStore models = store();
  EXPECT_EQ(models.add(run(), "door"), "door");
  EXPECT_TRUE(at::equal(store().load("door").at("w"), example().weights.at("w")));
  EXPECT_EQ(code_of([&] { store().load("mine"); }), ErrorCode::not_found);
  for (const char* wrong : {"../up", "Door", "a b"})
    EXPECT_EQ(code_of([&] { models.add(run(), wrong); }), ErrorCode::invalid_argument) << wrong;
  LocalModel changed = example();
  changed.weights["w"] = at::tensor({1.0F});
  write_local_model(run(), changed, Precision::full);
  EXPECT_EQ(code_of([&] { models.add(run(), "door"); }), ErrorCode::invalid_argument)
      << "other weights under a name that is used";
}

TEST_F(LocalModelFolder, RemovedItIsForgottenAndTheRunStays) {
  write_local_model(run(), example(), Precision::full);
  ModelStore models = store();
  models.add(run());
  const fs::path kept = models.path("mine").parent_path();
  models.remove("mine");
  EXPECT_FALSE(fs::exists(kept));
  EXPECT_EQ(code_of([&] { models.manifest().find("mine"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { store().load("mine"); }), ErrorCode::not_found);
  EXPECT_TRUE(fs::exists(run() / "model.safetensors"));
  EXPECT_EQ(code_of([&] { models.remove("mine"); }), ErrorCode::not_found);
}

TEST_F(LocalModelFolder, OnlyWhatWasAddedAndServesNoOtherCanBeRemoved) {
  write_local_model(run(), example("base"), Precision::full);
  LocalModel head = example("head");
  head.entry.parts = {"base"};
  head.entry.shares = {1};
  fs::create_directories(folder.path() / "head");
  ModelStore models = store();
  models.open(run().string());
  EXPECT_EQ(code_of([&] { models.remove("base"); }), ErrorCode::invalid_argument)
      << "opened, not added";
  EXPECT_EQ(code_of([&] { models.remove("mobilefacenet"); }), ErrorCode::invalid_argument);
  models = store();
  models.add(run());
  write_local_model(folder.path() / "head", head, Precision::full);
  models.add(folder.path() / "head");
  EXPECT_NE(message_of([&] { models.remove("base"); }).find("part of 'head'"), std::string::npos);
  models.remove("head");
  models.remove("base");
  EXPECT_TRUE(fs::exists(run() / "model.json"));
}

TEST_F(LocalModelFolder, PartsGoAlong) {
  LocalModel head = example("head");
  head.entry.parts = {"base"};
  head.entry.shares = {1};
  write_local_model(run(), head, Precision::full);
  fs::create_directories(run() / "parts" / "base");
  write_local_model(run() / "parts" / "base", example("base"), Precision::full);
  EXPECT_EQ(part_folders(run()), std::vector<fs::path>{run() / "parts" / "base"});
  ModelStore models = store();
  EXPECT_EQ(models.open(run().string()), "head");
  EXPECT_EQ(models.status("head", true).state, ModelState::present);
  ModelStore others = store();
  EXPECT_EQ(others.add(run()), "head");
  fs::remove_all(run());
  const ModelStore later = store();
  EXPECT_EQ(later.status("head", true).state, ModelState::present);
  EXPECT_TRUE(at::equal(later.load("base").at("w"), example().weights.at("w")));
}

TEST_F(LocalModelFolder, OneMayStandBehindAnother) {
  write_local_model(run(), example("base"), Precision::full);
  LocalModel head = example("a_head");  // the first in the order of names
  head.entry.parts = {"base"};
  head.entry.shares = {1};
  fs::create_directories(folder.path() / "head");
  write_local_model(folder.path() / "head", head, Precision::full);
  ModelStore models = store();
  const auto add_head = [&] { models.add(folder.path() / "head"); };
  EXPECT_EQ(code_of(add_head), ErrorCode::corrupt_file);
  EXPECT_NE(message_of(add_head).find("'base', which is no known model"), std::string::npos)
      << message_of(add_head);
  models.add(run());
  add_head();
  const ModelStore later = store();
  EXPECT_EQ(later.manifest().find("a_head").parts, std::vector<std::string>{"base"});
  EXPECT_EQ(later.status("a_head", true).state, ModelState::present);
  fs::remove(later.path("base"));
  EXPECT_EQ(later.status("a_head").state, ModelState::missing);
}

TEST_F(LocalModelFolder, AnotherModelCannotTakeAnIdThatIsUsed) {
  write_local_model(run(), example("mobilefacenet"), Precision::full);
  ModelStore models = store();
  EXPECT_EQ(code_of([&] { models.open(run().string()); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { models.add(run()); }), ErrorCode::invalid_argument);
}

TEST_F(LocalModelFolder, WhatIsNoModelIsRefusedClearly) {
  const auto read = [&](const fs::path& place) { read_local_model(place, builtin_manifest()); };
  const auto missing = [&] { read(folder.path() / "none"); };
  EXPECT_EQ(code_of(missing), ErrorCode::not_found);
  EXPECT_NE(message_of(missing).find("no such folder"), std::string::npos);
  EXPECT_NE(message_of([&] { read(run()); }).find("no model.json"), std::string::npos);
  write_file(run() / "model.json", std::string_view("{"));
  EXPECT_EQ(code_of([&] { read(run()); }), ErrorCode::corrupt_file);
}

TEST_F(LocalModelFolder, WeightsThatDifferFromTheirEntryAreNotAdded) {
  const ModelEntry entry = write_local_model(run(), example(), Precision::full);
  Bytes bytes = read_file(entry.file, kMost);
  bytes.back() ^= 1;
  write_file(entry.file, bytes);
  ModelStore models = store();
  EXPECT_EQ(code_of([&] { models.add(run()); }), ErrorCode::checksum_mismatch);
  EXPECT_EQ(code_of([&] { store().load("mine"); }), ErrorCode::not_found);
}

TEST_F(LocalModelFolder, AFullDiskLeavesTheOldModel) {
  const ModelEntry old = write_local_model(run(), example(), Precision::full);
  LocalModel large = example();
  large.weights["w"] = at::zeros({100'000});
  {
    const FileSizeLimit full(10'000);
    EXPECT_EQ(code_of([&] { write_local_model(run(), large, Precision::full); }),
              ErrorCode::write_failed);
  }
  EXPECT_EQ(to_json(read_local_model(run(), builtin_manifest())), to_json(old));
  EXPECT_EQ(sha256(read_file(old.file, kMost)), old.sha256);
}

}  // namespace
}  // namespace likeness
