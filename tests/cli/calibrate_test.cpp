/// likeness calibrate, and what verify does with what it wrote.

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/model/store.h>

#include "support/encodings.h"
#include "support/face_photos.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Ten women with two pictures each: 10 pairs of one person, 180 of two.
class Calibrate : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    people_folder("people");
    fs::remove_all(file("people/woman3"));  // Anna again
    fs::remove_all(file("people/woman6"));  // Carla again
  }

  std::string woman(int number, int picture) const {
    return file("people/woman" + std::to_string(number) + "/" + std::to_string(picture) + ".jpg");
  }
  Arguments command(const Arguments& more = {}) const {
    return joined({"calibrate", "--model", "mobilefacenet", "--images", file("people"),
                   "--encodings", file("kept.safetensors"), "--replicates", "50"},
                  more);
  }
  Json calibrate(const Arguments& more) const {
    const Outcome outcome = run_likeness(command(joined(more, {"--json"})));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json_of(outcome.out).at("calibrations")[0];
  }
};

TEST_F(Calibrate, GivesThresholdsWithTheirIntervals) {
  const Json result = calibrate({"--fmr", "0.3,0.1"});
  EXPECT_EQ(result.at("model"), "mobilefacenet");
  EXPECT_EQ(result.at("genuine_pairs"), 10);
  EXPECT_EQ(result.at("impostor_pairs"), 180);
  EXPECT_EQ(result.at("probability"), "logistic");
  EXPECT_EQ(result.at("output"), nullptr);
  ASSERT_EQ(result.at("thresholds").size(), 2U);
  EXPECT_EQ(result.at("thresholds")[1].at("fmr"), 0.1);
  EXPECT_LT(result.at("thresholds")[1].at("threshold"), result.at("thresholds")[0].at("threshold"));
  for (const Json& measured : result.at("thresholds")) {
    const double threshold = measured.at("threshold");
    EXPECT_LE(measured.at("threshold_interval")[0].get<double>(), threshold);
    EXPECT_GE(measured.at("threshold_interval")[1].get<double>(), threshold);
    EXPECT_LT(measured.at("threshold_interval")[0], measured.at("threshold_interval")[1]);
    EXPECT_EQ(measured.at("fnmr"), 0.0) << "both pictures of a woman are nearly the same";
  }
  EXPECT_EQ(calibrate({"--fmr", "0.3,0.1"}), result) << "the seed decides";
  EXPECT_EQ(calibrate({"--probability", "isotonic"}).at("probability"), "isotonic");
  const Outcome words = run_likeness(command({"--fmr", "0.1"}));
  for (const char* part : {"10 pairs of one person, 180 of different people", "95 % interval",
                           "not written; -o FILE.json writes it"})
    EXPECT_TRUE(has(words.out, part)) << part << " is missing in\n" << words.out;
}

TEST_F(Calibrate, WhatThePairsCannotSupportIsRefusedWithTheNumberItTakes) {
  expect_json_error(command({"--fmr", "0.1,1e-4"}), "invalid_argument",
                    "the 180 pairs of different people that mobilefacenet is calibrated on support "
                    "0.0556 and above; it would take at least 100000 pairs");
  expect_json_error(command({"--fmr", "2"}), "invalid_argument", "between 0 and 1");
  expect_json_error(command({"--fmr", "often"}), "invalid_argument", "often");
  expect_json_error(command({"--probability", "linear"}), "invalid_argument", "isotonic");
  expect_json_error(command({"--confidence", "1"}), "invalid_argument", "confidence");
  expect_json_error(command({"--replicates", "2"}), "invalid_argument", "--replicates");
  expect_json_error({"calibrate", "--images", file("nowhere")}, "not_found", "nowhere");
  expect_json_error(command({"-o", file("no/folder/c.json")}), "write_failed", "c.json");
  write_file(file("broken.json"), std::string_view("{"));
  expect_json_error(command({"-o", file("broken.json")}), "corrupt_file", "broken.json");
  expect_json_error(
      {"calibrate", "--images", file("people"), "--encodings", file("kept.safetensors")},
      "invalid_argument", "--encodings: a file holds the encodings of one model");
}

