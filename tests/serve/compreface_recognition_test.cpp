/// Recognition, verification and detection.

#include <algorithm>

#include "serve/compreface_image_id.h"
#include "serve/compreface_service_fixture.h"

namespace likeness::serve {
namespace {

TEST_F(CompreFaceRoutes, TheMostSimilarSubjectsAreNamedWithoutAThreshold) {
  EXPECT_EQ(send(kRecognize, as_jpeg(kDora)).json.at("result").at(0).at("subjects"), Json::array());
  add("Anna", kAnnaOnce);
  add("Carla", kCarlaOnce);
  const auto similar = [&](const Portrait& portrait, Query query) {
    return send(kRecognize, as_jpeg(portrait), std::move(query))
        .json.at("result")
        .at(0)
        .at("subjects");
  };
  const Json one = similar(kAnnaAgain, {});
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].at("subject"), "Anna");
  EXPECT_GT(one[0].at("similarity"), 0.5);
  const Json two = similar(kAnnaAgain, {{"prediction_count", "5"}});
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[1].at("subject"), "Carla");
  EXPECT_LT(two[1].at("similarity"), 0.5);
  const Json stranger = similar(kDora, {});
  ASSERT_EQ(stranger.size(), 1U) << "whoever comes closest";
  EXPECT_LT(stranger[0].at("similarity"), 0.5);
  expect_refused(send(kRecognize, empty_scene()), 400, 28);
  expect_refused(send(kRecognize, as_jpeg(kDora), {{"prediction_count", "0"}}), 400, 26);
}

TEST_F(CompreFaceRoutes, FacesAreDetectedTheLargestFirstAndToldAsAskedFor) {
  Image group = side_by_side(std::vector{kBerta, kDora}, 2, 400, 500);
  const Image small = resize(cut_out(kAnnaOnce), 200, 250);
  Image wide(1000, 500);
  paste(wide, small, 0, 0);
  paste(wide, group, 200, 0);
  const std::string photo = as_jpeg(wide);
  const Json plain = send(kDetect, photo).json;
  ASSERT_EQ(plain.at("result").size(), 3U);
  double before = 1e9;
  for (const Json& face : plain.at("result")) {
    EXPECT_EQ(face.size(), 1U);
    const Json& box = face.at("box");
    const double width = box.at("x_max").get<double>() - box.at("x_min").get<double>();
    const double height = box.at("y_max").get<double>() - box.at("y_min").get<double>();
    EXPECT_LE(width * height, before * 1.02);
    before = width * height;
    EXPECT_GT(box.at("probability"), 0.7);
    EXPECT_LE(box.at("x_max"), 1000);
  }
  EXPECT_EQ(plain.size(), 1U);
  const Json one = send(kDetect, photo,
                        {{"limit", "1"},
                         {"face_plugins", "landmarks, calculator,age,nonsense"},
                         {"status", "true"}})
                       .json;
  ASSERT_EQ(one.at("result").size(), 1U);
  const Json& face = one.at("result").at(0);
  EXPECT_EQ(face.at("box"), plain.at("result").at(0).at("box"));
  EXPECT_EQ(face.at("landmarks").size(), 5U);
  EXPECT_EQ(face.at("landmarks").at(0).size(), 2U);
  EXPECT_EQ(face.at("embedding").size(), static_cast<std::size_t>(engine_->dimensions()));
  EXPECT_FALSE(face.contains("age"));
  EXPECT_GT(face.at("execution_time").at("detector"), 0);
  EXPECT_TRUE(face.at("execution_time").contains("calculator"));
  EXPECT_EQ(one.at("plugins_versions").at("calculator"), "likeness.duo");
  EXPECT_EQ(send(kDetect, photo, {{"det_prob_threshold", "0.9"}}).json.at("result").size(), 3U);
  expect_refused(send(kDetect, empty_scene()), 400, 28);
  expect_refused(send(kDetect, photo, {{"limit", "-1"}}), 400, 26);
}

TEST_F(CompreFaceRoutes, APhotoThatIsAFaceNeedsNoDetector) {
  const std::string cut = as_jpeg(crop(cut_out(kAnnaOnce), 100, 120, 200, 240));
  add("Carla", kCarlaOnce);
  add("Anna", kAnnaAgain);
  const Json result = send(kRecognize, cut, {{"detect_faces", "false"}}).json.at("result");
  ASSERT_EQ(result.size(), 1U);
  EXPECT_EQ(result[0].at("box").at("x_max"), 200);
  EXPECT_EQ(result[0].at("subjects").at(0).at("subject"), "Anna");
  // Nobody is there, but it was said so.
  EXPECT_EQ(send(kRecognize, empty_scene(), {{"detect_faces", "false"}}).json.at("result").size(),
            1U);
}

