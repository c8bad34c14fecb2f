#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/image/codec.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

/// A picture of one colour; the steps below find a face unless it is black.
Image plain(std::uint8_t red) {
  Image image(8, 8);
  for (int i = 0; i < 64; ++i) image.pixels()[static_cast<std::size_t>(3 * i)] = red;
  return image;
}

/// The "encoding" is a point of the unit circle that depends on the colour.
PictureSteps colour_steps() {
  return {
      .locate = [](const Image& image) -> std::optional<LocatedFace> {
        if (image.at(0, 0)[0] == 0) return std::nullopt;
        return LocatedFace{{.box = {1, 2, 3, 4}, .landmarks = {}, .score = 1}, {.crops = {image}}};
      },
      .encode =
          [](std::span<const AlignedFace> faces) {
            std::vector<Encoding> encodings;
            for (const AlignedFace& face : faces)
              encodings.push_back(face.crops[0].at(0, 0)[0] > 100 ? Encoding{1, 0}
                                                                  : Encoding{0, 1});
            return encodings;
          }};
}

class EncodePictures : public testing::Test {
 protected:
  std::string add(const std::string& name, const Image& image) {
    write_image(folder_.path() / name, image);
    return name;
  }

  EncodedPictures encode(const std::vector<std::string>& pictures, const PictureSteps& steps,
                         int threads = 2) {
    return encode_pictures(folder_.path(), pictures, steps, {.threads = threads}, progress_);
  }

  struct RecordingProgress : Progress {
    void begin(std::string_view, std::int64_t steps) override { total = steps; }
    void update(std::int64_t steps) override { done = steps; }
    void note(std::string_view message) override { notes.emplace_back(message); }
    void end() override { ended = true; }
    std::int64_t total = 0;
    std::int64_t done = 0;
    bool ended = false;
    std::vector<std::string> notes;
  };

  TemporaryFolder folder_;
  RecordingProgress progress_;
};

TEST_F(EncodePictures, EveryPictureGetsItsOwnEncoding) {
  std::vector<std::string> pictures;
  for (int i = 0; i < 40; ++i)
    pictures.push_back(add(std::to_string(i) + ".png", plain(i % 3 == 0   ? 0
                                                             : i % 3 == 1 ? 50
                                                                          : 200)));
  for (const int threads : {1, 4}) {
    const EncodedPictures encoded = encode(pictures, colour_steps(), threads);
    ASSERT_EQ(encoded.size(), 40U);
    for (int i = 0; i < 40; ++i) {
      const auto& picture = encoded.at(std::to_string(i) + ".png");
      ASSERT_EQ(picture.has_value(), i % 3 != 0) << i;
      if (!picture) continue;
      EXPECT_EQ(picture->encoding, (i % 3 == 1 ? Encoding{0, 1} : Encoding{1, 0})) << i;
      EXPECT_EQ(picture->face.box, (Box{1, 2, 3, 4}));
    }
  }
  EXPECT_EQ(progress_.total, 40);
  EXPECT_EQ(progress_.done, 40);
  EXPECT_TRUE(progress_.ended);
  EXPECT_TRUE(progress_.notes.empty());
}

TEST_F(EncodePictures, ABrokenPictureCountsAsOneWithoutAFaceAndIsNamed) {
  write_file(folder_.path() / "broken.jpg", "this is no picture");
  const EncodedPictures encoded =
      encode({"broken.jpg", add("good.png", plain(200))}, colour_steps());
  EXPECT_FALSE(encoded.at("broken.jpg"));
  EXPECT_TRUE(encoded.at("good.png"));
  ASSERT_EQ(progress_.notes.size(), 1U);
  EXPECT_NE(progress_.notes[0].find("broken.jpg"), std::string::npos) << progress_.notes[0];
}

TEST_F(EncodePictures, AMissingPictureIsAnErrorThatNamesIt) {
  const auto call = [&] { encode({"Ann/Ann_0001.jpg"}, colour_steps()); };
  EXPECT_EQ(code_of(call), ErrorCode::not_found);
  EXPECT_NE(message_of(call).find("Ann_0001.jpg"), std::string::npos);
}

TEST_F(EncodePictures, AnErrorOfAStepStopsTheWork) {
  PictureSteps steps = colour_steps();
  steps.locate = [](const Image&) -> std::optional<LocatedFace> {
    throw Error(ErrorCode::unavailable, "the device went away");
  };
  EXPECT_EQ(code_of([&] { encode({add("a.png", plain(1))}, steps); }), ErrorCode::unavailable);
}

TEST_F(EncodePictures, CanBeCancelled) {
  Cancellation cancellation;
  cancellation.request();
  const std::vector<std::string> pictures = {add("a.png", plain(1))};
  EXPECT_EQ(code_of([&] {
              encode_pictures(folder_.path(), pictures, colour_steps(),
                              {.threads = 1, .cancellation = &cancellation}, progress_);
            }),
            ErrorCode::cancelled);
}

TEST_F(EncodePictures, WorksWithOneTensorThreadEachAndGivesTheCallersSettingBack) {
  const int before = at::get_num_threads();
  at::set_num_threads(3);
  PictureSteps steps = colour_steps();
  std::atomic<int> most = 0;
  steps.encode = [&most, inner = steps.encode](std::span<const AlignedFace> faces) {
    most = std::max(most.load(), at::get_num_threads());
    return inner(faces);
  };
  encode({add("a.png", plain(50)), add("b.png", plain(50))}, steps);
  EXPECT_EQ(most, 1);
  EXPECT_EQ(at::get_num_threads(), 3);
  at::set_num_threads(before);
}

TEST(ScorePairs, GivesTheSquaredDistanceWhereBothPicturesHaveAFace) {
  EncodedPictures encoded;
  encoded["a"] = EncodedPicture{{}, {1, 0}};
  encoded["b"] = EncodedPicture{{}, {0, 1}};
  encoded["c"] = std::nullopt;
  const PairList list{{{"a", "b", false, 0}, {"a", "c", true, 1}, {"c", "c", true, 1}}, 2};
  const std::vector<ScoredPair> scored = score_pairs(list, encoded);
  ASSERT_EQ(scored.size(), 3U);
  EXPECT_FLOAT_EQ(scored[0].distance.value(), 2);
  EXPECT_FALSE(scored[0].same_person);
  EXPECT_FALSE(scored[1].distance);
  EXPECT_TRUE(scored[1].same_person);
  EXPECT_EQ(scored[1].fold, 1);
  EXPECT_FALSE(scored[2].distance);
}

}  // namespace
}  // namespace likeness
