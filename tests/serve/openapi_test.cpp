/// docs/openapi.json, as the service gives it out: sound, and true of the routes that are here.

#include <algorithm>
#include <cctype>
#include <set>

#include <gtest/gtest.h>
#include <likeness/core/version.h>

#include "serve/json_schema.h"
#include "serve/metrics.h"
#include "serve/request_fields.h"
#include "serve/system_routes.h"
#include "support/temporary_folder.h"

namespace likeness::serve {
namespace {

/// Calls `visit` with every object in `json` and its place.
template <class Visit>
void each_object(const Json& json, const std::string& place, const Visit& visit) {
  if (json.is_object()) visit(json, place);
  if (json.is_structured())
    for (const auto& [key, value] : json.items()) each_object(value, place + "/" + key, visit);
}

class OpenApi : public ::testing::Test {
 protected:
  OpenApi() {
    add_system_routes(router_, keys_, store_, {});
    add_metrics_route(router_, metrics_);
    const Router::Found found = router_.find("GET", "/openapi.json");
    json_ = Json::parse(found.route->handler({.method = "GET", .path = "/openapi.json"}).body);
  }
  /// Calls `visit` with method, path and description of every operation.
  template <class Visit>
  void each_operation(const Visit& visit) const {
    for (const auto& [path, item] : json_.at("paths").items())
      for (const auto& [method, operation] : item.items())
        if (method != "parameters") visit(method, path, operation);
  }
  /// What `operation` says of `status`, behind its reference.
  Json response(const Json& operation, const std::string& status) const {
    const Json& given = operation.at("responses").at(status);
    if (!given.contains("$ref")) return given;
    return json_.at(Json::json_pointer(given.at("$ref").get<std::string>().substr(1)));
  }

  TemporaryFolder folder_;
  ApiKeys keys_{folder_.path() / "keys.json"};
  ModelStore store_{folder_.path() / "cache"};
  Metrics metrics_{{}};
  Router router_;
  Json json_;
};

TEST_F(OpenApi, IsOfThisVersion) {
  EXPECT_EQ(json_.at("openapi"), "3.1.0");
  EXPECT_EQ(json_.at("info").at("version"), kVersion);
}

TEST_F(OpenApi, EveryReferencePointsToSomethingAndEverySchemaIsUsed) {
  std::set<std::string> used;
  each_object(json_, "", [&](const Json& object, const std::string& place) {
    if (!object.contains("$ref")) return;
    const auto target = object.at("$ref").get<std::string>();
    ASSERT_TRUE(target.starts_with("#/")) << place;
    EXPECT_TRUE(json_.contains(Json::json_pointer(target.substr(1)))) << place << ": " << target;
    used.insert(target);
  });
  for (const char* kind : {"schemas", "responses"})
    for (const auto& [name, value] : json_.at("components").at(kind).items())
      EXPECT_TRUE(used.contains("#/components/" + std::string(kind) + "/" + name)) << name;
}

TEST_F(OpenApi, EverySchemaDeclaresWhatItRequires) {
  each_object(json_, "", [&](const Json& object, const std::string& place) {
    if (!object.contains("required") || !object.at("required").is_array()) return;
    for (const Json& name : object.at("required"))
      EXPECT_TRUE(object.at("properties").contains(name.get<std::string>())) << place << name;
  });
}

TEST_F(OpenApi, EveryOperationHasANameOfItsOwnAndSaysWhatCanGoWrong) {
  std::set<std::string> names;
  each_operation([&](const std::string& method, const std::string& path, const Json& operation) {
    const std::string place = method + " " + path;
    EXPECT_TRUE(names.insert(operation.at("operationId")).second) << place;
    EXPECT_FALSE(operation.at("summary").get<std::string>().empty()) << place;
    const bool open = operation.contains("security") && operation.at("security").empty();
    EXPECT_EQ(operation.at("responses").contains("401"), !open) << place;
    EXPECT_EQ(open, path == "/health");
    for (const auto& [status, given] : operation.at("responses").items()) {
      const Json answer = response(operation, status);
      EXPECT_TRUE(answer.contains("description")) << place << status;
      if (status >= "400" && operation.at("tags")[0] != "compreface") {
        EXPECT_TRUE(answer.at("content").contains("application/problem+json")) << place << status;
      }
    }
    for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
      const std::string name = path.substr(at + 1, path.find('}', at) - at - 1);
      const Json& shared = json_.at("paths").at(path).at("parameters");
      EXPECT_TRUE(std::any_of(shared.begin(), shared.end(), [&](const Json& parameter) {
        return parameter.at("name") == name && parameter.at("in") == "path";
      })) << place;
    }
  });
}

TEST_F(OpenApi, DescribesEveryRouteThatIsHereWithItsRole) {
  for (const Route& route : router_.routes()) {
    std::string method = route.method;
    for (char& letter : method) letter = static_cast<char>(std::tolower(letter));
    ASSERT_TRUE(json_.at("paths").contains(route.pattern)) << route.pattern;
    const Json& item = json_.at("paths").at(route.pattern);
    ASSERT_TRUE(item.contains(method)) << method << " " << route.pattern;
    const Json& responses = item.at(method).at("responses");
    EXPECT_EQ(responses.contains("403"), route.role != Role::read) << route.pattern;
    EXPECT_EQ(responses.contains("429"), !route.open) << route.pattern;
  }
}

void expect_fits(const Json& value, const Json& schema, const Json& document,
                 const std::string& place) {
  for (const std::string& misfit : SchemaCheck(document).misfits(value, schema))
    ADD_FAILURE() << place << misfit;
}

TEST_F(OpenApi, AnswersAreAsItSays) {
  keys_.create("one", Role::read, {.rate_per_minute = 5});
  for (const Route& route : router_.routes()) {
    if (route.method != "GET" || route.pattern == "/openapi.json" || route.pattern == "/metrics")
      continue;
    const HttpResponse answer = route.handler({.method = "GET", .path = route.pattern});
    const Json schema = json_.at("paths")
                            .at(route.pattern)
                            .at("get")
                            .at("responses")
                            .at("200")
                            .at("content")
                            .at("application/json")
                            .at("schema");
    expect_fits(Json::parse(answer.body), schema, json_, route.pattern);
  }
}

TEST_F(OpenApi, ItsOwnExamplesAreAsItSays) {
  int examples = 0;
  each_operation([&](const std::string& method, const std::string& path, const Json& operation) {
    for (const auto& [status, given] : operation.at("responses").items()) {
      if (!given.contains("content") || !given.at("content").contains("application/json")) continue;
      const Json& content = given.at("content").at("application/json");
      if (!content.contains("example")) continue;
      expect_fits(content.at("example"), content.at("schema"), json_, method + " " + path);
      ++examples;
    }
  });
  EXPECT_GT(examples, 15);
}

}  // namespace
}  // namespace likeness::serve
