#include "serve/request_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <likeness/core/base64.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "serve/problem.h"

namespace likeness::serve {
namespace {

constexpr int kDeepestJson = 16;

[[noreturn]] void refuse(const std::string& detail) {
  throw Problem(422, "invalid_argument", detail);
}

std::string media_type(const HttpRequest& request) {
  std::string type(request.header("content-type"));
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return type;
}

Json parse_body(const std::string& body) {
  const auto shallow = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepestJson)
      throw Problem(400, "invalid_request", "the JSON is nested too deeply");
    return true;
  };
  Json json;
  try {
    json = Json::parse(body, shallow);
  } catch (const Json::exception&) {
    throw Problem(400, "invalid_request", "the body is not valid JSON");
  }
  return json;
}

std::string without_folders(const std::string& filename) {
  const std::size_t slash = filename.find_last_of("/\\");
  return slash == std::string::npos ? filename : filename.substr(slash + 1);
}

UploadedFile decoded(const std::string& name, const std::string& text) {
  std::string_view base64 = text;
  if (base64.starts_with("data:")) {
    const std::size_t comma = base64.find(";base64,");
    if (comma == std::string_view::npos)
      refuse(name + ": a data URL without ';base64,': send the picture's bytes as base64");
    base64.remove_prefix(comma + 8);
  } else if (base64.starts_with("http://") || base64.starts_with("https://")) {
    refuse(name +
           ": addresses are not fetched here; send the picture itself, as base64 or as a "
           "part of multipart/form-data");
  }
  try {
    const Bytes bytes = from_base64(base64);
    if (bytes.empty()) refuse(name + ": the picture is empty");
    return {name, std::string(bytes.begin(), bytes.end())};
  } catch (const Error&) {
    refuse(name + ": is not base64 text of a picture");
  }
}

UploadedFile uploaded(const FormPart& part) {
  if (part.content.empty()) refuse(part.name + ": the picture is empty");
  return {part.name, without_folders(part.filename), part.content};
}

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
  Number value = {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace

HttpResponse json_response(const Json& value, int status) {
  HttpResponse response{.status = status};
  response.body = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

Json json_body(const HttpRequest& request) {
  if (media_type(request) != "application/json")
    throw Problem(415, "unsupported_media_type",
                  "send multipart/form-data or application/json, not " +
                      in_quotes(request.header("content-type")));
  return parse_body(request.body);
}

UploadedFile::UploadedFile(std::string name, std::string filename, std::string_view view)
    : name_(std::move(name)), filename_(std::move(filename)), view_(view) {}
UploadedFile::UploadedFile(std::string name, std::string decoded)
    : name_(std::move(name)), owned_(std::move(decoded)) {}
std::string_view UploadedFile::bytes() const {
  return owned_.empty() ? view_ : std::string_view(owned_);
}

RequestFields::RequestFields(const HttpRequest& request) : request_(request) {
  if (request.body.empty()) return;
  json_ = json_body(request);
  if (!json_.is_object())
    throw Problem(400, "invalid_request", "the body is not a JSON object, {\"name\": value}");
}

void RequestFields::allow_only(std::initializer_list<std::string_view> names) const {
  const auto check = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    std::string known;
    for (const std::string_view each : names)
      known += (known.empty() ? "" : ", ") + std::string(each);
    refuse(in_quotes(name) + " is not known here; known are " + known);
  };
  for (const FormPart& part : request_.parts) check(part.name);
  for (const auto& [name, value] : request_.query) check(name);
  if (json_.is_object())
    for (const auto& [name, value] : json_.items()) check(name);
}

UploadedFile RequestFields::file(const std::string& name) const {
  std::vector<UploadedFile> found = files(name, 1);
  if (found.empty())
    refuse(name +
           ": no picture was sent under this name; send it as a file of "
           "multipart/form-data or as base64 text in JSON");
  return std::move(found.front());
}

std::vector<UploadedFile> RequestFields::files(const std::string& name, std::size_t limit) const {
  std::vector<UploadedFile> found;
  const auto add = [&](UploadedFile file) {
    if (found.size() == limit)
      refuse(name + ": more than " + std::to_string(limit) +
             (limit == 1 ? " picture was sent" : " pictures were sent"));
    found.push_back(std::move(file));
  };
  for (const FormPart& part : request_.parts)
    if (part.name == name) add(uploaded(part));
  if (!json_.is_object() || !json_.contains(name)) return found;
  const Json& value = json_[name];
  const auto add_text = [&](const Json& text) {
    if (!text.is_string()) refuse(name + ": expected base64 text");
    add(decoded(name, text.get_ref<const std::string&>()));
  };
  if (value.is_array())
    for (const Json& each : value) add_text(each);
  else
    add_text(value);
  return found;
}

std::optional<std::string> RequestFields::text(const std::string& name) const {
  const FormPart* given = nullptr;
  for (const FormPart& part : request_.parts) {
    if (part.name != name) continue;
    if (given != nullptr) refuse(name + ": was given twice");
    given = &part;
  }
  if (given != nullptr) return given->content;
  if (json_.is_object() && json_.contains(name) && !json_[name].is_null()) {
    const Json& value = json_[name];
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number() || value.is_boolean()) return value.dump();
    refuse(name + ": expected one value, not a list or an object");
  }
  if (request_.query.count(name) > 1) refuse(name + ": was given twice");
  return request_.query_value(name);
}

std::optional<double> RequestFields::number(const std::string& name, double least,
                                            double most) const {
  const auto given = text(name);
  if (!given) return {};
  const auto value = parse_number<double>(*given);
  if (!value || !std::isfinite(*value) || *value < least || *value > most)
    refuse(name + ": " + in_quotes(*given) + " is not a number from " + number_text(least) +
           " to " + number_text(most));
  return value;
}

std::optional<std::int64_t> RequestFields::integer(const std::string& name, std::int64_t least,
                                                   std::int64_t most) const {
  const auto given = text(name);
  if (!given) return {};
  const auto value = parse_number<std::int64_t>(*given);
  if (!value || *value < least || *value > most)
    refuse(name + ": " + in_quotes(*given) + " is not a whole number from " +
           std::to_string(least) + " to " + std::to_string(most));
  return value;
}

std::optional<bool> RequestFields::flag(const std::string& name) const {
  const auto given = text(name);
  if (!given) return {};
  if (*given == "true" || *given == "1") return true;
  if (*given == "false" || *given == "0") return false;
  refuse(name + ": " + in_quotes(*given) + " is neither true nor false");
}

}  // namespace likeness::serve
