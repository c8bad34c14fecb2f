/// likeness evaluate style, with a judge of few channels.

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <likeness/model/local_model.h>

#include "style/tiny_network.h"
#include "support/drawn_picture.h"
#include "support/program.h"

namespace likeness {
namespace {

class EvaluateStyle : public ::testing::Test {
 protected:
  void SetUp() override {
    write_safetensors(file("vgg.safetensors"), {.tensors = tiny_weights({4, 6, 8, 10})});
    write_safetensors(file("short.safetensors"), {.tensors = tiny_weights({4, 6, 8})});
    write_image(file("photo.png"), drawn_picture(48, 32));
    write_image(file("painting.png"), mirror(drawn_picture(48, 32)));
    write_image(file("larger.png"), drawn_picture(50, 60));
  }
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
  Arguments command(const std::string& style, const Arguments& more,
                    const std::string& weights = "vgg.safetensors") const {
    Arguments arguments = {"evaluate", "style",     "--content", file("photo.png"),
                           "--style",  file(style), "--weights", file(weights)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  TemporaryFolder folder_;
};

TEST_F(EvaluateStyle, MeasuresTheContentAndTheStyleThemselves) {
  const Outcome outcome =
      run_likeness(command("painting.png", {file("photo.png"), file("painting.png"), "--json"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json result = json_of(outcome.out);
  EXPECT_EQ(result.at("style_weight"), 30);
  const Json photo = result.at("pictures")[0];
  const Json painting = result.at("pictures")[1];
  EXPECT_EQ(photo.at("picture"), file("photo.png"));
  EXPECT_EQ(photo.at("content"), 0);
  EXPECT_EQ(photo.at("style_n"), 1);
  EXPECT_EQ(photo.at("total"), 30 * photo.at("style").get<double>());
  EXPECT_EQ(painting.at("style"), 0);
  EXPECT_EQ(painting.at("content_n"), 1);
  EXPECT_EQ(painting.at("total"), painting.at("content"));
  EXPECT_GT(painting.at("content"), 0);
  EXPECT_EQ(photo.at("style_layers").size(), 4U);
  EXPECT_NEAR(result.at("mean").at("content").get<double>(),
              painting.at("content").get<double>() / 2, 1e-9);
}

TEST_F(EvaluateStyle, ReadsATableAndPrintsOne) {
  write_file(file("pairs.csv"), std::string_view("content,style,picture\n"
                                                 "photo.png,painting.png,painting.png\n"
                                                 "photo.png,larger.png,photo.png\n"));
  const Arguments table = {
      "evaluate", "style", "--pairs", file("pairs.csv"), "--weights", file("vgg.safetensors"),
      "-q"};
  const Outcome text = run_likeness(table);
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_NE(text.out.find("content_n    style_n  picture\n"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("  mean\n"), std::string::npos) << text.out;
  Arguments with_json = table;
  with_json.emplace_back("--json");
  const Json result = json_of(run_likeness(with_json).out);
  EXPECT_EQ(result.at("pictures")[0].at("content_n"), 1);
  EXPECT_EQ(result.at("pictures")[1].at("content_n"), nullptr) << "a style of another size";
  EXPECT_EQ(result.at("mean").at("content_n"), nullptr);
}

TEST_F(EvaluateStyle, TellsWhatAStudentIsWrongAbout) {
  std::filesystem::create_directory(file("student"));
  ModelEntry entry;
  entry.id = "student";
  entry.task = "perceptual network";
  entry.summary = "a student with few channels";
  entry.licence = "none";
  entry.input = "RGB 0..1";
  entry.architecture = "vgg";
  entry.settings = {{"widths", "4,6,8,10"}};
  write_local_model(file("student"), {.entry = entry, .weights = tiny_weights({4, 6, 8, 10}, true)},
                    Precision::half);
  write_safetensors(file("teacher.safetensors"), {.tensors = tiny_weights({8, 12, 16, 20})});
  Arguments arguments = command("painting.png", {file("photo.png"), "--student", file("student")},
                                "teacher.safetensors");
  const Outcome text = run_likeness(arguments);
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_NE(text.out.find("photo.png: left to the aim"), std::string::npos) << text.out;
  arguments.emplace_back("--json");
  const Json photo = json_of(run_likeness(arguments).out).at("pictures")[0];
  const Json student = photo.at("student");
  EXPECT_EQ(student.at("content").at("error_of_difference"), 0) << "it is the content itself";
  for (const auto& [tap, layer] : student.at("style_layers").items()) {
    EXPECT_NEAR(layer.at("left").get<double>(), photo.at("style_layers").at(tap).get<double>(),
                1e-5 * layer.at("left").get<double>());
    EXPECT_GT(layer.at("error_of_difference").get<double>(), 0) << tap;
  }
  expect_json_error(command("painting.png", {file("photo.png"), "--student", file("student")}),
                    "invalid_argument", "not this student's teacher");
}

TEST_F(EvaluateStyle, SaysWhatItCannotMeasure) {
  expect_json_error(command("painting.png", {file("larger.png")}), "invalid_argument",
                    "larger.png: the picture has 50 x 60 pixels");
  expect_json_error(command("painting.png", {file("photo.png")}, "short.safetensors"),
                    "invalid_argument", "relu4_1");
  expect_json_error(command("missing.png", {file("photo.png")}), "not_found", "missing.png");
  expect_json_error(command("painting.png", {}), "invalid_argument", "nothing to measure");
  expect_json_error(command("painting.png", {file("photo.png")}, "photo.png"), "corrupt_file",
                    "photo.png");
}

}  // namespace
}  // namespace likeness
