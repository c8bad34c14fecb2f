#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/identification.h>
#include <likeness/evaluate/identification_report.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

PictureSet pictures(const std::vector<std::string>& paths) {
  std::string list;
  for (const std::string& path : paths) list += path + "\n";
  return parse_picture_list(list, "list");
}

/// Encodings on the unit circle, by their angle in degrees; 1000 stands for no face.
EncodedPictures encoded(const std::map<std::string, double>& angles) {
  EncodedPictures result;
  for (const auto& [picture, angle] : angles) {
    const double radians = angle * 3.14159265358979 / 180;
    if (angle == 1000)
      result[picture] = std::nullopt;
    else
      result[picture] = EncodedPicture{
          {.box = {}, .landmarks = {}, .score = 1},
          {static_cast<float>(std::cos(radians)), static_cast<float>(std::sin(radians))}};
  }
  return result;
}

/// ‖a − b‖² of two points of the unit circle so many degrees apart.
double chord(double degrees) {
  return 2 - 2 * std::cos(degrees * 3.14159265358979 / 180);
}

TEST(SplitGallery, EnrolsTheFirstPictureOfThoseWithSeveral) {
  const IdentificationSplit split =
      split_gallery(pictures({"Bo/1.jpg", "Ann/2.jpg", "Ann/1.jpg", "Cy/1.jpg", "Cy/2.jpg"}));
  ASSERT_EQ(split.people.size(), 2U);
  EXPECT_EQ(split.people[0].name, "Ann");
  EXPECT_EQ(split.people[0].pictures, (std::vector<std::string>{"Ann/1.jpg", "Ann/2.jpg"}));
  EXPECT_EQ(split.strangers, (std::vector<std::string>{"Bo/1.jpg"}));
}

TEST(SplitGallery, ASeedDrawsThePictureAndKeepsIt) {
  std::vector<std::string> paths;
  for (int i = 0; i < 40; ++i)
    for (int k = 0; k < 3; ++k)
      paths.push_back("p" + std::to_string(i) + "/" + std::to_string(k) + ".jpg");
  const PictureSet set = pictures(paths);
  const IdentificationSplit a = split_gallery(set, {.seed = 7});
  const IdentificationSplit b = split_gallery(set, {.seed = 7});
  int moved = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(a.people[i].pictures, b.people[i].pictures);
    moved += a.people[i].pictures.front().ends_with("/0.jpg") ? 0 : 1;
  }
  EXPECT_GT(moved, 15);
  EXPECT_LT(moved, 38);
}

TEST(SplitGallery, AShareOfThePeopleAreStrangers) {
  std::vector<std::string> paths;
  for (int i = 0; i < 100; ++i)
    for (int k = 0; k < 2; ++k)
      paths.push_back("p" + std::to_string(i) + "/" + std::to_string(k) + ".jpg");
  const IdentificationSplit split = split_gallery(pictures(paths), {.strangers = 0.3});
  EXPECT_EQ(split.strangers.size() + 2 * split.people.size(), 200U);
  EXPECT_NEAR(static_cast<double>(split.people.size()), 70, 15);
  EXPECT_TRUE(split_gallery(pictures(paths)).strangers.empty());
}

TEST(SplitGallery, WhoCannotBeSplitIsRefused) {
  const auto nobody = [] { split_gallery(pictures({"Ann/1.jpg", "Bo/1.jpg"})); };
  EXPECT_EQ(code_of(nobody), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(nobody).find("of 2 people"), std::string::npos) << message_of(nobody);
  for (const double share : {-0.1, 1.0, std::nan("")})
    EXPECT_EQ(code_of([&] {
                split_gallery(pictures({"Ann/1.jpg", "Ann/2.jpg"}), {.strangers = share});
              }),
              ErrorCode::invalid_argument)
        << share;
}

/// Ann at 0°, Bo at 40°, Cy at 90°; strangers at 22° and 200°.
class Identification : public testing::Test {
 protected:
  static IdentificationSplit split() {
    return split_gallery(pictures({"Ann/1.jpg", "Ann/2.jpg", "Bo/1.jpg", "Bo/2.jpg", "Bo/3.jpg",
                                   "Cy/1.jpg", "Cy/2.jpg", "X/1.jpg", "Y/1.jpg"}));
  }
  std::map<std::string, double> angles = {{"Ann/1.jpg", 0}, {"Ann/2.jpg", 5}, {"Bo/1.jpg", 40},
                                          {"Bo/2.jpg", 15}, {"Bo/3.jpg", 50}, {"Cy/1.jpg", 90},
                                          {"Cy/2.jpg", 60}, {"X/1.jpg", 22},  {"Y/1.jpg", 200}};
};

