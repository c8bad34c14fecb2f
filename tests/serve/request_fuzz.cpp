// Whatever bytes come over a connection: the door's answer is none or one whose status is not the
// service's fault. They come from memory, as fast as the door can take them; the first, so all of
// the corpus, and some later ones come over a real connection too, which the door has to close, and
// after which the next client is served.
//
// The routes are those of the service, over pictures of a few pixels, so that no network has much
// to do. Those that look at faces are there when their weights are in the cache; no painting begins
// but the preview's, in one pass.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <likeness/gallery/embedded_gallery.h>
#include <likeness/model/store.h>

#include "serve/compreface_routes.h"
#include "serve/face_routes.h"
#include "serve/http_door.h"
#include "serve/people_routes.h"
#include "serve/problem.h"
#include "serve/raw_client.h"
#include "serve/request_fields.h"
#include "serve/style_preview.h"
#include "serve/style_routes.h"
#include "support/fuzz_check.h"
#include "support/temporary_folder.h"

namespace likeness::serve {
namespace {

constexpr DecodeLimits kFewPixels = {.max_bytes = 16384, .max_pixels = 64};

bool is_fine(int status) {
  return status < 500 || status == 503;
}

/// Faces and people, as far as there are weights.
class Faces {
 public:
  Faces(Router& router, const std::filesystem::path& folder) {
    const ModelStore store;
    if (!present(store, "duo") || !present(store, "mtcnn") || !present(store, "landmark68")) {
      add_people_routes(router, nullptr);
      return;
    }
    engine_ = std::make_unique<FaceEngine>(FaceDetector(store, c10::kCPU),
                                           FaceEncoder(store, "duo", c10::kCPU),
                                           FaceEngineOptions{.workers = 1, .limits = kFewPixels});
    const Calibration calibration = builtin_calibration("duo");
    create_embedded_gallery(folder, {}, {"duo", std::string(64, 'a'), engine_->dimensions()});
    people_ =
        std::make_unique<People>(open_embedded_gallery(folder, {}), *engine_,
                                 PeopleOptions{.keep_crops = true, .calibration = calibration});
    add_face_routes(router, *engine_, {.calibration = calibration});
    add_people_routes(router, people_.get());
    add_compreface_routes(router, people_.get(), *engine_, {.calibration = calibration});
  }

 private:
  static bool present(const ModelStore& store, const char* model) {
    return store.status(model).state == ModelState::present;
  }

  std::unique_ptr<FaceEngine> engine_;
  std::unique_ptr<People> people_;
};

/// A connection whose client has sent all it has.
class MemoryStream : public httplib::Stream {
 public:
  explicit MemoryStream(std::string_view sent) : sent_(sent) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override {
    const std::size_t count = sent_.copy(to, size);
    sent_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, std::size_t size) override {
    answer_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = "127.0.0.1";
    port = 1;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    get_remote_ip_and_port(ip, port);
  }
  socket_t socket() const override { return INVALID_SOCKET; }
  const std::string& answer() const { return answer_; }

 private:
  std::string_view sent_;
  std::string answer_;
};

class OpenDoor {
 public:
  OpenDoor() : serving_([this] { door_.run(); }) {}
  ~OpenDoor() {
    door_.stop(std::chrono::seconds(1));
    serving_.join();
  }
  OpenDoor(const OpenDoor&) = delete;
  OpenDoor& operator=(const OpenDoor&) = delete;

  std::string answer_from_memory(std::string_view bytes) {
    MemoryStream stream(bytes);
    door_.serve(stream);
    return stream.answer();
  }

  /// All that comes back for `bytes`; none where they want more, or take longer than `patience`.
  std::string answer(std::string_view bytes, std::chrono::milliseconds patience) const {
    RawClient client(port_);
    client.send(bytes);
    // The door answers nobody who has stopped sending; but it would wait for what is missing.
    std::string text;
    while (client.hears_within(patience)) {
      const std::string piece = client.receive_some();
      if (piece.empty()) return text;
      text += piece;
    }
    client.finish_sending();
    return text + client.receive_all();
  }

 private:
  static DoorHooks hooks() {
    return {.admit = [](const Route&,
                        const HttpRequest&) { return Caller{.name = "fuzz", .role = Role::admin}; },
            .arrived = [] {},
            .served =
                [](const Served& served) {
                  if (!served.failure.empty()) std::fprintf(stderr, "%s\n", served.failure.c_str());
                  LIKENESS_FUZZ_CHECK(is_fine(served.status));
                }};
  }
  const Router& all_routes() {
    add_style_routes(router_, jobs_, preview_);
    router_.add({.method = "GET",
                 .pattern = "/health",
                 .handler =
                     [](const HttpRequest&) {
                       return json_response({{"status", "ok"}});
                     },
                 .light = true});
    return router_;
  }

  TemporaryFolder folder_;
  Router router_;
  Faces faces_{router_, folder_.path() / "people"};
  StyleJobs jobs_{{.folder = folder_.path() / "jobs", .waiting = 0, .limits = kFewPixels}};
  StylePreview preview_{{.max_size = 16, .threads = 1, .limits = kFewPixels}};
  HttpDoor door_{all_routes(), hooks(), {.port = 0, .upload = {.bytes = 65536}}};
  int port_ = door_.bind();
  std::thread serving_;
};

/// 0 when nothing came; what went before it (100 Continue) does not count.
int status_in(std::string_view answer) {
  constexpr std::string_view kStart = "HTTP/1.1 ";
  while (answer.starts_with("HTTP/1.1 1")) {
    const std::size_t end = answer.find("\r\n\r\n");
    LIKENESS_FUZZ_CHECK(end != std::string_view::npos);
    answer.remove_prefix(end + 4);
  }
  if (answer.empty()) return 0;
  LIKENESS_FUZZ_CHECK(answer.starts_with(kStart) && answer.size() > kStart.size() + 3);
  return std::stoi(std::string(answer.substr(kStart.size(), 3)));
}

}  // namespace
}  // namespace likeness::serve

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace likeness::serve;
  constexpr int kAllOf = 256;
  constexpr int kOneIn = 256;
  static OpenDoor door;
  static int count = 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  LIKENESS_FUZZ_CHECK(is_fine(status_in(door.answer_from_memory(bytes))));
  if (++count > kAllOf && count % kOneIn != 0) return 0;
  LIKENESS_FUZZ_CHECK(is_fine(status_in(door.answer(bytes, std::chrono::milliseconds(50)))));
  const std::string health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
  LIKENESS_FUZZ_CHECK(status_in(door.answer(health, std::chrono::seconds(20))) == 200);
  return 0;
}
