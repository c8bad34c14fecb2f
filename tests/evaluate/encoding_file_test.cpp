#include <chrono>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/encoding_file.h>
#include <likeness/image/codec.h>
#include <likeness/model/safetensors.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Encodes pictures of one colour; black ones have no face. Counts what is asked of it.
class EncodingFileTest : public testing::Test {
 protected:
  void add(const std::string& name, std::uint8_t red) const {
    Image image(8, 8);
    for (int i = 0; i < 64; ++i) image.pixels()[static_cast<std::size_t>(3 * i)] = red;
    write_image(folder_.path() / name, image);
  }

  EncodedPictures encode(const std::vector<std::string>& pictures,
                         const std::string& settings = "m") {
    const PictureSteps steps = {.locate = [this](const Image& image) -> std::optional<LocatedFace> {
                                  ++located_;
                                  if (image.at(0, 0)[0] == 0) return std::nullopt;
                                  return LocatedFace{{.box = {1, 2, 3, 4},
                                                      .landmarks = {.left_eye = {5, 6},
                                                                    .right_eye = {},
                                                                    .nose = {},
                                                                    .left_mouth = {},
                                                                    .right_mouth = {}},
                                                      .score = 0.5F},
                                                     {.crops = {image}}};
                                },
                                .encode =
                                    [](std::span<const AlignedFace> faces) {
                                      std::vector<Encoding> encodings;
                                      for (const AlignedFace& face : faces)
                                        encodings.push_back(face.crops[0].at(0, 0)[0] > 100
                                                                ? Encoding{1, 0}
                                                                : Encoding{0.6F, 0.8F});
                                      return encodings;
                                    }};
    located_ = 0;
    Progress silent;
    return encode_pictures(folder_.path(), pictures, steps, {.threads = 1}, {path(), settings},
                           silent);
  }

  fs::path path() const { return folder_.path() / "kept.safetensors"; }

  TemporaryFolder folder_;
  int located_ = 0;
};

TEST_F(EncodingFileTest, APictureIsEncodedOnce) {
  add("a.png", 200);
  add("b.png", 50);
  add("black.png", 0);
  const EncodedPictures first = encode({"a.png", "black.png"});
  EXPECT_EQ(located_, 2);
  const EncodedPictures second = encode({"a.png", "b.png", "black.png"});
  EXPECT_EQ(located_, 1);
  ASSERT_EQ(second.size(), 3U);
  EXPECT_EQ(second.at("a.png")->encoding, (Encoding{1, 0}));
  EXPECT_EQ(second.at("a.png")->face.box.height, 4);
  EXPECT_EQ(second.at("a.png")->face.landmarks.left_eye.y, 6);
  EXPECT_EQ(second.at("a.png")->face.score, 0.5F);
  EXPECT_EQ(second.at("b.png")->encoding, (Encoding{0.6F, 0.8F}));
  EXPECT_FALSE(second.at("black.png"));
  encode({"b.png"});
  EXPECT_EQ(located_, 0);
}

TEST_F(EncodingFileTest, APictureThatChangedIsEncodedAgain) {
  add("a.png", 50);
  encode({"a.png"});
  add("a.png", 200);
  fs::last_write_time(folder_.path() / "a.png",
                      fs::last_write_time(folder_.path() / "a.png") + std::chrono::seconds(5));
  EXPECT_EQ(encode({"a.png"}).at("a.png")->encoding, (Encoding{1, 0}));
  EXPECT_EQ(located_, 1);
}

TEST_F(EncodingFileTest, OtherSettingsAreRefused) {
  add("a.png", 50);
  encode({"a.png"}, "duo, flip");
  const auto call = [&] { encode({"a.png"}, "resnet"); };
  EXPECT_EQ(code_of(call), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(call).find("duo, flip"), std::string::npos) << message_of(call);
  EXPECT_NE(message_of(call).find("resnet"), std::string::npos) << message_of(call);
}

TEST_F(EncodingFileTest, AMissingPictureIsAnErrorEvenIfItWasEncodedOnce) {
  add("a.png", 50);
  encode({"a.png"});
  fs::remove(folder_.path() / "a.png");
  EXPECT_EQ(code_of([&] { encode({"a.png"}); }), ErrorCode::not_found);
}

TEST_F(EncodingFileTest, BrokenFilesAreRefused) {
  add("a.png", 50);
  add("black.png", 0);
  encode({"a.png", "black.png"});
  const TensorFile good = read_safetensors(path());
  const auto refused = [&](const char* what, const auto& breaks) {
    TensorFile bad = good;
    for (auto& [name, tensor] : bad.tensors) tensor = tensor.clone();
    breaks(bad);
    write_safetensors(path(), bad);
    EXPECT_EQ(code_of([&] { encode({"a.png"}); }), ErrorCode::corrupt_file) << what;
  };
  refused("kind", [](TensorFile& file) { file.metadata["kind"] = "other"; });
  refused("no rows", [](TensorFile& file) { file.tensors.erase("row"); });
  refused("type", [](TensorFile& file) { file.tensors["row"] = file.tensors["row"].to(at::kInt); });
  refused("row", [](TensorFile& file) { file.tensors["row"].fill_(5); });
  refused("length", [](TensorFile& file) { file.tensors["encodings"].mul_(2); });
  refused("NaN", [](TensorFile& file) { file.tensors["encodings"].fill_(std::nanf("")); });
  refused("shape", [](TensorFile& file) {
    file.tensors["faces"] = file.tensors["faces"].slice(1, 0, 3).contiguous();
  });
  refused("names", [](TensorFile& file) { file.tensors["pictures"].fill_('x'); });
  write_file(path(), "nonsense");
  EXPECT_EQ(code_of([&] { encode({"a.png"}); }), ErrorCode::corrupt_file);
}

}  // namespace
}  // namespace likeness
