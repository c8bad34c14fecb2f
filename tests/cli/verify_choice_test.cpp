/// likeness verify where a photo shows several faces, or none, and what --explain draws.

#include <gtest/gtest.h>
#include <likeness/image/codec.h>

#include "support/face_photos.h"
#include "support/made_files.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr int kAnna = 0;  // in kTwelveFaces
constexpr int kAnnaLater = 3;

class VerifyChoice : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    anna = portrait_file(kAnnaAgain, "anna.png");
    group = group_file("group.jpg");
  }

  std::string anna, group;
};

class VerifyNobody : public RealFaces {
 protected:
  void expect_no_face(const std::string& path, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"verify", path, path};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_json_error(arguments, "no_face", fs::path(path).filename().string());
  }
};

TEST_F(VerifyChoice, EachOfTwelveFacesCanBeCompared) {
  const Json faces = detect(group);
  ASSERT_EQ(faces.size(), 12U);
  const int annas = face_of_group(faces, kAnna);
  const int other = face_of_group(faces, 10);
  ASSERT_GE(annas, 0);
  ASSERT_GE(other, 0);

  const Json same = verify(group, anna, {"--face-a", std::to_string(annas), "--strict"});
  EXPECT_EQ(same.at("same_person"), true);
  EXPECT_EQ(same.at("faces")[0].at("count"), 12);
  EXPECT_EQ(same.at("faces")[0].at("chosen"), annas);
  EXPECT_EQ(same.at("faces")[0].at("box"), faces[annas].at("box"));
  const Json different = verify(anna, group, {"--face-b", std::to_string(other)});
  EXPECT_EQ(different.at("same_person"), false);
  EXPECT_EQ(different.at("faces")[1].at("chosen"), other);
}

TEST_F(VerifyChoice, BothPhotosCanBeOne) {
  const Json faces = detect(group);
  const std::string once = std::to_string(face_of_group(faces, kAnna));
  const std::string again = std::to_string(face_of_group(faces, kAnnaLater));
  const Json verdict = verify(group, group, {"--face-a", once, "--face-b", again});
  EXPECT_EQ(verdict.at("same_person"), true);
  EXPECT_GT(verdict.at("distance"), 0.05);
  // --face stands for both, --face-b for the second one all the same.
  const Json mixed = verify(group, group, {"--face", once, "--face-b", again});
  EXPECT_NEAR(mixed.at("distance"), verdict.at("distance"), 1e-4);
  EXPECT_NEAR(verify(group, group, {"--face", once}).at("distance"), 0, 1e-6);
}

TEST_F(VerifyChoice, TheMainFaceIsTakenAndTold) {
  const Outcome text = run_likeness({"verify", group, anna});
  EXPECT_LT(text.exit_code, 2) << text.err;
  EXPECT_NE(text.out.find("group.jpg: face "), std::string::npos) << text.out;
  EXPECT_NE(text.out.find(" of 12 was compared, choose with --face-a"), std::string::npos)
      << text.out;
  EXPECT_EQ(text.out.find("--face-b"), std::string::npos) << "there is no choice: " << text.out;
}

TEST_F(VerifyChoice, StrictRefusesToChoose) {
  expect_json_error({"verify", group, anna, "--strict"}, "ambiguous_face", "12 faces");
  expect_json_error({"verify", anna, group, "--strict"}, "ambiguous_face", "--face-b");
  expect_json_error({"verify", group, group, "--strict", "--face-a", "3"}, "ambiguous_face",
                    "group.jpg");
}

TEST_F(VerifyChoice, AFaceThatDoesNotExistIsToldWithThoseThatDo) {
  expect_json_error({"verify", group, anna, "--face-a", "12"}, "invalid_argument", "; 11: x ");
  expect_json_error({"verify", group, anna, "--face", "7"}, "invalid_argument",
                    "anna.png: face 7 does not exist, faces: 0: x ");
  expect_plain_error({"verify", anna, anna, "--face-b", "1"}, "face 1 does not exist");
}

TEST_F(VerifyChoice, ExplainDrawsBothPhotosAndTheVerdict) {
  const std::string why = file("why?.png");
  verify(portrait_file(kBerta, "berta.png"), anna, {"--explain", why});
  const Image picture = read_image(why);
  EXPECT_EQ(picture.width(), 1200);
  EXPECT_GT(picture.height(), 600);
  // Two people: a red bar above all. One person: a green one.
  EXPECT_GT(picture.at(600, 3)[0], picture.at(600, 3)[1] + 50);
  verify(anna, anna, {"--explain", why});
  const Image same = read_image(why);
  EXPECT_GT(same.at(600, 3)[1], same.at(600, 3)[0] + 50);

  verify(anna, anna, {"--explain", file("why.jpg")});
  EXPECT_EQ(read_image(file("why.jpg")).height(), same.height());
}

TEST_F(VerifyChoice, ExplainOnAFullDiskIsAnError) {
  fs::create_symlink("/dev/full", file("full.png"));
  expect_json_error({"verify", anna, anna, "--explain", file("full.png")}, "write_failed",
                    "full.png: No space left on device");
}

TEST_F(VerifyNobody, APictureWithoutAFaceIsAnError) {
  write_image(file("waves.png"), pattern(640, 480));
  expect_no_face(file("waves.png"));
  const std::string anna = portrait_file(kAnnaOnce, "anna.png");
  expect_json_error({"verify", anna, file("waves.png")}, "no_face", "waves.png");
  expect_plain_error({"verify", file("waves.png"), anna}, "waves.png: no face found");
}

TEST_F(VerifyNobody, ThePicturesSizeNeverMatters) {
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(5, 400), std::pair(12, 12)}) {
    write_image(file("small.png"), pattern(width, height));
    expect_no_face(file("small.png"));
  }
}

TEST_F(VerifyNobody, TheDetectorsOptionsDecideWhatAFaceIs) {
  const std::string anna = portrait_file(kAnnaOnce, "anna.png");
  expect_no_face(anna, {"--min-face", "220"});
  expect_no_face(anna, {"--min-score", "1"});
}

}  // namespace
}  // namespace likeness
