/// The service, over HTTP, does what docs/openapi.json says: every route, and every refusal that a
/// client can provoke.

#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <likeness/gallery/embedded_gallery.h>

#include "serve/contract.h"
#include "serve/face_service.h"
#include "serve/running_service.h"
#include "serve/style_samples.h"

namespace likeness::serve {
namespace {

const std::string kNoJob(32, '0');
constexpr std::size_t kMaxUpload = std::size_t{256} << 10;

bool is_native(const Json& operation) {
  return operation.at("tags")[0] != "compreface";
}

/// What is nowhere.
Values nowhere(const std::string& operation) {
  const bool job = operation.find("/jobs/") != std::string::npos;
  const bool key = operation.find("/keys/") != std::string::npos;
  return {{"name", "nobody"}, {"id", job ? kNoJob : key ? kNoJob.substr(0, 8) : "1"}};
}

class ServiceContract : public FaceService {
 protected:
  void SetUp() override {
    FaceService::SetUp();
    if (IsSkipped()) return;
    ApiKeys keys(folder_.path() / "keys.json");
    admin_ = keys.create("chief", Role::admin, {}).secret;
    reader_ = keys.create("reader", Role::read, {}).secret;
    hasty_ = keys.create("hasty", Role::admin, {.rate_per_minute = 1}).secret;
    service_ = serve(gallery());
    const auto document = ask(*service_, "GET", "/openapi.json", {.key = admin_});
    ASSERT_TRUE(document);
    contract_ = std::make_unique<Contract>(Json::parse(document->body));
  }

  std::unique_ptr<Gallery> gallery() const {
    const FaceEncoder encoder(store_, "duo", c10::kCPU);
    create_embedded_gallery(folder_.path() / "people", {},
                            {"duo", std::string(64, 'a'), encoder.dimensions()});
    return open_embedded_gallery(folder_.path() / "people", {});
  }
  std::unique_ptr<RunningService> serve(std::unique_ptr<Gallery> gallery) const {
    const std::string jobs = gallery ? "jobs" : "other-jobs";
    return std::make_unique<RunningService>(
        ServiceOptions{.port = 0,
                       .keys = folder_.path() / "keys.json",
                       .jobs = folder_.path() / jobs,
                       .keep_crops = true,
                       .max_upload = kMaxUpload},
        ServiceParts{.detector = FaceDetector(store_, c10::kCPU),
                     .encoder = FaceEncoder(store_, "duo", c10::kCPU),
                     .calibration = builtin_calibration("duo"),
                     .gallery = std::move(gallery),
                     .store = store_});
  }

  /// What `operation` answers; it has to have `status` and to be as the document says.
  std::string call(const std::string& operation, int status, Sent sent = {},
                   const Values& values = {}) {
    const auto [method, path] = filled(operation, values);
    const auto answer = ask(*service_, method, path, sent);
    if (!answer) {
      ADD_FAILURE() << operation << ": " << httplib::to_string(answer.error());
      return {};
    }
    EXPECT_EQ(answer->status, status) << operation << ": " << answer->body.substr(0, 300);
    contract_->expect_listed(operation, *answer);
    return answer->body;
  }
  std::string call_as_admin(const std::string& operation, int status, Sent sent = {},
                            const Values& values = {}) {
    sent.key = admin_;
    return call(operation, status, std::move(sent), values);
  }
  Json told(const std::string& operation, int status, const Sent& sent = {},
            const Values& values = {}) {
    return Json::parse(call_as_admin(operation, status, sent, values), nullptr, false);
  }

  void look_at_the_system();
  void look_for_faces();
  void keep_people();
  void paint();
  void wait_for_the_end(const std::string& job);
  void be_refused(const std::string& operation, const Json& description);
  Sent for_nobody(const std::string& operation) const;

