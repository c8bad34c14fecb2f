#include "support/face_photos.h"

#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <likeness/model/store.h>

namespace likeness {

void RealFaces::SetUp() {
  LIKENESS_SKIP_WHEN(missing_photos());
  LIKENESS_SKIP_WHEN(missing_weights(ModelStore(), {"duo", "mtcnn"}));
}

std::string RealFaces::portrait_file(const Portrait& portrait, const std::string& name) const {
  write_image(file(name), resize(cut_out(portrait), portrait.width / 2, portrait.height / 2));
  return file(name);
}

std::string RealFaces::group_file(const std::string& name) const {
  write_image(file(name), side_by_side(kTwelveFaces, kPlacesInARow, kPlaceWidth, kPlaceHeight));
  return file(name);
}

void RealFaces::people_folder(const std::string& name) const {
  for (std::size_t i = 0; i < kTwelveFaces.size(); ++i) {
    const Portrait& portrait = kTwelveFaces[i];
    const std::string person = name + "/woman" + std::to_string(i);
    std::filesystem::create_directories(file(person));
    portrait_file(portrait, person + "/1.jpg");
    Portrait moved = portrait;
    moved.x += 12;
    moved.width -= 24;
    portrait_file(moved, person + "/2.jpg");
  }
}

nlohmann::json RealFaces::verify(const std::string& a, const std::string& b,
                                 const std::vector<std::string>& more,
                                 const Surroundings& surroundings) const {
  std::vector<std::string> arguments = {"verify", a, b, "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome outcome = run_likeness(arguments, surroundings);
  EXPECT_EQ(outcome.err, "");
  nlohmann::json verdict = json_of(outcome.out);
  if (!verdict.is_object() || !verdict.contains("same_person")) {
    ADD_FAILURE() << "no verdict, exit code " << outcome.exit_code << ": " << outcome.err;
    return {{"same_person", nullptr}, {"distance", -1.0}};
  }
  EXPECT_EQ(outcome.exit_code, verdict["same_person"].get<bool>() ? 0 : 1);
  return verdict;
}

nlohmann::json RealFaces::detect(const std::string& path,
                                 const std::vector<std::string>& more) const {
  std::vector<std::string> arguments = {"detect", path, "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome outcome = run_likeness(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const nlohmann::json photos = json_of(outcome.out);
  if (!photos.is_array() || photos.size() != 1) {
    ADD_FAILURE() << "not one photo: " << outcome.out;
    return nlohmann::json::array();
  }
  return photos[0].at("faces");
}

int face_within(const nlohmann::json& faces, int x, int y, int width, int height) {
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto& box = faces[i].at("box");
    const double center_x = box.at("x").get<double>() + box.at("width").get<double>() / 2;
    const double center_y = box.at("y").get<double>() + box.at("height").get<double>() / 2;
    if (center_x >= x && center_x < x + width && center_y >= y && center_y < y + height)
      return static_cast<int>(i);
  }
  return -1;
}

int face_of_group(const nlohmann::json& faces, int number) {
  return face_within(faces, number % kPlacesInARow * kPlaceWidth,
                     number / kPlacesInARow * kPlaceHeight, kPlaceWidth, kPlaceHeight);
}

}  // namespace likeness
