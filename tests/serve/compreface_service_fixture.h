#pragma once

/// What tests of CompreFace's interface share: its routes over an empty gallery.

#include <gtest/gtest.h>
#include <likeness/gallery/embedded_gallery.h>

#include "serve/compreface_routes.h"
#include "serve/face_service.h"
#include "serve/problem.h"
#include "support/temporary_folder.h"

namespace likeness::serve {

inline const std::string kRecognition = "/api/v1/recognition";
inline const std::string kSubjects = kRecognition + "/subjects";
inline const std::string kFaces = kRecognition + "/faces";
inline const std::string kRecognize = kRecognition + "/recognize";
inline const std::string kDetect = "/api/v1/detection/detect";
inline const std::string kVerify = "/api/v1/verification/verify";
inline const std::string kNoUuid = "12";
inline const std::string kForeignUuid = "6b135f5b-a365-4522-b1f1-4c9ac2dd0728";

using Query = std::multimap<std::string, std::string>;

/// As the door answers it.
struct Answer {
  int status = 0;
  Json json;
};
inline Answer ask_door(const Router& router, const std::string& method, const std::string& path,
                       HttpRequest request) {
  const Route& route = *router.find(method, path).route;
  HttpResponse response;
  try {
    response = ask(router, method, path, std::move(request));
  } catch (...) {
    response = route.refusal(problem_of(std::current_exception()));
  }
  return {response.status, Json::parse(response.body)};
}

class CompreFaceRoutes : public FaceService {
 protected:
  void SetUp() override {
    FaceService::SetUp();
    if (IsSkipped()) return;
    engine_ = engine();
    const GalleryModel model = {"duo", std::string(64, 'a'), engine_->dimensions()};
    create_embedded_gallery(folder_.path() / "people", {}, model);
    const Calibration calibration = builtin_calibration("duo");
    people_ =
        std::make_unique<People>(open_embedded_gallery(folder_.path() / "people", {}), *engine_,
                                 PeopleOptions{.keep_crops = true, .calibration = calibration});
    add_compreface_routes(router_, people_.get(), *engine_, {.calibration = calibration});
  }

  Answer call(const std::string& method, const std::string& path, HttpRequest request = {},
              Query query = {}) const {
    request.query = std::move(query);
    return ask_door(router_, method, path, std::move(request));
  }
  /// What is answered to `photo` as the part "file".
  Answer send(const std::string& path, const std::string& photo, Query query = {}) const {
    return call("POST", path, form({file_part("file", photo)}), std::move(query));
  }
  std::string add(const std::string& subject, const Portrait& portrait) const {
    const Answer answer = send(kFaces, as_jpeg(portrait), {{"subject", subject}});
    EXPECT_EQ(answer.status, 201) << answer.json;
    EXPECT_EQ(answer.json.at("subject"), subject);
    return answer.json.at("image_id");
  }
  void expect_refused(const Answer& answer, int status, int code) const {
    EXPECT_EQ(answer.status, status) << answer.json;
    EXPECT_EQ(answer.json.at("code"), code) << answer.json;
    EXPECT_FALSE(answer.json.at("message").get<std::string>().empty());
    EXPECT_EQ(answer.json.size(), 2U);
  }
  Json subjects() const { return call("GET", kSubjects).json.at("subjects"); }

  TemporaryFolder folder_;
  std::unique_ptr<FaceEngine> engine_;
  std::unique_ptr<People> people_;
  Router router_;
};

inline Json names(std::initializer_list<const char*> list) {
  Json json = Json::array();
  for (const char* name : list) json.push_back(name);
  return json;
}

}  // namespace likeness::serve
