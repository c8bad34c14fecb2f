/// One face in every kind of file: what it is stored as must not change whose face it is.

#include <complex>
#include <map>
#include <numbers>
#include <sstream>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>

#include "support/face_photos.h"
#include "support/made_files.h"

namespace likeness {
namespace {

class PictureFormats : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    plain = read_image(portrait_file(kAnnaOnce, "plain.png"));
    names.emplace_back("plain.png");
  }

  void add(const std::string& name, const Bytes& content) {
    write_file(file(name), content);
    names.push_back(name);
  }

  /// What `likeness embed` says of each file.
  std::map<std::string, Json> embed() const {
    std::vector<std::string> arguments = {"embed", "-o", "-", "--quiet"};
    for (const std::string& name : names) arguments.push_back(file(name));
    const Outcome outcome = run_likeness(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    std::map<std::string, Json> lines;
    std::istringstream text(outcome.out);
    for (std::string line; std::getline(text, line);) {
      const Json json = json_of(line);
      lines[std::filesystem::path(json.at("path").get<std::string>()).filename().string()] = json;
    }
    return lines;
  }

  /// Squared distance from the plain file's encoding, by name.
  std::map<std::string, double> distances() const {
    const auto lines = embed();
    const auto encoding = [&](const std::string& name) {
      return lines.at(name).at("encoding").get<std::vector<double>>();
    };
    const auto reference = encoding("plain.png");
    std::map<std::string, double> result;
    for (const std::string& name : names) {
      const auto other = encoding(name);
      EXPECT_EQ(other.size(), reference.size());
      for (std::size_t i = 0; i < other.size(); ++i)
        result[name] += (other[i] - reference[i]) * (other[i] - reference[i]);
    }
    return result;
  }

  Image plain;
  std::vector<std::string> names;
};

TEST_F(PictureFormats, EveryExifOrientationShowsTheSameFace) {
  const auto stored = [&](int orientation) {
    return encode_image(stored_with_orientation(plain, orientation), ImageFormat::jpeg);
  };
  for (int orientation = 1; orientation <= 8; ++orientation)
    add("turned" + std::to_string(orientation) + ".jpg",
        with_exif_orientation(stored(orientation), orientation));
  // The same pixels without the tag lie on their side.
  write_file(file("on its side.jpg"), stored(6));
  for (const auto& [name, distance] : distances()) EXPECT_LT(distance, 0.01) << name;
  const std::string turned = file("turned6.jpg");
  EXPECT_EQ(detect(turned).size(), 1U);
  EXPECT_NEAR(verify(turned, file("turned3.jpg")).at("distance"), 0, 0.01);
  // The face is found and aligned there too; but its eyes lie a quarter of a turn away.
  const auto eyes = [&](const std::string& path) {
    const Json landmarks = detect(path).at(0).at("landmarks");
    const Json& left = landmarks.at("left_eye");
    const Json& right = landmarks.at("right_eye");
    return std::complex<double>(right[0].get<double>() - left[0].get<double>(),
                                right[1].get<double>() - left[1].get<double>());
  };
  const double turn = std::arg(eyes(file("on its side.jpg")) / eyes(turned));
  EXPECT_NEAR(std::abs(turn), std::numbers::pi / 2, 0.2) << "the tag makes no difference";
}

TEST_F(PictureFormats, LosslessOnesGiveTheSameEncoding) {
  add("rgba.png", encode_image(with_alpha(plain), ImageFormat::png));
  add("deep.png", sixteen_bits(plain, ".png"));
  add("deep.tiff", sixteen_bits(plain, ".tiff"));
  add("windows.bmp", encode_image(plain, ImageFormat::bmp));
  add("prepress.tif", encode_image(plain, ImageFormat::tiff));
  add("Zoë und Łukasz 東京.png", encode_image(plain, ImageFormat::png));
  for (const auto& [name, distance] : distances()) EXPECT_LT(distance, 1e-6) << name;
}

TEST_F(PictureFormats, LossyOnesGiveNearlyTheSameEncoding) {
  add("photo.jpg", encode_image(plain, ImageFormat::jpeg));
  add("small.jpeg", encode_image(plain, ImageFormat::jpeg, 50));
  add("web.webp", encode_image(plain, ImageFormat::webp));
  add("print.jpg", cmyk_jpeg(plain));
  add("grey.jpg", grey_jpeg(plain));
  const auto found = distances();
  for (const char* name : {"photo.jpg", "web.webp", "print.jpg"})
    EXPECT_LT(found.at(name), 0.01) << name;
  for (const char* name : {"small.jpeg", "grey.jpg"}) EXPECT_LT(found.at(name), 0.1) << name;
  EXPECT_GT(found.at("grey.jpg"), 1e-4) << "it has lost its colours";
}

TEST_F(PictureFormats, AlphaIsFlattenedOverWhite) {
  Image clear = with_alpha(plain);
  for (int y = 0; y < clear.height(); ++y)
    for (int x = 0; x < clear.width(); ++x) clear.row(y)[4 * x + 3] = 0;
  write_image(file("clear.png"), clear);
  expect_json_error({"verify", file("clear.png"), file("plain.png")}, "no_face", "clear.png");
}

}  // namespace
}  // namespace likeness
