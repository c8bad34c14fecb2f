#include <filesystem>
#include <limits>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/train/checkpoint.h>

#include "support/error_code.h"
#include "support/file_size_limit.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{1} << 24;

Checkpoint example() {
  Checkpoint checkpoint;
  checkpoint.settings = {{"network", "compact"}, {"steps", "100"}};
  checkpoint.state = {{"step", "42"}, {"note", "12 apples"}};
  checkpoint.add("network/", {{"w", at::arange(6).to(at::kFloat).view({2, 3})}});
  checkpoint.add("average/", {{"w", at::full({2, 3}, 1e-30F)}});
  checkpoint.add("optimiser/", {{"steps", at::full({}, 42, at::kLong)}});
  return checkpoint;
}

class CheckpointFile : public testing::Test {
 protected:
  TemporaryFolder folder;
  fs::path path = folder.path() / "checkpoint.safetensors";
};

TEST_F(CheckpointFile, GivesEverythingBack) {
  write_checkpoint(path, example());
  const Checkpoint read = read_checkpoint(path);
  EXPECT_EQ(read.settings, example().settings);
  EXPECT_EQ(read.state, example().state);
  EXPECT_EQ(read.number("step"), 42);
  ASSERT_EQ(read.tensors.size(), 3U);
  EXPECT_TRUE(at::equal(read.below("network/").at("w"), example().tensors.at("network/w")));
  EXPECT_TRUE(at::equal(read.below("average/").at("w"), example().tensors.at("average/w")));
  EXPECT_EQ(read.below("optimiser/").at("steps").item<std::int64_t>(), 42);
  EXPECT_TRUE(read.below("memory/").empty());
}

TEST_F(CheckpointFile, TheSameStateGivesTheSameBytes) {
  write_checkpoint(path, example());
  const Bytes first = read_file(path, kMostBytes);
  write_checkpoint(path, example());
  EXPECT_EQ(read_file(path, kMostBytes), first);
}

TEST_F(CheckpointFile, MissingOrStrangeStateIsNamed) {
  const Checkpoint checkpoint = example();
  EXPECT_NE(message_of([&] { checkpoint.text("best"); }).find("\"best\""), std::string::npos);
  EXPECT_NE(message_of([&] { checkpoint.number("note"); }).find("12 apples"), std::string::npos);
  EXPECT_EQ(code_of([&] { checkpoint.number("note"); }), ErrorCode::corrupt_file);
}

TEST_F(CheckpointFile, OtherAndDamagedFilesAreRefused) {
  write_safetensors(path, {.tensors = {{"w", at::zeros({2})}}, .metadata = {}});
  EXPECT_EQ(code_of([&] { read_checkpoint(path); }), ErrorCode::corrupt_file);
  write_checkpoint(path, example());
  fs::resize_file(path, fs::file_size(path) - 1);
  EXPECT_EQ(code_of([&] { read_checkpoint(path); }), ErrorCode::corrupt_file);
  EXPECT_EQ(code_of([&] { read_checkpoint(folder.path() / "none"); }), ErrorCode::not_found);
}

TEST_F(CheckpointFile, AFullDiskLeavesTheOldOneAndNothingElse) {
  write_checkpoint(path, example());
  const Bytes old = read_file(path, kMostBytes);
  Checkpoint large = example();
  large.add("network/", {{"w", at::zeros({100'000})}});
  {
    const FileSizeLimit full(10'000);
    EXPECT_EQ(code_of([&] { write_checkpoint(path, large); }), ErrorCode::write_failed);
  }
  EXPECT_EQ(read_file(path, kMostBytes), old);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(SameRun, NamesEverySettingThatDiffers) {
  const RunSettings began = {{"steps", "100"}, {"seed", "1"}, {"mining", "all"}};
  EXPECT_NO_THROW(check_same_run(began, began));
  const RunSettings now = {{"steps", "200"}, {"seed", "1"}, {"memory", "64"}};
  const auto check = [&] { check_same_run(began, now); };
  EXPECT_EQ(code_of(check), ErrorCode::invalid_argument);
  const std::string message = message_of(check);
  EXPECT_NE(message.find("steps was '100', is '200'"), std::string::npos) << message;
  EXPECT_NE(message.find("mining was 'all', is not set"), std::string::npos) << message;
  EXPECT_NE(message.find("memory was not set, is '64'"), std::string::npos) << message;
  EXPECT_EQ(message.find("seed"), std::string::npos) << message;
}

}  // namespace
}  // namespace likeness
