#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/csv.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/style_measures.h>
#include <likeness/image/codec.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/style/costs.h>

#include "style/tiny_network.h"
#include "support/drawn_picture.h"
#include "support/error_code.h"
#include "support/real_data.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// The tables were made with the weights that ours are rounded to float16 from.
constexpr double kBaselines = 1e-3;
/// And with pictures that had not gone through JPEG.
constexpr double kPairsTolerance = 0.05;

class StyleMeasuresTest : public ::testing::Test {
 protected:
  JudgedPicture judge(const Image& picture) const { return judge_picture(network_, picture); }

  PerceptualNetwork network_ = tiny_network(true);
  Image photo_ = drawn_picture(48, 32);
  Image painting_ = mirror(crop(drawn_picture(90, 80), 40, 45, 48, 32));
  Image ours_ = crop(drawn_picture(70, 60), 10, 20, 48, 32);
};

TEST_F(StyleMeasuresTest, AreTheCostsOfTheLayers) {
  const StyleMeasures got = measure_style(judge(ours_), judge(photo_), judge(painting_));
  const auto taps = [&](const Image& image) {
    auto all = network_.features(to_tensor(image), net::Tap::relu4_1);
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i] = lifted(all[i], network_.lift(static_cast<net::Tap>(i)));
    return all;
  };
  const auto ours = taps(ours_);
  const auto painting = taps(painting_);
  EXPECT_NEAR(got.content, content_cost(ours[3], taps(photo_)[3]).item<double>(),
              1e-5 * got.content);
  double style = 0;
  double adain = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const at::Tensor f = ours[i].flatten(2)[0];
    const at::Tensor s = painting[i].flatten(2)[0];
    const double layer =
        at::mse_loss(at::mm(f, f.t()) / f.size(1), at::mm(s, s.t()) / s.size(1)).item<double>();
    EXPECT_NEAR(got.style_layers[i], layer, 1e-4 * layer);
    style += layer;
    const auto deviation = [](const at::Tensor& x) { return (x.var(1, false) + 1e-5).sqrt(); };
    adain += at::mse_loss(f.mean(1), s.mean(1)).item<double>() +
             at::mse_loss(deviation(f), deviation(s)).item<double>();
  }
  EXPECT_NEAR(got.style(), style, 1e-4 * style);
  EXPECT_NEAR(got.adain, adain, 1e-4 * adain);
  EXPECT_EQ(got.variation, total_variation(to_tensor(ours_)).item<double>());
  EXPECT_NEAR(got.total(30), got.content + 30 * got.style(), 1e-9);
}

TEST_F(StyleMeasuresTest, OfTheContentItselfAreTheWholeOfItsStyle) {
  const StyleMeasures got = measure_style(judge(photo_), judge(photo_), judge(painting_));
  EXPECT_EQ(got.content, 0);
  EXPECT_EQ(got.content_share, 0);
  EXPECT_EQ(got.style_share, 1);
  EXPECT_GT(got.style(), 0);
}

TEST_F(StyleMeasuresTest, OfTheStyleItselfAreTheWholeOfItsContent) {
  const StyleMeasures got = measure_style(judge(painting_), judge(photo_), judge(painting_));
  EXPECT_EQ(got.style(), 0);
  EXPECT_EQ(got.adain, 0);
  EXPECT_EQ(got.content_share, 1);
  EXPECT_EQ(got.style_share, 0);
}

TEST_F(StyleMeasuresTest, HaveNoSharesWithoutSomethingToCompareWith) {
  const Image larger = drawn_picture(64, 64);
  const StyleMeasures other = measure_style(judge(ours_), judge(photo_), judge(larger));
  EXPECT_EQ(other.content_share, std::nullopt);
  EXPECT_TRUE(other.style_share.has_value());
  const StyleMeasures same = measure_style(judge(ours_), judge(photo_), judge(photo_));
  EXPECT_EQ(same.content_share, std::nullopt);
  EXPECT_EQ(same.style_share, std::nullopt);
}

TEST_F(StyleMeasuresTest, WantAPictureOfTheContentsSize) {
  const std::string message = message_of(
      [&] { measure_style(judge(drawn_picture(48, 33)), judge(photo_), judge(painting_)); });
  EXPECT_EQ(message,
            "the picture has 48 x 33 pixels and its content 48 x 32; they must have one "
            "size");
}

TEST_F(StyleMeasuresTest, WantPicturesThatTheNetworkCanSee) {
  EXPECT_EQ(code_of([&] { judge(drawn_picture(48, 15)); }), ErrorCode::invalid_argument);
  EXPECT_NO_THROW(judge(drawn_picture(48, 16)));
}

TEST_F(StyleMeasuresTest, WantANetworkThatSeesEnoughExactly) {
  const auto short_one = make_perceptual_network(tiny_weights({4, 6, 8}), "short", at::kCPU, {});
  EXPECT_EQ(message_of([&] { judge_picture(short_one, photo_); }),
            "the network that judges ends at relu3_1; the measures need relu4_1");
  EXPECT_EQ(code_of([&] { judge_picture(tiny_network(true, true), photo_); }),
            ErrorCode::invalid_argument);
}

