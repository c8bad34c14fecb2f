/// likeness detect: numbers for people and for programs, drawings, large and small faces, nobody.

#include <array>
#include <csignal>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/image/draw.h>
#include <likeness/image/transform.h>

#include "support/face_photos.h"
#include "support/made_files.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class Detect : public RealFaces {
 protected:
  std::string made(const std::string& name, const Image& image) const {
    write_image(file(name), image);
    return file(name);
  }
};

/// The shorter side of the face whose centre lies in the rectangle; 0 when there is none.
double size_within(const Json& faces, int x, int y, int width, int height) {
  const int index = face_within(faces, x, y, width, height);
  if (index < 0) return 0;
  const Json& box = faces[index].at("box");
  return std::min(box.at("width").get<double>(), box.at("height").get<double>());
}

TEST_F(Detect, TellsEachFaceOfAPhotoFromLeftToRight) {
  const std::string photo = sample_photo(1);
  const Json faces = detect(photo);
  ASSERT_EQ(faces.size(), 3U);
  const std::array<Box, 3> places = {
      {{409, 353, 192, 245}, {823, 420, 213, 237}, {1483, 209, 197, 219}}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Json& box = faces[i].at("box");
    const Box found = {box.at("x"), box.at("y"), box.at("width"), box.at("height")};
    EXPECT_GT(intersection_over_union(found, places[i]), 0.8) << faces[i];
    EXPECT_GT(faces[i].at("score"), 0.95);
    const Json& points = faces[i].at("landmarks");
    EXPECT_LT(points.at("left_eye")[0], points.at("right_eye")[0]);
    EXPECT_LT(points.at("left_eye")[1], points.at("left_mouth")[1]);
  }

  const Outcome text = run_likeness({"detect", photo});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_EQ(text.err, "") << "one photo needs no progress";
  EXPECT_TRUE(text.out.starts_with(photo + ": 3 faces in 1920 x 1280 pixels\n  0: x 4"))
      << text.out;
  EXPECT_NE(text.out.find("\n  2: x 148"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find(" pixels, score 0.99"), std::string::npos) << text.out;
}

TEST_F(Detect, GoesOnAfterAPhotoThatIsBroken) {
  const std::string first = portrait_file(kAnnaOnce, "1.png");
  write_file(file("2.jpg"), std::string_view("no picture"));
  const std::string third = made("3.bmp", pattern(320, 240));
  const Outcome json = run_likeness({"detect", folder().string(), file("4.jpg"), "--json"});
  EXPECT_EQ(json.exit_code, 1);
  EXPECT_EQ(json.err, "");
  const Json photos = json_of(json.out);
  ASSERT_EQ(photos.size(), 4U);
  // What names no photo is known first.
  EXPECT_EQ(photos[0].at("path"), file("4.jpg"));
  EXPECT_EQ(photos[0].at("error").at("code"), "not_found");
  EXPECT_EQ(photos[1].at("path"), first);
  EXPECT_EQ(photos[1].at("width"), 200);
  EXPECT_EQ(photos[1].at("height"), 250);
  EXPECT_EQ(photos[1].at("faces").size(), 1U);
  EXPECT_EQ(photos[2].at("error").at("code"), "unsupported_format");
  EXPECT_EQ(photos[3].at("path"), third);
  EXPECT_EQ(photos[3].at("faces"), Json::array());

  const Outcome text = run_likeness({"detect", file("2.jpg"), third, "-q"});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_EQ(text.out, third + ": no faces in 320 x 240 pixels\n");
  EXPECT_TRUE(text.err.starts_with("likeness: warning: skipped ")) << text.err;
  EXPECT_NE(text.err.find("2.jpg"), std::string::npos) << text.err;
}

TEST_F(Detect, NothingButBrokenPhotosIsAnError) {
  write_file(file("1.jpg"), std::string_view("no picture"));
  write_file(file("2.jpg"), std::string_view(""));
  const Outcome both = run_likeness({"detect", file("1.jpg"), file("2.jpg"), "--json"});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_EQ(json_of(both.out).size(), 2U) << both.out;
  EXPECT_EQ(json_of(both.err).at("error").at("code"), "unsupported_format") << both.err;
  expect_plain_error({"detect", file("2.jpg")}, "2.jpg");
}

TEST_F(Detect, FindsFacesFrom24PixelsToTheWholePicture) {
  // A large face and, beside it, the same one ever smaller.
  constexpr int kFaceWidth = 223;  // in the portrait
  const Image portrait = cut_out(kAnnaAgain);
  Image photo(1500, 1000);
  fill_box(photo, {0, 0, 1500, 1000}, {90, 110, 100});
  paste(photo, resize(portrait, 800, 1000), 0, 0);
  struct Place {
    int size, y, width, height;
  };
  std::vector<Place> places;
  int next_y = 0;
  for (const int size : {24, 32, 48, 96, 160}) {
    const Place place = {size, next_y, portrait.width() * size / kFaceWidth,
                         portrait.height() * size / kFaceWidth};
    paste(photo, resize(portrait, place.width, place.height), 1000, place.y);
    next_y += place.height + 20;
    places.push_back(place);
  }
  const Json faces = detect(made("sizes.png", photo));
  EXPECT_EQ(faces.size(), places.size() + 1);
  EXPECT_NEAR(size_within(faces, 0, 0, 800, 1000), 2 * kFaceWidth, 60);
  for (const Place& place : places)
    EXPECT_NEAR(size_within(faces, 1000, place.y, place.width, place.height), place.size,
                0.15 * place.size);

  const Image face = crop(read_image(sample_photo(3)), 1057, 206, 223, 296);
  const Json whole = detect(made("whole.png", resize(face, 892, 1184)));
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_GT(size_within(whole, 0, 0, 892, 1184), 700);
}

TEST_F(Detect, ItsOptionsSayHowSmallAndHowSureAFaceMayBe) {
  const std::string group = group_file("group.png");
  EXPECT_EQ(detect(group).size(), 12U);
  EXPECT_EQ(detect(group, {"--min-face", "200"}).size(), 0U);
  EXPECT_LT(detect(group, {"--min-score", "0.9999"}).size(), 12U);
  expect_json_error({"detect", group, "--min-face", "4"}, "invalid_argument", "--min-face");
  expect_json_error({"detect", group, "--min-score", "1.5"}, "invalid_argument", "--min-score");
}

TEST_F(Detect, NobodyIsAnOrdinaryAnswer) {
  const Outcome text = run_likeness({"detect", made("waves.png", pattern(640, 480))});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_EQ(text.out, file("waves.png") + ": no faces in 640 x 480 pixels\n");
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(3000, 2), std::pair(12, 11)})
    EXPECT_EQ(detect(made("tiny.png", pattern(width, height))), Json::array());
}