TEST_F(Calibrate, AFileServesVerifyWithABuiltInModel) {
  const std::string path = file("own.json");
  write_file(path, std::string_view("[]\n"));
  const Json result = calibrate({"--fmr", "0.1", "-o", path});
  EXPECT_EQ(result.at("output"), path);
  const Arguments own = {"--model", "mobilefacenet", "--calibration", path};
  const Json verdict = verify(woman(0, 1), woman(0, 2), own);
  EXPECT_FLOAT_EQ(verdict.at("threshold").get<float>(),
                  result.at("default_threshold").get<float>());
  const Json strict = verify(woman(0, 1), woman(0, 2), joined(own, {"--fmr", "0.1"}));
  EXPECT_NEAR(strict.at("threshold").get<double>(),
              result.at("thresholds")[0].at("threshold").get<double>(), 1e-6);
  const Arguments two = {"verify", woman(0, 1), woman(0, 2)};
  expect_json_error(joined(joined(two, own), {"--fmr", "1e-3"}), "invalid_argument",
                    "would take at least 10000 pairs");
  expect_json_error(joined(two, {"--calibration", path}), "invalid_argument",
                    "has none for duo, only for mobilefacenet");
  expect_json_error(joined(two, {"--calibration", file("none.json")}), "not_found", "none.json");

  std::string text = text_of(path);
  const auto weights = text.find("\"weights\": \"") + 12;
  text[weights] = text[weights] == '0' ? '1' : '0';
  write_file(path, text);
  expect_json_error(joined(two, own), "invalid_argument", "was measured with other weights");
}

/// A model that was trained here keeps what is measured of it beside its weights.
TEST_F(Calibrate, ATrainedModelKeepsItBesideItsWeights) {
  fs::create_directories(file("cache"));
  fs::create_directory_symlink(ModelStore().root() / "models", file("cache/models"));
  Surroundings own;
  own.environment["LIKENESS_CACHE"] = file("cache");
  const Outcome trained = run_likeness({"train",
                                        "siamese",
                                        "--data",
                                        file("people"),
                                        "--init",
                                        "none",
                                        "--size",
                                        "32",
                                        "--p",
                                        "3",
                                        "--k",
                                        "2",
                                        "--dimensions",
                                        "16",
                                        "--out",
                                        file("run"),
                                        "--steps",
                                        "2",
                                        "--warm-up",
                                        "1",
                                        "--validate-every",
                                        "2"},
                                       own);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Arguments two = {"verify", woman(0, 1), woman(0, 2), "--model", file("run")};
  expect_json_error(two, "invalid_argument", "likeness calibrate", own);

  const Outcome outcome = run_likeness({"calibrate", "--model", file("run"), "--images",
                                        file("people"), "--fmr", "0.1", "--replicates", "20"},
                                       own);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "written to " + file("run/calibration.json"))) << outcome.out;
  const Json verdict =
      verify(woman(0, 1), woman(0, 2), {"--model", file("run"), "--fmr", "0.1"}, own);
  EXPECT_NEAR(verdict.at("fmr").get<double>(), 0.1, 0.02);
  EXPECT_TRUE(verdict.at("probability").is_number());

  // Other weights make it worthless.
  std::string text = text_of(file("run/calibration.json"));
  const auto weights = text.find("\"weights\": \"") + 12;
  text[weights] = text[weights] == '0' ? '1' : '0';
  write_file(file("run/calibration.json"), text);
  expect_json_error(two, "invalid_argument", "not calibrated", own);
  const Outcome stale = run_likeness(two, own);
  EXPECT_TRUE(has(stale.err, "was measured with other weights of run")) << stale.err;
}

}  // namespace
}  // namespace likeness
