#pragma once

/// What serve_bench measures of a service that runs as a process of its own. Each function prints
/// what it saw and adds the bars that belong to it.

#include <filesystem>
#include <string>
#include <vector>

#include "report.h"
#include "serve_clients.h"
#include "support/temporary_folder.h"

namespace likeness::bench {

/// A service with a gallery and a folder of its own, and two photos to ask about.
struct Scene {
  TemporaryFolder folder;
  std::string a;
  std::string b;

  std::vector<std::string> arguments() const {
    const std::filesystem::path& at = folder.path();
    return {"--gallery", at / "people.gallery", "--no-encryption",
            "--keys",    at / "keys.json",      "--jobs",
            at / "jobs"};
  }
  httplib::MultipartFormDataItems pair() const {
    return {{"a", a, "a.jpg", "image/jpeg"}, {"b", b, "b.jpg", "image/jpeg"}};
  }
  httplib::MultipartFormDataItems photo() const { return {{"photo", a, "a.jpg", "image/jpeg"}}; }
  Ask verify() const {
    return [this](httplib::Client& client, std::size_t) {
      return client.Post("/v1/faces/verify", pair());
    };
  }
};

/// A photo of 640 pixels as a JPEG file.
std::string at_640(const std::filesystem::path& path);

/// `clients` at once, against the bare library on one thread a core.
void measure_verify(const std::filesystem::path& program, const Scene& scene, int clients,
                    double seconds, std::vector<Bar>& bars);
/// Ten times the requests that can be served.
void measure_overload(const std::filesystem::path& program, const Scene& scene, int clients,
                      double seconds, std::vector<Bar>& bars);
/// Verify, identify, enrol and erase, paint.
void measure_soak(const std::filesystem::path& program, const Scene& scene, int clients,
                  double seconds, std::vector<Bar>& bars);
/// kill -9 at random moments of enrolment and painting.
void measure_kills(const std::filesystem::path& program, const Scene& scene, int kills,
                   std::vector<Bar>& bars);

}  // namespace likeness::bench