TEST_F(Identification, RanksAndRatesAreThoseOfTheStandard) {
  const IdentificationMeasures measures = measure_identification(split(), encoded(angles));
  EXPECT_EQ(measures.enrolled, 3);
  ASSERT_EQ(measures.mated.size(), 4U);
  // Bo/2 lies closer to Ann, Cy/2 closer to Bo: both mates come second.
  ASSERT_EQ(measures.cmc.size(), 3U);
  EXPECT_DOUBLE_EQ(measures.cmc[0], 0.5);
  EXPECT_DOUBLE_EQ(measures.cmc[1], 1);
  for (const MatedProbe& probe : measures.mated) {
    if (probe.picture != "Bo/2.jpg") continue;
    EXPECT_EQ(probe.rank, 2);
    EXPECT_EQ(probe.nearest, "Ann/1.jpg");
    EXPECT_EQ(probe.mate, "Bo/1.jpg");
    EXPECT_NEAR(probe.mate_distance, chord(25), 1e-5);
    EXPECT_NEAR(probe.nearest_distance, chord(15), 1e-5);
  }
  // Below the distance of the first stranger, 18° from Bo, both found mates lie, 5° and 10°.
  const OpenSetPoint& none = measures.at_fpir(0);
  EXPECT_NEAR(none.threshold, chord(10), 1e-5);
  EXPECT_DOUBLE_EQ(none.fpir, 0);
  EXPECT_DOUBLE_EQ(none.fnir, 0.5) << "the other two are never first";
  EXPECT_DOUBLE_EQ(measures.at_fpir(0.5).fpir, 0.5);
  EXPECT_DOUBLE_EQ(measures.curve.front().fnir, 1);
  EXPECT_FALSE(supports_fpir(measures, 0.1));
  EXPECT_TRUE(supports_fpir(measures, 0.5));
}

TEST_F(Identification, WithoutAFaceTheNextIsEnrolledAndAProbeIsLost) {
  angles["Bo/1.jpg"] = 1000;  // so that Bo/2 is enrolled
  angles["Ann/2.jpg"] = 1000;
  angles["Cy/1.jpg"] = 1000;
  angles["Cy/2.jpg"] = 1000;
  angles["Y/1.jpg"] = 1000;
  const IdentificationMeasures measures = measure_identification(split(), encoded(angles));
  EXPECT_EQ(measures.enrolled, 2);
  EXPECT_EQ(measures.not_enrolled, 1);
  EXPECT_EQ(measures.without_face, 3);
  ASSERT_EQ(measures.mated.size(), 3U);
  EXPECT_DOUBLE_EQ(measures.cmc.back(), 1.0 / 3) << "a probe without a face has no rank";
  EXPECT_DOUBLE_EQ(measures.curve.back().fpir, 0.5);
}

TEST_F(Identification, TheMateComesLastAmongEqualDistances) {
  angles["Bo/1.jpg"] = 0;  // the same place as Ann
  const IdentificationMeasures measures = measure_identification(split(), encoded(angles));
  for (const MatedProbe& probe : measures.mated)
    if (probe.picture == "Ann/2.jpg") {
      EXPECT_EQ(probe.rank, 2);
    }
}

TEST_F(Identification, WithoutStrangersOnlyTheClosedSetIsMeasured) {
  const IdentificationSplit closed =
      split_gallery(pictures({"Ann/1.jpg", "Ann/2.jpg", "Bo/1.jpg", "Bo/2.jpg"}));
  const IdentificationMeasures measures = measure_identification(closed, encoded(angles));
  EXPECT_TRUE(measures.curve.empty());
  EXPECT_EQ(measures.cmc.size(), 2U);
  EXPECT_NE(to_json("m", measures).find("\"1e-2\": null"), std::string::npos);
  const TemporaryFolder folder;
  write_report(folder.path(), "m", measures, [](const std::string&) { return Image(8, 8); });
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "det.svg"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "cmc.svg"));
}

TEST_F(Identification, NobodyToEnrolOrToAskAboutIsRefused) {
  for (auto& [picture, angle] : angles) angle = 1000;
  EXPECT_EQ(code_of([&] { measure_identification(split(), encoded(angles)); }),
            ErrorCode::invalid_argument);
  const IdentificationSplit alone = {.people = {{"Ann", {"Ann/1.jpg"}}}, .strangers = {}};
  angles["Ann/1.jpg"] = 0;
  EXPECT_EQ(code_of([&] { measure_identification(alone, encoded(angles)); }),
            ErrorCode::invalid_argument);
}

TEST_F(Identification, GuessedPicturesAreCounted) {
  EncodedPictures pictures = encoded(angles);
  pictures.at("Ann/2.jpg")->face.score = 0;
  EXPECT_EQ(measure_identification(split(), pictures).guessed, 1);
}

TEST_F(Identification, TheReportIsOnePage) {
  const IdentificationMeasures measures = measure_identification(split(), encoded(angles));
  const std::string page = to_html("duo", measures, [](const std::string&) { return Image(8, 8); });
  for (const char* part :
       {"<!DOCTYPE html>", "FNIR", "FPIR", "CMC", "X/1.jpg", "src=\"data:image/"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("src=\"http"), std::string::npos);
}

}  // namespace
}  // namespace likeness
