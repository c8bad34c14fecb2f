#include "serve/face_routes.h"

#include <cmath>

#include <gtest/gtest.h>

#include "serve/face_service.h"
#include "serve/problem_of.h"
#include "support/error_code.h"

namespace likeness::serve {
namespace {

class FaceRoutesTest : public FaceService {
 protected:
  void SetUp() override {
    FaceService::SetUp();
    if (IsSkipped()) return;
    engine_ = engine();
    add_face_routes(router_, *engine_, {.calibration = builtin_calibration("duo")});
  }
  Json post(const std::string& path, const HttpRequest& request) const {
    const HttpResponse response = ask(router_, "POST", path, request);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/json");
    return Json::parse(response.body);
  }
  std::string refusal(const std::string& path, const HttpRequest& request) const {
    const Problem problem = problem_of([&] { ask(router_, "POST", path, request); });
    return std::to_string(problem.status()) + " " + problem.code() + " " + problem.what();
  }
  ErrorCode error(const std::string& path, const HttpRequest& request) const {
    return code_of([&] { ask(router_, "POST", path, request); });
  }

  std::unique_ptr<FaceEngine> engine_;
  Router router_;
};

std::vector<std::string> names(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

using Names = std::vector<std::string>;

TEST_F(FaceRoutesTest, DetectTellsWhereFacesAreAndHowGood) {
  const Json answer =
      post("/v1/faces/detect",
           form({file_part("photo", as_jpeg(side_by_side(kTwelveFaces, 4, 200, 250)))}));
  EXPECT_EQ(answer["width"], 800);
  EXPECT_EQ(answer["height"], 750);
  ASSERT_EQ(answer["faces"].size(), kTwelveFaces.size());
  const Json& face = answer["faces"][0];
  EXPECT_EQ(names(face), (Names{"box", "score", "landmarks", "quality"}));
  EXPECT_EQ(names(face["box"]), (Names{"left", "top", "width", "height"}));
  EXPECT_EQ(names(face["landmarks"]),
            (Names{"left_eye", "right_eye", "nose", "left_mouth", "right_mouth"}));
  EXPECT_EQ(face["landmarks"]["nose"].size(), 2U);
  EXPECT_EQ(names(face["quality"]),
            (Names{"score", "eye_distance", "sharpness", "yaw", "brightness", "remarks"}));
  EXPECT_LT(face["box"]["left"], answer["faces"][11]["box"]["left"]);
}

TEST_F(FaceRoutesTest, AnEmptySceneIsANormalAnswer) {
  const Json scene = {{"photo", base64_of(empty_scene())}};
  EXPECT_EQ(post("/v1/faces/detect", json_request(scene))["faces"], Json::array());
  EXPECT_EQ(post("/v1/faces/embed", json_request(scene))["faces"], Json::array());
  HttpRequest strict = form({file_part("photo", as_jpeg(kAnnaOnce))});
  strict.query = {{"min_score", "1"}};
  EXPECT_EQ(post("/v1/faces/detect", strict)["faces"], Json::array());
}

TEST_F(FaceRoutesTest, VerifyTellsOnePersonFromTwo) {
  const Json same =
      post("/v1/faces/verify",
           form({file_part("a", as_jpeg(kAnnaOnce)), file_part("b", as_jpeg(kAnnaAgain))}));
  EXPECT_EQ(names(same), (Names{"model", "same_person", "distance", "threshold", "probability",
                                "fmr", "max_distance", "a", "b"}));
  EXPECT_EQ(same["model"], "duo");
  EXPECT_EQ(same["same_person"], true);
  EXPECT_EQ(same["max_distance"], 4);
  EXPECT_GT(same["probability"], 0.5);
  EXPECT_EQ(names(same["a"]), (Names{"width", "height", "faces", "face"}));
  EXPECT_EQ(same["a"]["faces"], 1);
  const Json other =
      post("/v1/faces/verify",
           json_request({{"a", "data:image/jpeg;base64," + base64_of(as_jpeg(kAnnaOnce))},
                         {"b", base64_of(as_jpeg(kBerta))},
                         {"crops", true}}));
  EXPECT_EQ(other["same_person"], false);
  EXPECT_GT(other["distance"], other["threshold"]);
  const std::string crop = other["a"]["crop"];
  const std::string start = "data:image/jpeg;base64,";
  ASSERT_EQ(crop.substr(0, start.size()), start);
  EXPECT_GT(decode_image(from_base64(crop.substr(start.size())), "crop").width(), 100);
}

TEST_F(FaceRoutesTest, VerifyFollowsTheThresholdOfTheRequest) {
  const auto verify = [&](const FormPart& option) {
    return post("/v1/faces/verify", form({file_part("a", as_jpeg(kAnnaOnce)),
                                          file_part("b", as_jpeg(kAnnaAgain)), option}));
  };
  EXPECT_EQ(verify(field("threshold", "0"))["same_person"], false);
  EXPECT_EQ(verify(field("threshold", "4"))["same_person"], true);
  const Json strict = verify(field("fmr", "1e-3"));
  EXPECT_NEAR(strict["fmr"].get<double>(), 1e-3, 1e-4);
  EXPECT_NEAR(strict["threshold"].get<double>(), builtin_calibration("duo").threshold_at(1e-3),
              1e-6);
  const auto refused = [&](std::vector<FormPart> options) {
    options.push_back(file_part("a", "x"));
    options.push_back(file_part("b", "x"));
    return form(options);
  };
  EXPECT_EQ(error("/v1/faces/verify", refused({field("fmr", "1e-3"), field("threshold", "1")})),
            ErrorCode::invalid_argument);
  EXPECT_EQ(error("/v1/faces/verify", refused({field("fmr", "1e-30")})),
            ErrorCode::invalid_argument);
  EXPECT_EQ(refusal("/v1/faces/verify", refused({field("threshold", "5")})),
            "422 invalid_argument threshold: '5' is not a number from 0 to 4");
}

TEST_F(FaceRoutesTest, VerifyNamesThePhotoWithoutAFace) {
  const HttpRequest request =
      form({file_part("a", as_jpeg(kAnnaOnce)), file_part("b", empty_scene())});
  EXPECT_EQ(error("/v1/faces/verify", request), ErrorCode::no_face);
  EXPECT_EQ(message_of([&] { ask(router_, "POST", "/v1/faces/verify", request); }).substr(0, 3),
            "b: ");
}

TEST_F(FaceRoutesTest, AModelWithoutCalibrationNeedsAThreshold) {
  Router router;
  add_face_routes(router, *engine_, {});
  const std::vector<FormPart> photos = {file_part("a", as_jpeg(kAnnaOnce)),
                                        file_part("b", as_jpeg(kBerta))};
  EXPECT_EQ(code_of([&] { ask(router, "POST", "/v1/faces/verify", form(photos)); }),
            ErrorCode::invalid_argument);
  HttpRequest request = form(photos);
  request.query = {{"threshold", "1"}};
  const Json answer = Json::parse(ask(router, "POST", "/v1/faces/verify", request).body);
  EXPECT_TRUE(answer["probability"].is_null());
  EXPECT_TRUE(answer["fmr"].is_null());
}

TEST_F(FaceRoutesTest, EmbedGivesEncodingsOfLengthOne) {
  const std::string group = as_jpeg(side_by_side(kTwelveFaces, 4, 200, 250));
  const Json all = post("/v1/faces/embed", form({file_part("photo", group)}));
  EXPECT_EQ(names(all), (Names{"model", "dimensions", "width", "height", "faces"}));
  ASSERT_EQ(all["faces"].size(), kTwelveFaces.size());
  EXPECT_EQ(names(all["faces"][0]), (Names{"box", "score", "encoding"}));
  ASSERT_EQ(all["faces"][0]["encoding"].size(), all["dimensions"].get<std::size_t>());
  double squares = 0;
  for (const double value : all["faces"][0]["encoding"]) squares += value * value;
  EXPECT_NEAR(squares, 1, 1e-5);
  const Json main =
      post("/v1/faces/embed", form({file_part("photo", group), field("faces", "main")}));
  EXPECT_EQ(main["faces"].size(), 1U);
  EXPECT_EQ(refusal("/v1/faces/embed", form({file_part("photo", group), field("faces", "none")})),
            "422 invalid_argument faces: 'none' is neither 'all' nor 'main'");
}

TEST_F(FaceRoutesTest, BadInputIsRefusedWithItsName) {
  const std::string photo = as_jpeg(kAnnaOnce);
  const char* const detect = "/v1/faces/detect";
  EXPECT_EQ(error(detect, form({file_part("photo", "no picture")})), ErrorCode::unsupported_format);
  EXPECT_EQ(error(detect, form({file_part("photo", photo.substr(0, 5000))})),
            ErrorCode::corrupt_file);
  EXPECT_EQ(refusal(detect, form({file_part("photo", photo), file_part("photo", photo)})),
            "422 invalid_argument photo: more than 1 picture was sent");
  EXPECT_EQ(refusal(detect, form({})).substr(0, 27), "422 invalid_argument photo:");
  EXPECT_EQ(refusal(detect, form({file_part("photo", "")})),
            "422 invalid_argument photo: the picture is empty");
  EXPECT_EQ(refusal(detect, form({file_part("photo", photo), field("minscore", "0.9")})),
            "422 invalid_argument 'minscore' is not known here; known are photo, min_score");
  EXPECT_EQ(refusal(detect, json_request({{"photo", "https://example.org/a.jpg"}})).substr(0, 45),
            "422 invalid_argument photo: addresses are not");
  EXPECT_EQ(refusal(detect, json_request({{"photo", "%%%"}})),
            "422 invalid_argument photo: is not base64 text of a picture");
}

TEST_F(FaceRoutesTest, AnswersInTimeOrNotAtAll) {
  Router router;
  add_face_routes(router, *engine_, {.timeout = std::chrono::milliseconds(0)});
  const Problem problem = problem_of([&] {
    ask(router, "POST", "/v1/faces/detect", form({file_part("photo", as_jpeg(kAnnaOnce))}));
  });
  EXPECT_EQ(problem.code(), "timeout");
  EXPECT_EQ(problem.retry_after(), 1);
}

}  // namespace
}  // namespace likeness::serve
