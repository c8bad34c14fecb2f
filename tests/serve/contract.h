#pragma once

/// docs/openapi.json as what the service promises, and what of it has been seen.

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <httplib.h>

#include "serve/json_schema.h"

namespace likeness::serve {

/// "name" of "name; charset=utf-8".
inline std::string media_type_of(const httplib::Response& answer) {
  const std::string type = answer.get_header_value("Content-Type");
  return type.substr(0, type.find(';'));
}

/// What stands for {name} in a path.
using Values = std::vector<std::pair<std::string, std::string>>;

/// Method and path of "GET /v1/people/{name}", with `values` in their places.
inline std::pair<std::string, std::string> filled(const std::string& operation,
                                                  const Values& values) {
  const std::size_t space = operation.find(' ');
  std::string path = operation.substr(space + 1);
  for (const auto& [name, value] : values)
    if (const std::size_t at = path.find('{' + name + '}'); at != std::string::npos)
      path.replace(at, name.size() + 2, value);
  return {operation.substr(0, space), path};
}

class Contract {
 public:
  explicit Contract(Json document) : document_(std::move(document)) {}

  /// Calls `visit` with every operation, "GET /v1/people/{name}", and what is said of it.
  void each_operation(const std::function<void(const std::string&, const Json&)>& visit) const {
    for (const auto& [path, item] : document_.at("paths").items())
      for (const auto& [method, operation] : item.items())
        if (method != "parameters") visit(upper(method) + " " + path, operation);
  }

  /// Whether `answer` is one that the document lists for `operation`, in form and content.
  void expect_listed(const std::string& operation, const httplib::Response& answer) {
    const std::string place = operation + " " + std::to_string(answer.status);
    seen_.insert({operation, answer.status});
    expect_headers(answer, place);
    const Json& responses = described(operation).at("responses");
    const std::string status = std::to_string(answer.status);
    ASSERT_TRUE(responses.contains(status)) << place << " is not listed: " << answer.body;
    const Json& given = responses.at(status);
    const Json& response = behind_reference(given, document_);
    const std::string type = media_type_of(answer);
    ASSERT_TRUE(response.at("content").contains(type)) << place << " is " << type;
    const Json& content = response.at("content").at(type);
    if (type.ends_with("json")) expect_fits(answer.body, content.at("schema"), place);
    if (type == "application/problem+json")
      expect_problem(answer, given.contains("description") ? given : response, place);
    const Json headers = response.value("headers", Json::object());
    for (const auto& [name, header] : headers.items())
      EXPECT_TRUE(!header.value("required", false) || answer.has_header(name.c_str()))
          << place << " lacks " << name;
  }

  /// A refusal that belongs to no operation: 404 and 405.
  void expect_refusal(const httplib::Response& answer, int status, const std::string& code,
                      const std::string& place) const {
    EXPECT_EQ(answer.status, status) << place;
    expect_headers(answer, place);
    ASSERT_EQ(media_type_of(answer), "application/problem+json") << place;
    expect_fits(answer.body, document_.at("components").at("schemas").at("Problem"), place);
    EXPECT_EQ(Json::parse(answer.body).at("code"), code) << place;
  }

  void expect_fits(const std::string& body, const Json& schema, const std::string& place) const {
    const Json value = Json::parse(body, nullptr, false);
    ASSERT_FALSE(value.is_discarded()) << place << ": " << body;
    for (const std::string& misfit : SchemaCheck(document_).misfits(value, schema))
      ADD_FAILURE() << place << " " << misfit;
  }

  bool has_seen(const std::string& operation, int status) const {
    return seen_.contains({operation, status});
  }
  const Json& schema(const std::string& name) const {
    return document_.at("components").at("schemas").at(name);
  }

 private:
  static std::string upper(std::string text) {
    for (char& letter : text) letter = static_cast<char>(std::toupper(letter));
    return text;
  }

  const Json& described(const std::string& operation) const {
    const std::size_t space = operation.find(' ');
    std::string method = operation.substr(0, space);
    for (char& letter : method) letter = static_cast<char>(std::tolower(letter));
    return document_.at("paths").at(operation.substr(space + 1)).at(method);
  }

  static void expect_headers(const httplib::Response& answer, const std::string& place) {
    EXPECT_TRUE(answer.has_header("X-Request-Id")) << place;
    EXPECT_EQ(answer.get_header_value("X-Content-Type-Options"), "nosniff") << place;
    EXPECT_EQ(answer.get_header_value("Referrer-Policy"), "no-referrer") << place;
    EXPECT_EQ(answer.get_header_value("Cache-Control"), "no-store") << place;
  }

  /// Its code has to be among those that `described` names.
  static void expect_problem(const httplib::Response& answer, const Json& described,
                             const std::string& place) {
    const Json problem = Json::parse(answer.body);
    EXPECT_EQ(problem.at("status"), answer.status) << place;
    const std::string code = problem.at("code");
    const std::regex as_a_word("(^|[^a-z_])" + code + "($|[^a-z_])");
    EXPECT_TRUE(std::regex_search(described.at("description").get<std::string>(), as_a_word))
        << place << " does not name " << code << ": " << problem.at("detail");
  }

  Json document_;
  std::set<std::pair<std::string, int>> seen_;
};

}  // namespace likeness::serve
