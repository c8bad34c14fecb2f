#pragma once

/// What tests of the service's faces begin with: the networks, photos as files, requests.

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/base64.h>
#include <likeness/image/codec.h>

#include "serve/face_engine.h"
#include "serve/request_fields.h"
#include "serve/router.h"
#include "support/portraits.h"
#include "support/real_data.h"

namespace likeness::serve {

inline std::string as_jpeg(const Image& image) {
  const Bytes bytes = encode_image(image, ImageFormat::jpeg);
  return {bytes.begin(), bytes.end()};
}

inline std::string as_jpeg(const Portrait& portrait) {
  return as_jpeg(cut_out(portrait));
}

/// A picture with nobody in it.
inline std::string empty_scene() {
  return as_jpeg(Image(320, 240));
}

inline FaceEngine::Clock::time_point in_a_minute() {
  return FaceEngine::Clock::now() + std::chrono::minutes(1);
}

/// Skipped without weights and photos.
class FaceService : public testing::Test {
 protected:
  void SetUp() override {
    LIKENESS_SKIP_WHEN(missing_photos());
    LIKENESS_SKIP_WHEN(missing_weights(store_, {"duo", "mtcnn", "landmark68"}));
  }
  std::unique_ptr<FaceEngine> engine(const FaceEngineOptions& options = {.workers = 2}) const {
    return std::make_unique<FaceEngine>(FaceDetector(store_, c10::kCPU),
                                        FaceEncoder(store_, "duo", c10::kCPU), options);
  }

  const ModelStore store_;
};

inline FormPart file_part(const std::string& name, std::string content) {
  return {.name = name,
          .filename = name + ".jpg",
          .content_type = "image/jpeg",
          .content = std::move(content)};
}

inline FormPart field(const std::string& name, std::string value) {
  return {.name = name, .content = std::move(value)};
}

inline HttpRequest form(std::vector<FormPart> parts) {
  return {.method = "POST",
          .path = "",
          .headers = {{"content-type", "multipart/form-data; boundary=x"}},
          .parts = std::move(parts)};
}

inline HttpRequest json_request(const Json& body) {
  return {.method = "POST",
          .path = "",
          .headers = {{"content-type", "application/json"}},
          .body = body.dump()};
}

inline std::string base64_of(const std::string& bytes) {
  return to_base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

/// What the route of `method` and `path` answers.
inline HttpResponse ask(const Router& router, const std::string& method, const std::string& path,
                        HttpRequest request = {}) {
  Router::Found found = router.find(method, path);
  request.method = method;
  request.path = path;
  request.values = std::move(found.values);
  return found.route->handler(request);
}

}  // namespace likeness::serve