TEST(PaintedPictures, AreReadFromACsvFile) {
  const auto got =
      parse_painted_pictures("content,style,picture\na.png,\"b,c.png\",/d.png\n", "x.csv", "dir");
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].content, "dir/a.png");
  EXPECT_EQ(got[0].style, "dir/b,c.png");
  EXPECT_EQ(got[0].picture, "/d.png");
}

TEST(PaintedPictures, ABrokenListIsAnErrorThatNamesTheLine) {
  const auto message = [](const char* csv) {
    return message_of([&] { parse_painted_pictures(csv, "x.csv", ""); });
  };
  EXPECT_NE(message("style,content,picture\n").find("expected the header content,style,picture"),
            std::string::npos);
  EXPECT_NE(message("content,style,picture\na,b\n").find("2"), std::string::npos);
  EXPECT_NE(message("content,style,picture\na,,c\n").find("CONTENT,STYLE,PICTURE"),
            std::string::npos);
  EXPECT_NE(message("content,style,picture\n").find("no pictures"), std::string::npos);
}

/// The tables that an independent program made, with the pictures that it looked at.
class PeerTables : public ::testing::Test {
 protected:
  void SetUp() override {
    LIKENESS_SKIP_WHEN(missing_path(weights_, "set LIKENESS_SHARED"));
    LIKENESS_SKIP_WHEN(missing_path(peers_ / "objective_baselines.csv", "set LIKENESS_SHARED"));
    judge_.emplace(load_vgg19(weights_, at::kCPU, {}));
  }

  /// The rows of a table, by the names of its columns.
  std::vector<std::map<std::string, std::string>> table(const std::string& name) const {
    const Bytes bytes = read_file(peers_ / name, 1 << 20);
    CsvReader reader({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name);
    const auto names = reader.next().value();
    std::vector<std::map<std::string, std::string>> rows;
    while (const auto fields = reader.next()) {
      rows.emplace_back();
      for (std::size_t i = 0; i < names.size(); ++i) rows.back()[names[i]] = fields->at(i);
    }
    return rows;
  }
  const JudgedPicture& input(const std::string& kind, const std::string& name) {
    const fs::path path = peers_ / "inputs" / kind / (name + ".png");
    const auto found = judged_.find(path);
    if (found != judged_.end()) return found->second;
    return judged_.emplace(path, judge_picture(*judge_, read_image(path))).first->second;
  }
  static void expect_close(double value, const std::string& wanted, double share,
                           const std::string& what) {
    EXPECT_NEAR(value / std::stod(wanted), 1, share) << what;
  }

  fs::path style_ = shared_folder() / "data" / "style";
  fs::path weights_ = style_ / "weights" / "vgg19_relu4_1_rgb01_fp16.safetensors";
  fs::path peers_ = style_ / "peers";
  std::optional<PerceptualNetwork> judge_;
  std::map<fs::path, JudgedPicture> judged_;
};

TEST_F(PeerTables, AgreeOnTheContentsAndStylesThemselves) {
  for (const auto& row : table("objective_baselines.csv")) {
    const JudgedPicture& content = input("content", row.at("content_img"));
    const JudgedPicture& style = input("style", row.at("style_img"));
    const std::string what = row.at("content_img") + " " + row.at("style_img");
    const StyleMeasures of_style = measure_style(style, content, style);
    const StyleMeasures of_content = measure_style(content, content, style);
    expect_close(of_style.content, row.at("content_of_style_pic"), kBaselines, what);
    expect_close(of_content.style(), row.at("style_of_content_pic"), kBaselines, what);
    expect_close(of_content.adain, row.at("adain_of_content_pic"), kBaselines, what);
    expect_close(of_content.variation, row.at("tv_content"), 1e-5, what);
    expect_close(of_style.variation, row.at("tv_style"), 1e-5, what);
  }
}

TEST_F(PeerTables, AgreeOnPicturesThatWereSavedAgain) {
  for (const auto& row : table("objective_pairs.csv")) {
    if (row.at("method") != "adain" || row.at("content_img") != "kodak23_parrots") continue;
    const std::string name = row.at("content_img") + "__" + row.at("style_img");
    const JudgedPicture painted =
        judge_picture(*judge_, read_image(peers_ / "adain" / (name + ".jpg")));
    const StyleMeasures got = measure_style(painted, input("content", row.at("content_img")),
                                            input("style", row.at("style_img")));
    expect_close(got.content, row.at("content"), kPairsTolerance, name);
    expect_close(got.style(), row.at("style"), kPairsTolerance, name);
    expect_close(got.adain, row.at("adain"), kPairsTolerance, name);
    expect_close(got.variation, row.at("tv"), kPairsTolerance, name);
    expect_close(got.content_share.value(), row.at("content_n"), kPairsTolerance, name);
    expect_close(got.style_share.value(), row.at("style_n"), kPairsTolerance, name);
  }
}

}  // namespace
}  // namespace likeness
