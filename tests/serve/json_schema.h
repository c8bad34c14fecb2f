#pragma once

/// Whether a JSON value is as a schema of docs/openapi.json says: as much of JSON Schema as that
/// document uses. Stricter in one thing: a member that the schema does not name is a misfit, unless
/// the schema says additionalProperties.

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "serve/request_fields.h"

namespace likeness::serve {

/// What `given` refers to, or itself.
inline const Json& behind_reference(const Json& given, const Json& document) {
  const Json* at = &given;
  while (at->contains("$ref"))
    at = &document.at(Json::json_pointer(at->at("$ref").get<std::string>().substr(1)));
  return *at;
}

class SchemaCheck {
 public:
  explicit SchemaCheck(const Json& document) : document_(document) {}

  /// A line for each place of `value` that does not fit.
  std::vector<std::string> misfits(const Json& value, const Json& schema) const {
    std::vector<std::string> lines;
    look(value, schema, "", lines);
    return lines;
  }

 private:
  using Lines = std::vector<std::string>;

  void look(const Json& value, const Json& given, const std::string& place, Lines& lines) const {
    const Json& schema = behind_reference(given, document_);
    const auto misfit = [&](const std::string& why) {
      lines.push_back((place.empty() ? "/" : place) + ": " + why + ": " +
                      value.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 200));
    };
    if (schema.contains("oneOf") && !fits_one_of(value, schema.at("oneOf")))
      misfit("fits none, or several, of oneOf");
    if (schema.contains("const") && value != schema.at("const"))
      misfit("is not " + schema.at("const").dump());
    if (schema.contains("enum") && !contains(schema.at("enum"), value))
      misfit("is none of " + schema.at("enum").dump());
    if (schema.contains("type") && !is_of(value, schema.at("type")))
      return misfit("is no " + schema.at("type").dump());
    if (value.is_object()) look_at_members(value, schema, place, lines);
    if (value.is_array()) look_at_items(value, schema, place, lines);
    if (value.is_number() &&
        (value < schema.value("minimum", value) || value > schema.value("maximum", value)))
      misfit("is out of range");
    if (value.is_string() && schema.contains("pattern") &&
        !std::regex_search(value.get<std::string>(),
                           std::regex(schema.at("pattern").get<std::string>())))
      misfit("is not like " + schema.at("pattern").dump());
  }

  void look_at_members(const Json& value, const Json& schema, const std::string& place,
                       Lines& lines) const {
    for (const Json& name : schema.value("required", Json::array()))
      if (!value.contains(name.get<std::string>()))
        lines.push_back(place + " lacks " + name.dump());
    if (!schema.contains("properties")) return;
    const Json& known = schema.at("properties");
    for (const auto& [name, member] : value.items())
      if (known.contains(name))
        look(member, known.at(name), place + "/" + name, lines);
      else if (!schema.value("additionalProperties", false))
        lines.push_back(place + "/" + name + ": is not described");
  }

  void look_at_items(const Json& value, const Json& schema, const std::string& place,
                     Lines& lines) const {
    if (value.size() < schema.value("minItems", std::size_t{0}) ||
        value.size() > schema.value("maxItems", value.size()))
      lines.push_back(place + ": has " + std::to_string(value.size()) + " items");
    if (!schema.contains("items")) return;
    for (std::size_t i = 0; i < value.size(); ++i)
      look(value[i], schema.at("items"), place + "/" + std::to_string(i), lines);
  }

  bool fits_one_of(const Json& value, const Json& schemas) const {
    return 1 == std::count_if(schemas.begin(), schemas.end(),
                              [&](const Json& schema) { return misfits(value, schema).empty(); });
  }

  static bool contains(const Json& list, const Json& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  }

  /// `types`: one name, or a list of them.
  static bool is_of(const Json& value, const Json& types) {
    if (types.is_array())
      return std::any_of(types.begin(), types.end(),
                         [&](const Json& type) { return is_of(value, type); });
    return types == "integer" ? value.is_number_integer() : types == value.type_name();
  }

  const Json& document_;
};

}  // namespace likeness::serve
