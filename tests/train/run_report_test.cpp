/// What a run leaves for people to look at: validation.json and the page.

#include <cmath>
#include <filesystem>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/train/run_report.h>
#include <likeness/train/training_log.h>
#include <likeness/train/validation_report.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Faces that have labels and names, and nothing else.
class NamedFaces : public TrainingFaces {
 public:
  explicit NamedFaces(std::vector<std::int64_t> labels) : labels_(std::move(labels)) {
    for (std::size_t i = 0; i < labels_.size(); ++i)
      pictures_.push_back("p" + std::to_string(i) + ".png");
  }
  const std::vector<std::int64_t>& labels() const override { return labels_; }
  const std::string& picture(std::int64_t face) const override {
    return pictures_[static_cast<std::size_t>(face)];
  }
  std::string fingerprint() const override { return "named"; }
  at::Tensor varied(std::span<const std::int64_t>, std::uint64_t, int,
                    std::int64_t) const override {
    return {};
  }
  std::vector<at::Tensor> views(std::span<const std::int64_t>, int) const override { return {}; }

 private:
  std::vector<std::int64_t> labels_;
  std::vector<std::string> pictures_;
};

/// Points of the unit circle at these angles in degrees.
at::Tensor encodings_at(const std::vector<double>& degrees) {
  const at::Tensor angle = at::tensor(degrees, at::kDouble) * (3.14159265358979323846 / 180);
  return at::stack({angle.cos(), angle.sin()}, 1).to(at::kFloat);
}

class RunReport : public testing::Test {
 protected:
  /// Persons at 0 and 10, 60 and 180, and 90 degrees.
  ValidationReport judged() const {
    return judge_validation(encodings_at({0, 10, 60, 180, 90}), NamedFaces({0, 0, 1, 1, 2}),
                            folder.path());
  }
  void write_log() const {
    TrainingLog log(folder.path() / "log.jsonl", 0);
    StepMeasures step;
    for (step.step = 1; step.step <= 500; ++step.step) {
      step.loss = 0.2;
      log.add(step);
    }
    log.add(ValidationMeasures{.step = 500, .tar_1e2 = 0.75, .tar_1e3 = 0.5});
    log.warn(500, "the loss <sticks> at the margin");
  }
  TemporaryFolder folder;
};

TEST_F(RunReport, FindsTheHardestPairsOfBothKinds) {
  const ValidationReport report = judged();
  EXPECT_EQ(report.faces, 5);
  EXPECT_EQ(report.identities, 3);
  EXPECT_EQ(report.genuine, 2);
  EXPECT_EQ(report.impostor, 8);
  ASSERT_EQ(report.hardest.size(), 3U);
  // One person, 120 degrees apart: 2 − 2 cos 120° = 3. Then 10 degrees.
  EXPECT_TRUE(report.hardest[0].same_person);
  EXPECT_EQ(report.hardest[0].first, "p2.png");
  EXPECT_EQ(report.hardest[0].second, "p3.png");
  EXPECT_NEAR(report.hardest[0].distance, 3, 1e-5);
  EXPECT_EQ(report.hardest[1].first, "p0.png");
  // Two people 30 degrees apart; each other face is nearest to one of these two, shown already.
  EXPECT_FALSE(report.hardest[2].same_person);
  EXPECT_EQ(report.hardest[2].first, "p2.png");
  EXPECT_EQ(report.hardest[2].second, "p4.png");
  EXPECT_NEAR(report.hardest[2].distance, 2 - 2 * std::cos(3.14159265358979323846 / 6), 1e-5);
  const ValidationReport one = judge_validation(encodings_at({0, 10, 60, 180, 90}),
                                                NamedFaces({0, 0, 1, 1, 2}), folder.path(), 1);
  EXPECT_EQ(one.hardest.size(), 2U);
}

TEST_F(RunReport, KeepsTheCurveWithFewPoints) {
  std::vector<double> degrees;
  std::vector<std::int64_t> labels;
  for (int i = 0; i < 300; ++i) {
    degrees.push_back(i * 7.13);
    labels.push_back(i / 3);
  }
  const ValidationReport report =
      judge_validation(encodings_at(degrees), NamedFaces(labels), folder.path());
  EXPECT_LT(report.roc.points.size(), 2000U);
  EXPECT_GT(report.roc.points.size(), 100U);
  EXPECT_EQ(report.roc.points.front().tar, 0);
  EXPECT_EQ(report.roc.points.back().tar, 1);
  EXPECT_EQ(report.roc.points.back().far, 1);
}

TEST_F(RunReport, ComesBackFromItsFile) {
  const ValidationReport report = judged();
  write_validation_report(folder.path(), report);
  const ValidationReport read = read_validation_report(folder.path());
  EXPECT_EQ(read.folder, report.folder);
  EXPECT_EQ(read.genuine, report.genuine);
  EXPECT_EQ(read.eer, report.eer);
  ASSERT_EQ(read.roc.points.size(), report.roc.points.size());
  EXPECT_EQ(read.roc.points.back().threshold, report.roc.points.back().threshold);
  ASSERT_EQ(read.hardest.size(), report.hardest.size());
  EXPECT_EQ(read.hardest[2].distance, report.hardest[2].distance);
  write_file(folder.path() / "validation.json", std::string_view("{\"faces\": 3"));
  EXPECT_EQ(code_of([&] { read_validation_report(folder.path()); }), ErrorCode::corrupt_file);
}

TEST_F(RunReport, ShowsARunThatHasNotEnded) {
  write_log();
  const std::string html = run_report_html(folder.path());
  EXPECT_NE(html.find("75.00 %"), std::string::npos);
  EXPECT_NE(html.find("the loss &lt;sticks&gt; at the margin"), std::string::npos);
  EXPECT_EQ(html.find("far apart"), std::string::npos);
  EXPECT_LT(html.size(), 200'000U) << "500 steps are drawn as a few hundred points";
}

TEST_F(RunReport, ShowsPicturesAndNamesThoseThatAreGone) {
  write_log();
  write_validation_report(folder.path(), judged());
  write_image(folder.path() / "p2.png", Image(8, 8, 3));
  const std::string html = run_report_html(folder.path());
  EXPECT_NE(html.find("data:image/jpeg;base64,"), std::string::npos);
  EXPECT_NE(html.find("p3.png is not there any more"), std::string::npos);
  EXPECT_NE(html.find("8 of different people"), std::string::npos);
}

TEST_F(RunReport, RefusesWhatIsNoRun) {
  const auto report = [&](const fs::path& run) { return [=] { run_report_html(run); }; };
  EXPECT_EQ(code_of(report(folder.path() / "none")), ErrorCode::not_found);
  EXPECT_EQ(code_of(report(folder.path())), ErrorCode::not_found);
  write_file(folder.path() / "log.jsonl", std::string_view("no json\n"));
  EXPECT_EQ(code_of(report(folder.path())), ErrorCode::corrupt_file);
}

}  // namespace
}  // namespace likeness
