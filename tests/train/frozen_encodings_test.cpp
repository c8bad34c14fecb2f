#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/transform.h>
#include <likeness/model/local_model.h>
#include <likeness/net/compact_encoder.h>
#include <likeness/train/frozen_encodings.h>
#include <likeness/train/overlap.h>
#include <likeness/train/siamese_network.h>

#include "support/error_code.h"
#include "support/recording_progress.h"
#include "support/temporary_folder.h"
#include "train/drawn_people.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// A compact encoder with random weights that looks at drawn people.
class Frozen : public testing::Test {
 protected:
  Frozen() : store(folder.path() / "cache"), model(store.open(random_model("random", 1))) {}

  std::string random_model(const std::string& id, std::uint64_t seed) const {
    const auto network =
        compact_network({.size = kDrawnInput, .dimensions = 16}, seed, c10::kCPU, false);
    LocalModel local = network->exported();
    local.entry.id = id;
    local.entry.task = "face encoder";
    local.entry.summary = local.entry.licence = "a test";
    fs::create_directories(folder.path() / id);
    write_local_model(folder.path() / id, local, Precision::full);
    return (folder.path() / id).string();
  }
  FaceEncoder encoder() const { return {store, model, c10::kCPU}; }
  FrozenEncodings encoded(const ViewOptions& views) {
    return frozen_encodings(store, encoder(), {&faces, 1}, "drawn", views, {.threads = 2},
                            progress);
  }
  std::ptrdiff_t cached() const {
    return std::count_if(fs::directory_iterator(store.root() / "encodings"),
                         fs::directory_iterator(),
                         [](const fs::path& path) { return path.extension() == ".safetensors"; });
  }

  TemporaryFolder folder;
  ModelStore store;
  std::string model;
  AlignedFaces faces = drawn_people(3, 2);
  RecordingProgress progress;
};

TEST_F(Frozen, TheFirstViewIsTheFaceAsItIs) {
  const FrozenEncodings frozen = encoded({.views = 3});
  EXPECT_EQ(frozen.encodings.sizes(), at::IntArrayRef({6, 4, 16}));
  const EncodedFaces expected = encode_faces(faces, encoder(), {}, progress);
  EXPECT_TRUE(at::allclose(frozen.encodings.select(1, 0), expected.encodings, 0, 1e-5));
  const at::Tensor lengths = frozen.encodings.norm(2, 2);
  EXPECT_TRUE(at::allclose(lengths, at::ones_like(lengths), 0, 1e-5));
}

TEST_F(Frozen, TheOthersAreWhatTheAugmentationMakes) {
  AugmentationOptions cutout = AugmentationOptions::none();
  cutout.cutout = {.probability = 1, .smallest = 0.5, .largest = 0.5};
  const at::Tensor e = encoded({.views = 2, .augmentation = cutout}).encodings;
  EXPECT_GT((e.select(1, 1) - e.select(1, 0)).norm(2, 1).min().item<float>(), 1e-3F);
  EXPECT_GT((e.select(1, 1) - e.select(1, 2)).norm(2, 1).min().item<float>(), 1e-3F);
  const at::Tensor still =
      encoded({.views = 2, .augmentation = AugmentationOptions::none()}).encodings;
  EXPECT_TRUE(at::allclose(still.select(1, 1), still.select(1, 0), 0, 1e-5));
}

TEST_F(Frozen, AFlipAloneChangesNothingSinceBothSidesAreAveraged) {
  AugmentationOptions flip = AugmentationOptions::none();
  flip.flip.probability = 1;
  const at::Tensor e = encoded({.views = 1, .augmentation = flip}).encodings;
  EXPECT_TRUE(at::equal(e.select(1, 0), e.select(1, 1)));
}

