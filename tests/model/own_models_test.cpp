/// The models that were trained here and are kept in models/.

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/model/local_model.h>
#include <likeness/model/safetensors.h>
#include <likeness/model/store.h>

#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = fs::path(LIKENESS_SOURCE_DIR) / "models";

class OwnModel : public testing::TestWithParam<const char*> {
 protected:
  fs::path folder() const { return kModels / GetParam(); }
};

TEST_P(OwnModel, IsWholeAndKnowsItself) {
  const ModelEntry entry = read_local_model(folder(), builtin_manifest());
  EXPECT_EQ(entry.id, GetParam());
  constexpr std::size_t kMostBytes = std::size_t{4} << 20;
  EXPECT_EQ(sha256(read_file(entry.file, kMostBytes)), entry.sha256);
  EXPECT_FALSE(entry.quality.empty());
  EXPECT_TRUE(entry.training.contains("command"));
  EXPECT_TRUE(fs::exists(folder() / "calibration.json"));
}

TEST_P(OwnModel, HasTheCardOfItsEntry) {
  const ModelEntry entry = read_local_model(folder(), builtin_manifest());
  const Bytes card = read_file(folder() / "model_card.md", std::size_t{1} << 20);
  EXPECT_EQ(std::string(card.begin(), card.end()), model_card(entry));
}

TEST_P(OwnModel, CanBeAdded) {
  const TemporaryFolder cache;
  ModelStore store(cache.path());
  EXPECT_EQ(store.add(folder()), GetParam());
  EXPECT_FALSE(read_safetensors(store.path(GetParam())).tensors.empty());
}

INSTANTIATE_TEST_SUITE_P(Models, OwnModel, testing::Values("compact64", "duo_pose"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace likeness
