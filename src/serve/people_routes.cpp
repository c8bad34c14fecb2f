#include "serve/people_routes.h"

#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "serve/face_json.h"
#include "serve/problem.h"
#include "serve/request_fields.h"

namespace likeness::serve {
namespace {

class PeopleRoutes {
 public:
  PeopleRoutes(People& people, const PeopleRouteOptions& options)
      : people_(people), options_(options) {}

  HttpResponse list(const HttpRequest& request) const;
  HttpResponse enrol(const HttpRequest& request) const;
  HttpResponse show(const HttpRequest& request) const;
  HttpResponse rename(const HttpRequest& request) const;
  HttpResponse remove(const HttpRequest& request) const;
  HttpResponse add_examples(const HttpRequest& request) const;
  HttpResponse picture(const HttpRequest& request) const;
  HttpResponse remove_example(const HttpRequest& request) const;
  HttpResponse identify(const HttpRequest& request) const;

 private:
  FaceEngine::Clock::time_point deadline() const {
    return FaceEngine::Clock::now() + options_.timeout;
  }
  HttpResponse enrolled(const HttpRequest& request, const RequestFields& fields,
                        const std::string& name, bool must_exist) const;

  People& people_;
  const PeopleRouteOptions options_;
};

/// Throws for what can be nobody's name.
const std::string& name_in(const HttpRequest& request) {
  const std::string& name = request.values.at("name");
  check_subject_name(name);
  return name;
}

std::int64_t example_in(const HttpRequest& request) {
  const std::string& text = request.values.at("id");
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    throw Error(ErrorCode::not_found, "there is no example " + in_quotes(text));
  return id;
}

std::string needed_name(const RequestFields& fields) {
  auto name = fields.text("name");
  if (!name) throw Problem(422, "invalid_argument", "name: is missing");
  return *std::move(name);
}

HttpResponse PeopleRoutes::list(const HttpRequest& request) const {
  const RequestFields fields(request);
  fields.allow_only({"after", "limit"});
  const auto limit = static_cast<std::size_t>(fields.integer("limit", 1, 1000).value_or(100));
  const PeoplePage page = people_.page(fields.text("after").value_or(""), limit, request.caller);
  Json people = Json::array();
  for (const ListedPerson& person : page.people)
    people.push_back({{"name", person.name},
                      {"examples", person.examples},
                      {"example_id", person.example ? Json(*person.example) : Json()},
                      {"has_crop", person.has_crop}});
  return json_response({{"people", std::move(people)},
                        {"total", page.total},
                        {"next", page.next ? Json(*page.next) : Json()}});
}

HttpResponse PeopleRoutes::enrol(const HttpRequest& request) const {
  const RequestFields fields(request);
  fields.allow_only({"name", "photo"});
  return enrolled(request, fields, needed_name(fields), false);
}

HttpResponse PeopleRoutes::add_examples(const HttpRequest& request) const {
  const RequestFields fields(request);
  fields.allow_only({"photo"});
  return enrolled(request, fields, name_in(request), true);
}

/// "photo", or where there are several "photo 2 ('anna.jpg')".
std::string called(std::size_t place, const std::vector<UploadedFile>& files) {
  if (files.size() == 1) return "photo";
  const std::string& filename = files[place].filename();
  return "photo " + std::to_string(place + 1) +
         (filename.empty() ? "" : " (" + in_quotes(filename) + ")");
}

Json enrolled_json(const EnrolledPhoto& photo) {
  return {{"example", photo.example},
          {"already_enrolled", photo.already_enrolled},
          {"quality", photo.quality},
          {"remarks", photo.remarks},
          {"faces", photo.faces},
          {"looks_like", photo.looks_like ? Json(*photo.looks_like) : Json()}};
}

HttpResponse PeopleRoutes::enrolled(const HttpRequest& request, const RequestFields& fields,
                                    const std::string& name, bool must_exist) const {
  const std::vector<UploadedFile> files = fields.files("photo", options_.most_photos);
  if (files.empty())
    throw Problem(422, "invalid_argument", "photo: no picture was sent under this name");
  std::vector<PhotoRequest> photos;
  for (std::size_t i = 0; i < files.size(); ++i)
    photos.push_back(
        {.bytes = files[i].bytes(), .name = called(i, files), .filename = files[i].filename()});
  const EnrolmentAnswer answer =
      people_.enrol(name, photos, must_exist, request.caller, deadline());
  Json examples = Json::array();
  Json details = Json::array();
  for (const EnrolledPhoto& photo : answer.photos) {
    examples.push_back(photo.example);
    details.push_back(enrolled_json(photo));
  }
  return json_response({{"name", name},
                        {"added", answer.added},
                        {"already_enrolled", answer.already_enrolled},
                        {"examples", std::move(examples)},
                        {"photos", std::move(details)}},
                       201);
}

HttpResponse PeopleRoutes::show(const HttpRequest& request) const {
  RequestFields(request).allow_only({});
  Json examples = Json::array();
  for (const Example& example : people_.examples(name_in(request), request.caller))
    examples.push_back({{"id", example.id},
                        {"source", example.source},
                        {"face", example.face},
                        {"quality", example.quality},
                        {"enrolled_at", example.enrolled_at},
                        {"has_crop", example.has_crop}});
  return json_response({{"name", name_in(request)}, {"examples", std::move(examples)}});
}

HttpResponse PeopleRoutes::rename(const HttpRequest& request) const {
  const RequestFields fields(request);
  fields.allow_only({"name"});
  const std::string name = needed_name(fields);
  people_.rename(name_in(request), name, request.caller);
  return json_response({{"name", name}});
}

HttpResponse PeopleRoutes::remove(const HttpRequest& request) const {
  RequestFields(request).allow_only({});
  return json_response({{"removed", people_.remove(name_in(request), request.caller)}});
}

HttpResponse PeopleRoutes::picture(const HttpRequest& request) const {
  RequestFields(request).allow_only({});
  const Bytes picture = people_.picture(name_in(request), example_in(request), request.caller);
  return {.content_type = "image/jpeg", .body = {picture.begin(), picture.end()}};
}

HttpResponse PeopleRoutes::remove_example(const HttpRequest& request) const {
  RequestFields(request).allow_only({});
  people_.remove_example(name_in(request), example_in(request), request.caller);
  return json_response({{"removed", 1}});
}

OpenSetOptions open_set_options(const RequestFields& fields, bool calibrated) {
  OpenSetOptions options;
  options.fpir = fields.number("fpir", 0, 1);
  if (const auto threshold = fields.number("threshold", 0, 4))
    options.threshold = static_cast<float>(*threshold);
  if (options.fpir && options.threshold)
    throw Problem(422, "invalid_argument", "fpir and threshold were given; give one of them");
  if (!calibrated && !options.threshold)
    throw Problem(422, "invalid_argument",
                  "the model is not calibrated: give a threshold (squared distance, 0 to 4)");
  return options;
}

Json identification_json(const Identification& answer) {
  Json matches = Json::array();
  for (const Match& match : answer.matches)
    matches.push_back({{"subject", match.subject},
                       {"distance", shortest(match.distance)},
                       {"probability", or_null(match.probability)}});
  return {{"matches", std::move(matches)},
          {"ambiguous", answer.ambiguous},
          {"nearest_distance", answer.nearest ? Json(shortest(answer.nearest->distance)) : Json()}};
}

HttpResponse PeopleRoutes::identify(const HttpRequest& request) const {
  const RequestFields fields(request);
  fields.allow_only({"photo", "top", "fpir", "threshold"});
  const UploadedFile photo = fields.file("photo");
  const auto top = static_cast<std::size_t>(fields.integer("top", 1, 1000).value_or(1));
  const OpenSetOptions rule = open_set_options(fields, people_.options().calibration.has_value());
  const IdentifiedPhoto answer = people_.identify({.bytes = photo.bytes(), .name = photo.name()},
                                                  top, rule, request.caller, deadline());
  Json faces = Json::array();
  for (std::size_t i = 0; i < answer.faces.size(); ++i) {
    Json face = to_json(answer.photo.faces[answer.photo.encoded[i]]);
    face.erase("landmarks");
    face.update(identification_json(answer.faces[i]));
    faces.push_back(std::move(face));
  }
  return json_response({{"model", people_.engine().model()},
                        {"width", answer.photo.width},
                        {"height", answer.photo.height},
                        {"threshold", shortest(answer.threshold)},
                        {"fpir", or_null(answer.fpir)},
                        {"people", answer.people},
                        {"examples", answer.examples},
                        {"faces", std::move(faces)}});
}

using Answer = HttpResponse (PeopleRoutes::*)(const HttpRequest&) const;

struct PeopleRoute {
  const char* method;
  const char* pattern;
  Role role;
  Answer answer;
};

constexpr PeopleRoute kRoutes[] = {
    {"GET", "/v1/people", Role::read, &PeopleRoutes::list},
    {"POST", "/v1/people", Role::enrol, &PeopleRoutes::enrol},
    {"POST", "/v1/people/identify", Role::read, &PeopleRoutes::identify},
    {"GET", "/v1/people/{name}", Role::read, &PeopleRoutes::show},
    {"PATCH", "/v1/people/{name}", Role::enrol, &PeopleRoutes::rename},
    {"DELETE", "/v1/people/{name}", Role::enrol, &PeopleRoutes::remove},
    {"POST", "/v1/people/{name}/examples", Role::enrol, &PeopleRoutes::add_examples},
    {"GET", "/v1/people/{name}/examples/{id}/picture", Role::read, &PeopleRoutes::picture},
    {"DELETE", "/v1/people/{name}/examples/{id}", Role::enrol, &PeopleRoutes::remove_example},
};

HttpResponse without_gallery(const HttpRequest&) {
  throw Problem(503, "unavailable",
                "this service was started without a gallery; start it with --gallery");
}

}  // namespace

void add_people_routes(Router& router, People* people, const PeopleRouteOptions& options) {
  std::shared_ptr<const PeopleRoutes> routes;
  if (people != nullptr) routes = std::make_shared<const PeopleRoutes>(*people, options);
  for (const PeopleRoute& route : kRoutes) {
    Handler handler = without_gallery;
    if (routes)
      handler = [routes, answer = route.answer](const HttpRequest& request) {
        return ((*routes).*answer)(request);
      };
    router.add({.method = route.method,
                .pattern = route.pattern,
                .role = route.role,
                .handler = std::move(handler)});
  }
}

}  // namespace likeness::serve
