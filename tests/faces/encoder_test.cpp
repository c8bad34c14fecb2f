#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <thread>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>
#include <likeness/image/transform.h>
#include <likeness/model/local_model.h>

#include "support/error_code.h"
#include "support/portraits.h"
#include "support/real_data.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

constexpr std::array<const char*, 4> kModels = {"mobilefacenet", "resnet", "duo", "duo_steady"};

TEST(SquaredDistance, IsTheSumOfSquaredDifferences) {
  EXPECT_FLOAT_EQ(squared_distance(std::vector<float>{1, 0, 0.5F}, std::vector<float>{0, 1, 0}),
                  2.25F);
  const std::vector<float> a = {0.6F, 0.8F};
  const std::vector<float> opposite = {-0.6F, -0.8F};
  EXPECT_FLOAT_EQ(squared_distance(a, a), 0);
  EXPECT_FLOAT_EQ(squared_distance(a, opposite), 4);
  EXPECT_FLOAT_EQ(squared_distance({}, {}), 0);
  EXPECT_THROW(squared_distance(a, std::vector<float>{1}), std::logic_error);
}

TEST(FaceEncoderOptions, OnlyFaceEncodersAreLoaded) {
  const TemporaryFolder nothing;
  const ModelStore store(nothing.path());
  EXPECT_EQ(code_of([&] { const FaceEncoder encoder(store, "eigenfaces", c10::kCPU); }),
            ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { const FaceEncoder encoder(store, "mtcnn", c10::kCPU); }),
            ErrorCode::invalid_argument);
}

/// The twelve faces of the demonstration's photos.
class Encoder : public testing::Test {
 protected:
  void SetUp() override {
    LIKENESS_SKIP_WHEN(missing_photos());
    LIKENESS_SKIP_WHEN(missing_weights(store_, {"duo", "mtcnn", "landmark68"}));
    group_ = side_by_side(kTwelveFaces, 4, 200, 250);
    faces_ = FaceDetector(store_, c10::kCPU).detect(group_);
    ASSERT_EQ(faces_.size(), kTwelveFaces.size());
  }
  FaceEncoder load(const std::string& model, EncoderOptions options = {}) const {
    return {store_, model, c10::kCPU, options};
  }
  std::vector<AlignedFace> aligned(const FaceEncoder& encoder) const {
    std::vector<AlignedFace> result;
    for (const Face& face : faces_) result.push_back(encoder.align(group_, face));
    return result;
  }

  const ModelStore store_;
  Image group_;
  std::vector<Face> faces_;
};

AlignedFace mirrored(const AlignedFace& face) {
  AlignedFace result;
  for (const Image& crop : face.crops) result.crops.push_back(mirror(crop));
  return result;
}

TEST_F(Encoder, EncodingsHaveLengthOne) {
  for (const char* model : kModels) {
    const FaceEncoder encoder = load(model);
    EXPECT_EQ(encoder.model(), model);
    const auto encodings = encoder.encode(aligned(encoder));
    ASSERT_EQ(encodings.size(), faces_.size());
    for (const Encoding& encoding : encodings) {
      ASSERT_EQ(encoding.size(), static_cast<std::size_t>(encoder.dimensions()));
      const std::vector<float> origin(encoding.size());
      EXPECT_NEAR(squared_distance(encoding, origin), 1, 1e-5) << model;
    }
  }
}

TEST_F(Encoder, CropsFitTheNetworks) {
  const auto sizes = [&](const char* model) {
    std::vector<int> widths;
    for (const Image& crop : load(model).align(group_, faces_[0]).crops) {
      EXPECT_EQ(crop.width(), crop.height());
      widths.push_back(crop.width());
    }
    return widths;
  };
  EXPECT_EQ(sizes("mobilefacenet"), std::vector<int>{112});
  EXPECT_EQ(sizes("resnet"), std::vector<int>{150});
  EXPECT_EQ(sizes("duo"), (std::vector<int>{112, 150}));
  EXPECT_EQ(sizes("duo_steady"), (std::vector<int>{112, 150})) << "the five are made of one";
}

