/// Subjects and their faces.

#include "serve/compreface_image_id.h"
#include "serve/compreface_service_fixture.h"

namespace likeness::serve {
namespace {

TEST_F(CompreFaceRoutes, SubjectsAreAddedRenamedAndDeleted) {
  EXPECT_EQ(subjects(), Json::array());
  const Answer added = call("POST", kSubjects, json_request({{"subject", "Anna"}}));
  EXPECT_EQ(added.status, 201);
  EXPECT_EQ(added.json, (Json{{"subject", "Anna"}}));
  expect_refused(call("POST", kSubjects, json_request({{"subject", "Anna"}})), 400, 43);
  expect_refused(call("POST", kSubjects, json_request({{"name", "Anna"}})), 400, 33);
  expect_refused(call("POST", kSubjects, json_request({{"subject", " "}})), 400, 26);
  const auto rename = [&](const std::string& from, const std::string& to) {
    return call("PUT", kSubjects + "/" + from, json_request({{"subject", to}}));
  };
  EXPECT_EQ(rename("Anna", "Anna").json, (Json{{"updated", false}}));
  EXPECT_EQ(rename("Anna", "Anna/B").json, (Json{{"updated", true}}));
  EXPECT_EQ(call("GET", kSubjects + "/").json.at("subjects"), names({"Anna/B"}));
  expect_refused(rename("Anna", "Bob"), 404, 42);
  EXPECT_EQ(call("DELETE", kSubjects + "/Anna%2FB").json, (Json{{"subject", "Anna/B"}}));
  expect_refused(call("DELETE", kSubjects + "/Anna"), 404, 42);
  for (const char* name : {"a", "b", "c"})
    call("POST", kSubjects, json_request({{"subject", name}}));
  EXPECT_EQ(call("DELETE", kSubjects).json, (Json{{"deleted", 3}}));
  EXPECT_EQ(subjects(), Json::array());
}

TEST_F(CompreFaceRoutes, RenamingToAnotherSubjectMergesThem) {
  add("Anna", kAnnaOnce);
  add("Anne", kAnnaAgain);
  EXPECT_EQ(call("PUT", kSubjects + "/Anne", json_request({{"subject", "Anna"}})).json,
            (Json{{"updated", true}}));
  EXPECT_EQ(subjects(), names({"Anna"}));
  const Json faces = call("GET", kFaces).json.at("faces");
  ASSERT_EQ(faces.size(), 2U);
  for (const Json& face : faces) {
    EXPECT_EQ(face.at("subject"), "Anna");
    const std::string id = face.at("image_id");
    const Answer verified = send(kFaces + "/" + id + "/verify", as_jpeg(kAnnaOnce));
    EXPECT_GT(verified.json.at("result").at(0).at("similarity"), 0.5);
  }
}

TEST_F(CompreFaceRoutes, FacesAreAddedOfPhotosWithOneFace) {
  const std::string anna = add("Anna", kAnnaOnce);
  HttpRequest json = json_request({{"file", base64_of(as_jpeg(kCarlaOnce))}});
  EXPECT_EQ(call("POST", kFaces, json, {{"subject", "Carla"}}).status, 201);
  EXPECT_EQ(add("Anna", kAnnaOnce), anna) << "the same photo again is the same example";
  EXPECT_EQ(subjects(), names({"Anna", "Carla"}));

  const std::string two = as_jpeg(side_by_side(std::vector{kBerta, kDora}, 2, 400, 500));
  expect_refused(send(kFaces, two, {{"subject", "Both"}}), 400, 31);
  expect_refused(send(kFaces, empty_scene(), {{"subject", "Nobody"}}), 400, 28);
  expect_refused(send(kFaces, "no picture", {{"subject", "Nobody"}}), 400, 21);
  expect_refused(send(kFaces, as_jpeg(kBerta)), 400, 33);
  expect_refused(call("POST", kFaces, form({file_part("photo", "x")}), {{"subject", "Eve"}}), 400,
                 34);
  expect_refused(send(kFaces, as_jpeg(kBerta), {{"subject", "Eve"}, {"det_prob_threshold", "2"}}),
                 400, 26);
  EXPECT_EQ(subjects(), names({"Anna", "Carla"}));
}

TEST_F(CompreFaceRoutes, FacesAreListedInPages) {
  const std::string a = add("Anna", kAnnaOnce);
  const std::string b = add("Anna", kAnnaAgain);
  const std::string c = add("Carla", kCarlaOnce);
  const auto ids = [](const Answer& answer) {
    Json list = Json::array();
    for (const Json& face : answer.json.at("faces")) list.push_back(face.at("image_id"));
    return list;
  };
  const Answer all = call("GET", kFaces);
  EXPECT_EQ(ids(all), Json({a, b, c}));
  EXPECT_EQ(all.json.at("page_number"), 0);
  EXPECT_EQ(all.json.at("page_size"), 20);
  EXPECT_EQ(all.json.at("total_pages"), 1);
  EXPECT_EQ(all.json.at("total_elements"), 3);
  EXPECT_EQ(people_->gallery().audit_log().back().action, "list");
  const Answer second = call("GET", kFaces, {}, {{"page", "1"}, {"size", "2"}});
  EXPECT_EQ(ids(second), Json::array({c}));
  EXPECT_EQ(second.json.at("total_pages"), 2);
  EXPECT_EQ(ids(call("GET", kFaces, {}, {{"page", "1"}, {"size", "1"}})), Json::array({b}));
  EXPECT_EQ(ids(call("GET", kFaces, {}, {{"page", "7"}})), Json::array());
  EXPECT_EQ(ids(call("GET", kFaces, {}, {{"subject", "Carla"}})), Json::array({c}));
  EXPECT_EQ(call("GET", kFaces, {}, {{"subject", "Eve"}}).json.at("total_elements"), 0);
  expect_refused(call("GET", kFaces, {}, {{"size", "0"}}), 400, 26);
}

TEST_F(CompreFaceRoutes, FacesAreDeletedAndTheirSubjectsWithTheLast) {
  const std::string a = add("Anna", kAnnaOnce);
  const std::string b = add("Anna", kAnnaAgain);
  const std::string c = add("Carla", kCarlaOnce);
  EXPECT_EQ(call("DELETE", kFaces + "/" + a).json, (Json{{"image_id", a}, {"subject", "Anna"}}));
  expect_refused(call("DELETE", kFaces + "/" + a), 404, 44);
  expect_refused(call("DELETE", kFaces + "/" + kForeignUuid), 404, 44);
  expect_refused(call("DELETE", kFaces + "/" + kNoUuid), 400, 26);
  const auto remove_list = [&](const Json& list) {
    return call("POST", kFaces + "/delete", json_request(list));
  };
  expect_refused(remove_list(Json::array({c, kNoUuid})), 400, 26);
  expect_refused(remove_list({{"ids", 1}}), 400, 26);
  EXPECT_EQ(remove_list(Json::array({a, b, kForeignUuid})).json,
            Json::array({{{"image_id", b}, {"subject", "Anna"}}}));
  EXPECT_EQ(subjects(), names({"Carla"}));
  EXPECT_EQ(call("DELETE", kFaces, {}, {{"subject", "Eve"}}).json, (Json{{"deleted", 0}}));
  EXPECT_EQ(call("DELETE", kFaces, {}, {{"subject", "Carla"}}).json, (Json{{"deleted", 1}}));
  add("Anna", kAnnaOnce);
  add("Carla", kCarlaOnce);
  EXPECT_EQ(call("DELETE", kFaces).json, (Json{{"deleted", 2}}));
  EXPECT_EQ(subjects(), Json::array());
}

TEST_F(CompreFaceRoutes, AFaceThatWasKeptIsShown) {
  const std::string anna = add("Anna", kAnnaOnce);
  const HttpResponse response = ask(router_, "GET", kFaces + "/" + anna + "/img");
  EXPECT_EQ(response.content_type, "image/jpeg");
  const Bytes bytes(response.body.begin(), response.body.end());
  EXPECT_GT(decode_image(bytes, "img").width(), 50);
  expect_refused(call("GET", kFaces + "/" + image_id(1'000'000) + "/img"), 404, 44);
}

}  // namespace
}  // namespace likeness::serve