  TemporaryFolder folder_;
  std::string admin_, reader_, hasty_;
  std::unique_ptr<RunningService> service_;
  std::unique_ptr<Contract> contract_;
  int strangers_ = 0;
};

void ServiceContract::look_at_the_system() {
  call("GET /health", 200);
  call_as_admin("GET /ready", 200);
  call_as_admin("GET /openapi.json", 200);
  EXPECT_EQ(told("GET /v1/session", 200)["gallery"]["model"], "duo");
  call_as_admin("GET /v1/models", 200);
  EXPECT_NE(call_as_admin("GET /metrics", 200).find("likeness_http_requests_total"),
            std::string::npos);
  const Json key = told("POST /v1/keys", 201, json_of({{"name", "gate"}, {"role", "read"}}));
  const Values values = {{"id", key.at("id")}};
  EXPECT_EQ(told("GET /v1/keys", 200)["keys"].size(), 4U);
  call_as_admin("DELETE /v1/keys/{id}", 200, {}, values);
  call_as_admin("DELETE /v1/keys/{id}", 422, {}, values);
  call_as_admin("POST /v1/keys", 422, json_of({{"name", "gate"}, {"role", "owner"}}));
}

void ServiceContract::look_for_faces() {
  const std::string anna = as_jpeg(kAnnaOnce);
  const FormPart nobody = file_part("photo", empty_scene());
  call_as_admin("POST /v1/faces/detect", 200, form_of({file_part("photo", anna)}));
  call_as_admin("POST /v1/faces/detect", 200, json_of({{"photo", base64_of(anna)}}));
  call_as_admin("POST /v1/faces/detect", 200, form_of({nobody}));
  call_as_admin("POST /v1/faces/detect", 415, form_of({file_part("photo", "no picture")}));
  call_as_admin("POST /v1/faces/detect", 422,
                form_of({file_part("photo", anna.substr(0, anna.size() / 2))}));
  const FormPart a = file_part("a", anna);
  call_as_admin("POST /v1/faces/verify", 200,
                form_of({a, file_part("b", as_jpeg(kBerta)), field("crops", "true")}));
  call_as_admin("POST /v1/faces/verify", 422, form_of({a, file_part("b", empty_scene())}));
  call_as_admin("POST /v1/faces/embed", 200, form_of({file_part("photo", anna)}));
  call_as_admin("POST /v1/faces/embed", 422, form_of({nobody, field("faces", "main")}));
}

void ServiceContract::keep_people() {
  const auto photo = [](const Portrait& portrait) { return file_part("photo", as_jpeg(portrait)); };
  const Values anna = {{"name", "Anna"}};
  const Json enrolled =
      told("POST /v1/people", 201, form_of({field("name", "Anna"), photo(kAnnaOnce)}));
  told("POST /v1/people", 201, form_of({field("name", "Anna"), photo(kAnnaOnce)}));
  told("POST /v1/people", 201, form_of({field("name", "Berta"), photo(kBerta)}));
  const Sent nobody = form_of({field("name", "Carl"), file_part("photo", empty_scene())});
  call_as_admin("POST /v1/people", 422, nobody);
  Sent short_page;
  short_page.query = "?limit=1";
  EXPECT_EQ(told("GET /v1/people", 200, short_page)["next"], "Anna");
  EXPECT_EQ(told("GET /v1/people", 200)["total"], 2);
  call_as_admin("GET /v1/people/{name}", 200, {}, anna);
  const Json more =
      told("POST /v1/people/{name}/examples", 201, form_of({photo(kAnnaAgain)}), anna);
  const Values example = {{"name", "Anna"}, {"id", more.at("examples").at(0).dump()}};
  call_as_admin("GET /v1/people/{name}/examples/{id}/picture", 200, {}, example);
  call_as_admin("POST /v1/people/identify", 200, form_of({photo(kAnnaAgain), field("top", "2")}));
  call_as_admin("DELETE /v1/people/{name}/examples/{id}", 200, {}, example);
  call_as_admin("GET /v1/people/{name}/examples/{id}/picture", 404, {}, example);
  call_as_admin("PATCH /v1/people/{name}", 409, json_of({{"name", "Berta"}}), anna);
  call_as_admin("PATCH /v1/people/{name}", 200, json_of({{"name", "Anna B"}}), anna);
  call_as_admin("DELETE /v1/people/{name}", 200, {}, {{"name", "Anna%20B"}});
  const Values no_number = {{"name", "Berta"}, {"id", "first"}};
  call_as_admin("DELETE /v1/people/{name}/examples/{id}", 404, {}, no_number);
  const Values no_name = {{"name", std::string(2000, 'a')}};
  call_as_admin("GET /v1/people/{name}", 422, {}, no_name);
}

/// Reads all events of `job`.
void ServiceContract::wait_for_the_end(const std::string& job) {
  const std::string text = call_as_admin("GET /v1/style/jobs/{id}/events", 200, {}, {{"id", job}});
  std::string name;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("event: ")) name = line.substr(7);
    if (!line.starts_with("data: ")) continue;
    const std::string data = line.substr(6);
    if (name == "preview") {
      EXPECT_EQ(Json::parse(data).size(), 3U) << data;
    } else {
      contract_->expect_fits(data, contract_->schema("Job"), "event " + name);
    }
  }
  EXPECT_EQ(name, "done");
}