TEST_F(Frozen, AreComputedOnceForEachKey) {
  const FrozenEncodings first = encoded({.views = 2, .seed = 5});
  EXPECT_EQ(progress.tasks.size(), 1U);
  const FrozenEncodings again = encoded({.views = 2, .seed = 5});
  EXPECT_EQ(progress.tasks.size(), 1U) << "read, not computed";
  EXPECT_TRUE(at::equal(first.encodings, again.encodings));
  EXPECT_EQ(first.key, again.key);
  EXPECT_NE(encoded({.views = 2, .seed = 6}).key, first.key);
  EXPECT_NE(encoded({.views = 1, .seed = 5}).key, first.key);
  AugmentationOptions other;
  other.pose.degrees = 41;
  EXPECT_NE(encoded({.views = 2, .augmentation = other, .seed = 5}).key, first.key);
  model = store.open(random_model("another", 2));
  EXPECT_NE(encoded({.views = 2, .seed = 5}).key, first.key);
  EXPECT_EQ(cached(), 5);
}

TEST_F(Frozen, ADamagedFileIsReportedAndMadeAgain) {
  const FrozenEncodings good = encoded({.views = 1});
  for (const fs::path& file : fs::directory_iterator(store.root() / "encodings"))
    write_file(file, std::string_view("nonsense"));
  const FrozenEncodings mended = encoded({.views = 1});
  EXPECT_EQ(progress.notes_with("made again").size(), 1U);
  EXPECT_TRUE(at::equal(mended.encodings, good.encodings));
  progress.tasks.clear();
  encoded({.views = 1});
  EXPECT_TRUE(progress.tasks.empty());
}

TEST_F(Frozen, CropsThatDoNotFitAreRefused) {
  const FaceEncoder network = encoder();
  AlignedFaces small = faces;
  small.pixels = faces.pixels.slice(1, 0, 30).slice(2, 0, 30).contiguous();
  EXPECT_EQ(code_of([&] {
              encode_views({&small, 1}, network, {}, {}, progress);
            }),
            ErrorCode::invalid_argument);
}

TEST_F(Frozen, TrainingFacesShowOneOfTheViewsAndValidationTheFirst) {
  FrozenEncodings frozen{.encodings = at::zeros({6, 3, 2}), .key = "k"};
  for (std::int64_t row = 0; row < 6; ++row)
    for (std::int64_t view = 0; view < 3; ++view) {
      frozen.encodings[row][view][0] = row;
      frozen.encodings[row][view][1] = view;
    }
  const std::vector<std::string> names = {"person0", "person2"};
  const AlignedFaces some = only_identities(faces, names);
  const auto training = encoded_training_faces(some, frozen);
  EXPECT_EQ(training->labels(), (std::vector<std::int64_t>{0, 0, 1, 1}));
  EXPECT_EQ(training->picture(2), "person2/0.png");

  const std::vector<std::int64_t> chosen = {3, 0, 2};
  const std::vector<at::Tensor> plain = training->views(chosen, 1);
  ASSERT_EQ(plain.size(), 1U);
  EXPECT_TRUE(at::equal(plain[0], at::tensor({5.F, 0.F, 0.F, 0.F, 4.F, 0.F}).view({3, 2})));
  std::set<float> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const at::Tensor x = training->varied(chosen, seed, 1);
    EXPECT_TRUE(at::equal(x.select(1, 0), at::tensor({5.F, 0.F, 4.F})));
    EXPECT_TRUE(at::equal(x, training->varied(chosen, seed, 1)));
    seen.insert(x[0][1].item<float>());
  }
  EXPECT_EQ(seen, (std::set<float>{0, 1, 2}));

  EXPECT_EQ(training->fingerprint(), encoded_training_faces(some, frozen)->fingerprint());
  FrozenEncodings others = frozen;
  others.key = "l";
  EXPECT_NE(training->fingerprint(), encoded_training_faces(some, others)->fingerprint());
  EXPECT_NE(training->fingerprint(), encoded_training_faces(faces, frozen)->fingerprint());
}

}  // namespace
}  // namespace likeness