TEST_F(CompreFaceRoutes, PhotosAreVerifiedAgainstAnExampleAndEachOther) {
  const std::string anna = add("Anna", kAnnaOnce);
  const auto known = [&](const Portrait& portrait) {
    return send(kFaces + "/" + anna + "/verify", as_jpeg(portrait)).json.at("result").at(0);
  };
  EXPECT_EQ(known(kAnnaAgain).at("subject"), "Anna");
  EXPECT_GT(known(kAnnaAgain).at("similarity"), 0.5);
  EXPECT_LT(known(kCarlaOnce).at("similarity"), 0.5);
  expect_refused(send(kFaces + "/" + image_id(1'000'000) + "/verify", as_jpeg(kDora)), 404, 44);

  const auto verify = [&](const std::string& source, const std::string& target, Query query = {}) {
    return call("POST", kVerify,
                form({file_part("source_image", source), file_part("target_image", target)}),
                std::move(query));
  };
  const std::string pair = as_jpeg(side_by_side(std::vector{kAnnaAgain, kDora}, 2, 400, 500));
  const Json both = verify(as_jpeg(kAnnaOnce), pair).json.at("result").at(0);
  EXPECT_TRUE(both.at("source_image_face").contains("box"));
  ASSERT_EQ(both.at("face_matches").size(), 2U);
  std::vector<double> similarities;
  for (const Json& match : both.at("face_matches")) similarities.push_back(match.at("similarity"));
  std::sort(similarities.begin(), similarities.end());
  EXPECT_LT(similarities[0], 0.5);
  EXPECT_GT(similarities[1], 0.5);
  expect_refused(verify(pair, as_jpeg(kAnnaOnce)), 400, 31);
  EXPECT_EQ(verify(pair, as_jpeg(kAnnaOnce), {{"limit", "1"}}).status, 200);
  expect_refused(verify(as_jpeg(kAnnaOnce), empty_scene()), 400, 28);
  expect_refused(send(kVerify, as_jpeg(kAnnaOnce)), 400, 34);
}

TEST_F(CompreFaceRoutes, EmbeddingsStandForThePhotosTheyCameFrom) {
  const std::string anna = add("Anna", kAnnaOnce);
  add("Carla", kCarlaOnce);
  const auto embedding = [&](const Portrait& portrait) {
    return send(kDetect, as_jpeg(portrait), {{"face_plugins", "calculator"}})
        .json.at("result")
        .at(0)
        .at("embedding");
  };
  const Json annas = embedding(kAnnaAgain);
  const Json carlas = embedding(kCarlaAgain);
  const double by_photo = send(kFaces + "/" + anna + "/verify", as_jpeg(kAnnaAgain))
                              .json.at("result")
                              .at(0)
                              .at("similarity");

  const std::string recognize = kRecognition + "/embeddings/recognize";
  const Json both = Json::array({carlas, annas});
  const Json found =
      call("POST", recognize, json_request({{"embeddings", both}}), {{"prediction_count", "2"}})
          .json.at("result");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].at("embedding"), carlas);
  EXPECT_EQ(found[0].at("similarities").at(0).at("subject"), "Carla");
  ASSERT_EQ(found[1].at("similarities").size(), 2U);
  EXPECT_EQ(found[1].at("similarities").at(0).at("subject"), "Anna");
  EXPECT_NEAR(found[1].at("similarities").at(0).at("similarity").get<double>(), by_photo, 1e-3);

  const Json known = call("POST", kRecognition + "/embeddings/faces/" + anna + "/verify",
                          json_request({{"embeddings", both}}))
                         .json.at("result");
  ASSERT_EQ(known.size(), 2U);
  EXPECT_EQ(known[0].at("embedding"), annas) << "the most similar first";
  EXPECT_NEAR(known[0].at("similarity").get<double>(), by_photo, 1e-3);

  Json longer = annas;
  for (Json& number : longer) number = number.get<double>() * 3;
  const std::string verify = "/api/v1/verification/embeddings/verify";
  const Json compared =
      call("POST", verify, json_request({{"source", longer}, {"targets", both}})).json.at("result");
  ASSERT_EQ(compared.size(), 2U);
  EXPECT_EQ(compared[0].at("embedding"), annas);
  EXPECT_GT(compared[0].at("similarity"), 0.99) << "its length does not matter";

  const Json zeros = std::vector<double>(static_cast<std::size_t>(engine_->dimensions()), 0.0);
  for (const auto& [embeddings, code] :
       {std::pair(Json(Json::array()), 37), std::pair(Json::array({{1, 2}}), 26),
        std::pair(Json::array({zeros}), 26), std::pair(Json("x"), 26)})
    expect_refused(call("POST", recognize, json_request({{"embeddings", embeddings}})), 400, code);
  expect_refused(call("POST", recognize, json_request({{"embedding", both}})), 400, 33);
  expect_refused(
      call("POST", verify, json_request({{"source", annas}, {"targets", Json::array()}})), 400, 37);
}

}  // namespace
}  // namespace likeness::serve
