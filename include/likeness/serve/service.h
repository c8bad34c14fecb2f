#pragma once

/// `likeness serve` as one object: faces, people and paintings over HTTP, with the web page.
///
///     Service service(options, std::move(parts));
///     std::cout << "listening on " << service.open() << std::endl;
///     service.run(stop);                              // until stop.requested()

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <likeness/core/progress.h>
#include <likeness/faces/calibration.h>
#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>
#include <likeness/gallery/gallery.h>
#include <likeness/model/store.h>
#include <likeness/serve/api_keys.h>

namespace likeness::serve {

struct ServiceOptions {
  std::string host = "127.0.0.1";
  int port = 8080;                             ///< 0: any that is free
  std::filesystem::path tls_certificate = {};  ///< PEM with the chain; empty: no TLS
  std::filesystem::path tls_key = {};          ///< PEM
  std::vector<std::string> cors_origins = {};  ///< of other pages that may call; "*": all
  std::filesystem::path keys = {};             ///< the file of keys
  std::filesystem::path jobs = {};             ///< the folder of paintings
  std::filesystem::path log = {};  ///< a line a request; "-": standard error; empty: none
  bool keep_crops = false;         ///< of faces that are enrolled
  int workers = 0;                 ///< for faces; 0: one a core
  std::size_t queue = 32;          ///< requests that may wait for them
  std::size_t connections = 256;   ///< served at once
  std::size_t max_upload = std::size_t{16} << 20;  ///< bytes of a request
  std::int64_t max_pixels = 40'000'000;            ///< of a photo
  int max_style_size = 1024;                       ///< longest side of a painting
  std::chrono::seconds timeout{30};                ///< for the answer to a request
  std::chrono::seconds patience{30};               ///< for requests in work when it stops
  KeyLimits limits = {};                           ///< of keys without limits of their own
};

/// What the service works with.
struct ServiceParts {
  FaceDetector detector;
  FaceEncoder encoder;
  std::optional<Calibration> calibration = {};  ///< of the encoder's model
  std::unique_ptr<Gallery> gallery = {};        ///< of the encoder's model; empty: no people
  ModelStore store;
};

class Service {
 public:
  /// Throws Error: invalid_argument (an address that others reach while there are no keys, a
  /// certificate that cannot be used), corrupt_file (keys), write_failed (folder of paintings,
  /// log).
  Service(ServiceOptions options, ServiceParts parts);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Takes the address and returns it, as "http://127.0.0.1:8080".
  /// Throws Error(unavailable) when it is in use.
  std::string open();
  /// What it answers, as "GET /v1/people/{name}", in alphabetical order; without the page's files.
  std::vector<std::string> routes() const;
  /// Serves until `stop` is requested; then finishes what is being worked on. Call after open().
  /// Gives freed memory of the whole process back to the system now and then (core/heap.h).
  /// Throws Error(unavailable) when the address is lost.
  void run(const Cancellation& stop);

 private:
  struct Rooms;
  std::unique_ptr<Rooms> rooms_;
};

}  // namespace likeness::serve
