#include "serve/people_routes.h"

#include <gtest/gtest.h>
#include <likeness/gallery/embedded_gallery.h>

#include "serve/face_service.h"
#include "serve/problem_of.h"
#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness::serve {
namespace {

TEST(PeopleRoutes, WithoutAGalleryNothingIsAvailable) {
  Router router;
  add_people_routes(router, nullptr);
  EXPECT_EQ(router.routes().size(), 9U);
  for (const Route& route : router.routes()) {
    const Problem problem = problem_of([&] { route.handler({}); });
    EXPECT_EQ(problem.status(), 503) << route.pattern;
    EXPECT_EQ(problem.code(), "unavailable") << route.pattern;
    EXPECT_NE(std::string(problem.what()).find("--gallery"), std::string::npos);
  }
}

TEST(PeopleRoutes, ChangesNeedTheRoleEnrol) {
  Router router;
  add_people_routes(router, nullptr);
  for (const Route& route : router.routes()) {
    const bool reads = route.method == "GET" || route.pattern == "/v1/people/identify";
    EXPECT_EQ(route.role, reads ? Role::read : Role::enrol) << route.method << route.pattern;
    EXPECT_FALSE(route.open);
  }
}

class PeopleRoutesTest : public FaceService {
 protected:
  void SetUp() override {
    FaceService::SetUp();
    if (IsSkipped()) return;
    engine_ = engine();
    create_embedded_gallery(folder_.path() / "gallery", {},
                            {"duo", std::string(64, 'a'), engine_->dimensions()});
    people_ = std::make_unique<People>(
        open_embedded_gallery(folder_.path() / "gallery", {}), *engine_,
        PeopleOptions{.keep_crops = true, .calibration = builtin_calibration("duo")});
    add_people_routes(router_, people_.get(), {.most_photos = 3});
  }
  Json json(const std::string& method, const std::string& path, const HttpRequest& request = {},
            int status = 200) const {
    const HttpResponse response = ask(router_, method, path, request);
    EXPECT_EQ(response.status, status);
    return Json::parse(response.body);
  }
  Json enrol(const std::string& name, const Portrait& portrait) const {
    return json("POST", "/v1/people",
                form({field("name", name), file_part("photo", as_jpeg(portrait))}), 201);
  }
  std::string refusal(const std::string& method, const std::string& path,
                      const HttpRequest& request) const {
    const Problem problem = problem_of([&] { ask(router_, method, path, request); });
    return std::to_string(problem.status()) + " " + problem.code() + " " + problem.what();
  }