TEST_F(Encoder, FlipAveragingMakesMirrorImagesEqual) {
  for (const char* model : kModels) {
    const FaceEncoder encoder = load(model);
    const FaceEncoder plain = load(model, {.flip = false});
    const AlignedFace face = encoder.align(group_, faces_[0]);
    const std::vector<AlignedFace> both = {face, mirrored(face)};
    const auto f = encoder.encode(both);
    EXPECT_LT(squared_distance(f[0], f[1]), 1e-9) << model;
    const auto g = plain.encode(both);
    EXPECT_GT(squared_distance(g[0], g[1]), 1e-3) << model << " sees the difference without it";
  }
}

TEST_F(Encoder, ABatchGivesWhatEachFaceGivesAlone) {
  for (const char* model : kModels) {
    const FaceEncoder encoder = load(model);
    const auto together = encoder.encode(aligned(encoder));
    for (std::size_t i = 0; i < faces_.size(); ++i)
      EXPECT_LT(squared_distance(together[i], encoder.encode(group_, faces_[i])), 1e-8)
          << model << ", face " << i;
    EXPECT_TRUE(encoder.encode(std::span<const AlignedFace>()).empty());
  }
}

TEST_F(Encoder, ManyThreadsAtOnceGiveTheSame) {
  for (const char* model : kModels) {
    const FaceEncoder encoder = load(model);
    const auto faces = aligned(encoder);
    const auto expected = encoder.encode(faces);
    std::vector<std::vector<Encoding>> found(4);
    std::vector<std::thread> threads;
    for (auto& encodings : found) threads.emplace_back([&] { encodings = encoder.encode(faces); });
    for (std::thread& thread : threads) thread.join();
    for (const auto& encodings : found) {
      ASSERT_EQ(encodings.size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_LT(squared_distance(encodings[i], expected[i]), 1e-9) << model << ", face " << i;
    }
  }
}

TEST_F(Encoder, ACombinationsDistanceIsTheWeightedSumOfItsPartsDistances) {
  const ModelEntry& duo = store_.manifest().find("duo");
  const FaceEncoder both = load("duo");
  const auto f = both.encode(aligned(both));
  std::vector<std::vector<Encoding>> parts;
  for (const std::string& part : duo.parts) {
    const FaceEncoder encoder = load(part);
    parts.push_back(encoder.encode(aligned(encoder)));
  }
  for (std::size_t i = 0; i < f.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      double sum = 0;
      for (std::size_t p = 0; p < parts.size(); ++p)
        sum += duo.shares[p] * squared_distance(parts[p][i], parts[p][j]);
      EXPECT_NEAR(squared_distance(f[i], f[j]), sum, 1e-4);
    }
}

TEST_F(Encoder, ComputingInBfloat16StaysClose) {
  for (const char* model : kModels) {
    const FaceEncoder exact = load(model);
    const auto expected = exact.encode(aligned(exact));
    const auto found = load(model, {.bf16 = true}).encode(aligned(exact));
    float largest = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
      largest = std::max(largest, squared_distance(found[i], expected[i]));
    EXPECT_GT(largest, 0) << model << " computes in float32";
    EXPECT_LT(largest, 2e-3) << model;
  }
}

/// A head with hand-made weights behind fetched networks.
class EncoderWithHead : public Encoder {
 protected:
  std::string add_head(const std::string& base, const at::Tensor& weight, const at::Tensor& bias,
                       const std::string& architecture = "projection_head",
                       std::optional<int> crops = std::nullopt) {
    const ModelEntry& behind = heads_.manifest().find(base);
    LocalModel model;
    model.entry.id = "head" + std::to_string(count_++);
    model.entry.task = "face encoder";
    model.entry.summary = model.entry.licence = model.entry.input = "a test";
    model.entry.architecture = architecture;
    model.entry.settings = {{"dimensions", std::to_string(weight.size(0))}};
    model.entry.parts = behind.parts.empty() ? std::vector{base} : behind.parts;
    model.entry.shares = behind.parts.empty() ? std::vector{1.0} : behind.shares;
    model.entry.crops = crops.value_or(behind.crops);
    model.weights = {{"weight", weight}, {"bias", bias}};
    const auto place = folder_.path() / model.entry.id;
    std::filesystem::create_directory(place);
    write_local_model(place, model, Precision::full);
    return heads_.open(place.string());
  }
  std::vector<Encoding> encodings_of(const std::string& model, EncoderOptions options = {}) const {
    const FaceEncoder encoder(heads_, model, c10::kCPU, options);
    return encoder.encode(aligned(encoder));
  }

  const TemporaryFolder folder_;
  ModelStore heads_;
  int count_ = 0;
};

TEST_F(EncoderWithHead, TheIdentityChangesNothing) {
  for (const char* base : kModels) {
    const std::int64_t size = load(base).dimensions();
    const std::string model = add_head(base, at::eye(size), at::zeros({size}));
    EXPECT_EQ(FaceEncoder(heads_, model, c10::kCPU).dimensions(), size);
    const auto expected = encodings_of(base);
    const auto found = encodings_of(model);
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_LT(squared_distance(found[i], expected[i]), 1e-9) << base;
  }
}

TEST_F(EncoderWithHead, GivesTheScaledResultOfItsMapInEveryPrecision) {
  const std::int64_t size = load("duo").dimensions();
  const at::Tensor weight = at::arange(3 * size).to(at::kFloat).sin().view({3, size});
  const at::Tensor bias = at::tensor({0.1F, -0.2F, 0.3F});
  const std::string model = add_head("duo", weight, bias);
  const auto base = encodings_of("duo");
  const auto found = encodings_of(model);
  const auto bf16 = encodings_of(model, {.bf16 = true});
  for (std::size_t i = 0; i < base.size(); ++i) {
    ASSERT_EQ(found[i].size(), 3U);
    const at::Tensor y = weight.mv(at::tensor(base[i])) + bias;
    const at::Tensor expected = y / y.norm();
    for (std::int64_t d = 0; d < 3; ++d)
      EXPECT_NEAR(found[i][static_cast<std::size_t>(d)], expected[d].item<float>(), 1e-4);
    EXPECT_LT(squared_distance(found[i], bf16[i]), 2e-2);
  }
  const FaceEncoder encoder(heads_, model, c10::kCPU);
  EXPECT_LT(squared_distance(found[0], encoder.encode(group_, faces_[0])), 1e-8) << "alone";
}

/// `face` with the content of its crops moved; the border is repeated.
AlignedFace moved_by(const AlignedFace& face, int dx, int dy) {
  AlignedFace result = face;
  for (Image& crop : result.crops) {
    const Image source = crop;
    for (int y = 0; y < crop.height(); ++y)
      for (int x = 0; x < crop.width(); ++x) {
        const auto from = source.at(std::clamp(x - dx, 0, crop.width() - 1),
                                    std::clamp(y - dy, 0, crop.height() - 1));
        std::copy(from.begin(), from.end(), crop.row(y) + 3 * x);
      }
  }
  return result;
}

/// 112 pixels: two are a fiftieth.
TEST_F(EncoderWithHead, FiveCropsAreTheAlignedOneAndFourThatAreMoved) {
  const at::Tensor eye = at::eye(192);
  const auto load_with = [&](int crops) {
    const std::string model =
        add_head("mobilefacenet", eye, at::zeros({192}), "projection_head", crops);
    return FaceEncoder(heads_, model, c10::kCPU, {.flip = false});
  };
  const FaceEncoder one = load_with(1);
  const FaceEncoder five = load_with(5);
  for (const Face& face : faces_) {
    const AlignedFace crop = one.align(group_, face);
    const std::vector<AlignedFace> places = {crop, moved_by(crop, -2, 0), moved_by(crop, 2, 0),
                                             moved_by(crop, 0, -2), moved_by(crop, 0, 2)};
    at::Tensor sum = at::zeros({192});
    for (const Encoding& encoding : one.encode(places)) sum += at::tensor(encoding);
    sum /= sum.norm();
    const Encoding found = five.encode({&crop, 1}).front();
    EXPECT_LT((at::tensor(found) - sum).square().sum().item<float>(), 1e-8);
    EXPECT_GT(squared_distance(found, one.encode({&crop, 1}).front()), 1e-4);
  }
}

TEST_F(EncoderWithHead, OneThatDoesNotFitIsRefused) {
  const auto refusal = [&](const std::string& model) {
    return code_of([&] { const FaceEncoder encoder(heads_, model, c10::kCPU); });
  };
  EXPECT_EQ(refusal(add_head("resnet", at::eye(192), at::zeros({192}))), ErrorCode::corrupt_file);
  EXPECT_EQ(refusal(add_head("resnet", at::eye(128), at::zeros({128}), "oracle")),
            ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace likeness