TEST_F(Detect, DrawsFacesIntoACopyOfThePhoto) {
  const std::string anna = portrait_file(kAnnaOnce, "anna.png");
  const Image before = read_image(anna);
  const Outcome outcome = run_likeness({"detect", anna, "--draw", file("drawn.png")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Image drawn = read_image(file("drawn.png"));
  ASSERT_EQ(drawn.width(), before.width());
  ASSERT_EQ(drawn.height(), before.height());
  EXPECT_EQ(read_image(anna), before);
  std::size_t changed = 0;
  for (int y = 0; y < drawn.height(); ++y)
    for (int x = 0; x < drawn.width(); ++x)
      if (!std::ranges::equal(drawn.at(x, y), before.at(x, y))) ++changed;
  EXPECT_GT(changed, 500U);
  EXPECT_LT(changed, 20'000U) << "most of the photo is as it was";
  EXPECT_TRUE(std::ranges::equal(drawn.at(2, 2), before.at(2, 2))) << "far from the face";
}

TEST_F(Detect, DrawsSeveralPhotosIntoAFolder) {
  fs::create_directory(file("first"));
  fs::create_directory(file("second"));
  portrait_file(kAnnaOnce, "first/anna.png");
  portrait_file(kAnnaAgain, "second/anna.png");
  const Bytes photo = read_file(portrait_file(kBerta, "berta.jpg"), 1 << 20);
  const Outcome outcome =
      run_likeness({"detect", file("first"), file("second"), "-", "--draw", file("drawn/"), "-q"},
                   {.standard_input = {photo.begin(), photo.end()}});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("-: 1 face in 200 x 250 pixels"), std::string::npos) << outcome.out;
  for (const char* name : {"anna.png", "anna-2.png", "standard-input.png"})
    EXPECT_EQ(read_image(file(std::string("drawn/") + name)).height(), 250) << name;
  EXPECT_NE(read_image(file("drawn/anna.png")), read_image(file("drawn/anna-2.png")));
}

TEST_F(Detect, ADrawingOnAFullDiskStopsTheWork) {
  const std::string anna = portrait_file(kAnnaOnce, "anna.png");
  fs::create_directory(file("drawn"));
  fs::create_symlink("/dev/full", file("drawn/anna.png"));
  const Outcome outcome = run_likeness({"detect", anna, anna, "--draw", file("drawn"), "-q"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("anna.png: No space left on device"), std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace likeness