  TemporaryFolder folder_;
  std::unique_ptr<FaceEngine> engine_;
  std::unique_ptr<People> people_;
  Router router_;
};

TEST_F(PeopleRoutesTest, APersonIsEnrolledShownRenamedAndRemoved) {
  const Json enrolled = enrol("Anna / Ä", kAnnaOnce);
  EXPECT_EQ(enrolled["name"], "Anna / Ä");
  EXPECT_EQ(enrolled["added"], 1);
  EXPECT_EQ(enrolled["already_enrolled"], 0);
  ASSERT_EQ(enrolled["examples"].size(), 1U);
  const std::int64_t id = enrolled["examples"][0];
  EXPECT_EQ(enrolled["photos"][0]["example"], id);
  EXPECT_TRUE(enrolled["photos"][0]["looks_like"].is_null());
  const std::string anna = "/v1/people/Anna%20%2F%20%C3%84";

  const Json more = json("POST", anna + "/examples",
                         json_request({{"photo", {base64_of(as_jpeg(kAnnaAgain))}}}), 201);
  EXPECT_EQ(more["added"], 1);
  const Json shown = json("GET", anna);
  ASSERT_EQ(shown["examples"].size(), 2U);
  EXPECT_EQ(shown["examples"][0]["id"], id);
  EXPECT_EQ(shown["examples"][0]["source"], "photo.jpg");
  EXPECT_EQ(shown["examples"][0]["has_crop"], true);
  const HttpResponse picture =
      ask(router_, "GET", anna + "/examples/" + std::to_string(id) + "/picture");
  EXPECT_EQ(picture.content_type, "image/jpeg");
  EXPECT_EQ(picture.body.substr(0, 2), "\xff\xd8");

  EXPECT_EQ(json("PATCH", anna, json_request({{"name", "Anna"}}))["name"], "Anna");
  EXPECT_EQ(json("DELETE", "/v1/people/Anna/examples/" + std::to_string(id))["removed"], 1);
  EXPECT_EQ(json("DELETE", "/v1/people/Anna")["removed"], 1);
  EXPECT_EQ(code_of([&] { ask(router_, "GET", "/v1/people/Anna"); }), ErrorCode::not_found);
}

TEST_F(PeopleRoutesTest, PeopleAreListedPageByPage) {
  enrol("Anna", kAnnaOnce);
  enrol("Berta", kBerta);
  HttpRequest request;
  request.query = {{"limit", "1"}};
  const Json first = json("GET", "/v1/people", request);
  EXPECT_EQ(first["total"], 2);
  EXPECT_EQ(first["next"], "Anna");
  ASSERT_EQ(first["people"].size(), 1U);
  EXPECT_EQ(first["people"][0]["name"], "Anna");
  EXPECT_EQ(first["people"][0]["examples"], 1);
  EXPECT_TRUE(first["people"][0]["example_id"].is_number());
  EXPECT_EQ(first["people"][0]["has_crop"], true);
  request.query = {{"after", "Anna"}};
  const Json last = json("GET", "/v1/people", request);
  EXPECT_EQ(last["people"][0]["name"], "Berta");
  EXPECT_TRUE(last["next"].is_null());
  request.query = {{"limit", "1001"}};
  EXPECT_EQ(refusal("GET", "/v1/people", request),
            "422 invalid_argument limit: '1001' is not a whole number from 1 to 1000");
}

TEST_F(PeopleRoutesTest, IdentifyNamesPeopleAndLeavesStrangersUnnamed) {
  enrol("Anna", kAnnaOnce);
  const std::string both = as_jpeg(side_by_side(std::vector{kAnnaAgain, kBerta}, 2, 400, 500));
  const Json answer = json("POST", "/v1/people/identify", form({file_part("photo", both)}));
  EXPECT_EQ(answer["model"], "duo");
  EXPECT_EQ(answer["people"], 1);
  EXPECT_EQ(answer["examples"], 1);
  EXPECT_EQ(answer["fpir"], 0.01);
  ASSERT_EQ(answer["faces"].size(), 2U);
  const Json& anna = answer["faces"][0];
  ASSERT_EQ(anna["matches"].size(), 1U);
  EXPECT_EQ(anna["matches"][0]["subject"], "Anna");
  EXPECT_LE(anna["matches"][0]["distance"], answer["threshold"]);
  EXPECT_TRUE(anna["matches"][0]["probability"].is_number());
  EXPECT_EQ(anna["ambiguous"], false);
  EXPECT_TRUE(anna["box"].contains("left"));
  EXPECT_EQ(answer["faces"][1]["matches"], Json::array());
  EXPECT_TRUE(answer["faces"][1]["nearest_distance"].is_number());
  const Json wide = json("POST", "/v1/people/identify",
                         form({file_part("photo", both), field("threshold", "4")}));
  EXPECT_EQ(wide["threshold"], 4.0);
  EXPECT_EQ(wide["faces"][1]["matches"].size(), 1U);
}

TEST_F(PeopleRoutesTest, WhatCannotBeDoneIsRefused) {
  const std::string photo = as_jpeg(kAnnaOnce);
  enrol("Anna", kAnnaOnce);
  enrol("Berta", kBerta);
  EXPECT_EQ(refusal("POST", "/v1/people", form({file_part("photo", photo)})),
            "422 invalid_argument name: is missing");
  EXPECT_EQ(refusal("POST", "/v1/people", form({field("name", "Carla")})),
            "422 invalid_argument photo: no picture was sent under this name");
  EXPECT_EQ(
      refusal("POST", "/v1/people",
              form({field("name", "Carla"), file_part("photo", photo), file_part("photo", photo),
                    file_part("photo", photo), file_part("photo", photo)})),
      "422 invalid_argument photo: more than 3 pictures were sent");
  EXPECT_EQ(
      refusal("POST", "/v1/people/identify",
              form({file_part("photo", photo), field("fpir", "0.1"), field("threshold", "1")})),
      "422 invalid_argument fpir and threshold were given; give one of them");
  const auto error = [&](const char* method, const std::string& path, const HttpRequest& request) {
    return code_of([&] { ask(router_, method, path, request); });
  };
  EXPECT_EQ(error("POST", "/v1/people/Nobody/examples", form({file_part("photo", photo)})),
            ErrorCode::not_found);
  EXPECT_EQ(error("PATCH", "/v1/people/Anna", json_request({{"name", "Berta"}})),
            ErrorCode::already_exists);
  EXPECT_EQ(error("GET", "/v1/people/%00", {}), ErrorCode::invalid_argument);
  EXPECT_EQ(error("GET", "/v1/people/Anna/examples/x/picture", {}), ErrorCode::not_found);
  EXPECT_EQ(error("DELETE", "/v1/people/Anna/examples/999", {}), ErrorCode::not_found);
  const HttpRequest second_is_empty =
      form({field("name", "Carla"), file_part("photo", photo), file_part("photo", empty_scene())});
  EXPECT_EQ(error("POST", "/v1/people", second_is_empty), ErrorCode::no_face);
  EXPECT_EQ(message_of([&] { ask(router_, "POST", "/v1/people", second_is_empty); }).substr(0, 22),
            "photo 2 ('photo.jpg'):");
  EXPECT_EQ(json("GET", "/v1/people")["total"], 2);
}

}  // namespace
}  // namespace likeness::serve