void ServiceContract::paint() {
  const FormPart content = file_part("content", content_file());
  const FormPart style = file_part("style", style_file());
  call_as_admin("POST /v1/style/preview", 200, form_of({content, style, field("size", "64")}));
  const std::string one = "/v1/style/jobs/{id}";
  const Json quick = told("POST /v1/style/jobs", 202,
                          form_of({content, style, field("size", "64"), field("iterations", "6")}));
  const Values job = {{"id", quick.at("id")}};
  wait_for_the_end(quick.at("id"));
  EXPECT_EQ(told("GET " + one, 200, {}, job)["state"], "done");
  for (const char* picture : {"/preview", "/result", "/content"})
    EXPECT_FALSE(call_as_admin("GET " + one + picture, 200, {}, job).empty());
  const Json slow =
      told("POST /v1/style/jobs", 202,
           form_of({content, style, field("size", "224"), field("iterations", "5000")}));
  const Values running = {{"id", slow.at("id")}};
  call_as_admin("GET " + one + "/result", 409, {}, running);
  EXPECT_EQ(told("GET /v1/style/jobs", 200)["jobs"].size(), 2U);
  told("DELETE " + one, 200, {}, running);
  wait_for_the_end(slow.at("id"));
  EXPECT_EQ(told("GET " + one, 200, {}, running)["state"], "cancelled");
  EXPECT_EQ(told("DELETE " + one, 200, {}, running)["removed"], 1);
}

/// A request that is sound but for whom or what it is about.
Sent ServiceContract::for_nobody(const std::string& operation) const {
  if (operation.starts_with("PATCH")) return json_of({{"name", "Somebody"}});
  if (operation.starts_with("POST")) return form_of({file_part("photo", as_jpeg(kDora))});
  return {};
}

void ServiceContract::be_refused(const std::string& operation, const Json& description) {
  const Values values = nowhere(operation);
  const auto lists = [&](const char* status) {
    return description.at("responses").contains(status);
  };
  if (lists("401")) {  // from an address of its own: who fails often has to wait
    const std::string stranger = "127.0.1." + std::to_string(++strangers_);
    call(operation, 401, {.from = stranger}, values);
    call(operation, 401, {.key = "lk_wrong", .from = stranger}, values);
  }
  if (lists("403")) call(operation, 403, {.key = reader_}, values);
  if (lists("429")) call(operation, 429, {.key = hasty_}, values);
  if (lists("404")) call_as_admin(operation, 404, for_nobody(operation), values);
  if (description.contains("requestBody")) {
    const std::string json = "application/json";
    call_as_admin(operation, 400, {.body = "{\"name\": ", .content_type = json}, values);
    call_as_admin(operation, 415, {.body = "name", .content_type = "text/plain"}, values);
    call_as_admin(operation, 413, {.body = std::string(2 * kMaxUpload, ' '), .content_type = json},
                  values);
  }
  if (lists("422") && operation != "DELETE /v1/keys/{id}")
    call_as_admin(operation, 422, {.query = "?unheard_of=1"}, values);
}

TEST_F(ServiceContract, EveryOperationAnswersAsItIsDescribed) {
  look_at_the_system();
  look_for_faces();
  keep_people();
  paint();
  ask(*service_, "GET", "/v1/session", {.key = hasty_});  // its request of this minute
  contract_->each_operation([&](const std::string& operation, const Json& description) {
    if (is_native(description)) be_refused(operation, description);
  });
  // All that is listed was seen, but for what is the service's own trouble.
  contract_->each_operation([&](const std::string& operation, const Json& description) {
    if (!is_native(description)) return;
    for (const auto& [status, ignored] : description.at("responses").items()) {
      if (status >= "500") continue;
      EXPECT_TRUE(contract_->has_seen(operation, std::stoi(status))) << operation << " " << status;
    }
  });
}

TEST_F(ServiceContract, EveryRouteIsDescribedAndEveryDescriptionIsServed) {
  std::set<std::string> described;
  contract_->each_operation(
      [&](const std::string& operation, const Json&) { described.insert(operation); });
  EXPECT_GT(described.size(), 40U);
  for (const std::string& route : service_->service().routes())
    EXPECT_EQ(described.erase(route), 1U) << route << " is not described";
  for (const std::string& operation : described) ADD_FAILURE() << operation << " is not served";
}

TEST_F(ServiceContract, WhatIsNotDescribedIsRefused) {
  const auto nothing = ask(*service_, "GET", "/v1/nothing", {.key = admin_});
  ASSERT_TRUE(nothing);
  contract_->expect_refusal(*nothing, 404, "not_found", "GET /v1/nothing");
  contract_->each_operation([&](const std::string& operation, const Json& description) {
    if (!is_native(description)) return;
    const auto [method, path] = filled(operation, nowhere(operation));
    const auto answer = ask(*service_, "PUT", path, {.key = admin_});
    ASSERT_TRUE(answer) << path;
    contract_->expect_refusal(*answer, 405, "method_not_allowed", "PUT " + path);
    EXPECT_NE(answer->get_header_value("Allow").find(method), std::string::npos) << operation;
  });
}

TEST_F(ServiceContract, WithoutAGalleryThereAreNoPeople) {
  service_ = serve(nullptr);
  EXPECT_TRUE(told("GET /v1/session", 200)["gallery"].is_null());
  contract_->each_operation([&](const std::string& operation, const Json& description) {
    if (description.at("tags")[0] == "people")
      call_as_admin(operation, 503, for_nobody(operation), nowhere(operation));
  });
}

}  // namespace
}  // namespace likeness::serve
