/// likeness serve: faces, people and paintings for programs and for a browser.

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <likeness/core/error.h>
#include <likeness/serve/service.h>
#include <nlohmann/json.hpp>

#include "calibrations.h"
#include "command.h"
#include "gallery_choice.h"
#include "networks.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

struct ServeOptions {
  serve::ServiceOptions service;
  std::size_t max_upload_mb = 16;
  double max_megapixels = 40;
  int timeout = 30;
  bool no_gallery = false;
  std::string calibration;
  GalleryChoice gallery;
  EncoderChoice encoder;
  DetectorOptions detector;
};

/// $XDG_STATE_HOME/likeness/NAME or ~/.local/state/likeness/NAME.
fs::path state_folder(const std::string& name) {
  if (const char* base = std::getenv("XDG_STATE_HOME"); base != nullptr && *base != '\0')
    return fs::path(base) / "likeness" / name;
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0')
    throw Error(ErrorCode::not_found,
                "neither $XDG_STATE_HOME nor $HOME is set: say where paintings are kept with "
                "--jobs");
  return fs::path(home) / ".local" / "state" / "likeness" / name;
}

serve::ServiceOptions service_options(const ServeOptions& options) {
  serve::ServiceOptions service = options.service;
  if (service.keys.empty()) service.keys = serve::default_keys_file();
  if (service.jobs.empty()) service.jobs = state_folder("paintings");
  service.max_upload = options.max_upload_mb << 20;
  service.max_pixels = static_cast<std::int64_t>(options.max_megapixels * 1e6);
  service.timeout = std::chrono::seconds(options.timeout);
  return service;
}

/// The networks, and the gallery, which is made where it is not there yet.
serve::ServiceParts load_parts(const ServeOptions& options, CommandContext& context) {
  ModelStore store = context.store();
  std::string model = open_face_encoder(store, options.encoder.model);
  std::unique_ptr<Gallery> gallery;
  const bool with_gallery = !options.no_gallery;
  if (with_gallery && gallery_exists(options.gallery)) {
    gallery = open_gallery(options.gallery);
    model = encoder_of(gallery->info(), store, options.encoder);
  }
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model, context);
  FaceDetector detector(store, device, options.detector);
  FaceEncoder encoder(store, model, device, options.encoder.options());
  if (with_gallery && !gallery)
    gallery =
        create_gallery(options.gallery, gallery_model(store, model, encoder.dimensions()), context);
  auto calibration = find_calibration(store, model, options.calibration, context);
  return {.detector = std::move(detector),
          .encoder = std::move(encoder),
          .calibration = std::move(calibration),
          .gallery = std::move(gallery),
          .store = std::move(store)};
}

int run_serve(const ServeOptions& options, CommandContext& context) {
  const Cancellation& stop = context.stop_on_interrupt();
  serve::Service service(service_options(options), load_parts(options, context));
  const std::string address = service.open();
  const std::string shown = options.no_gallery ? "none" : shown_location(options.gallery);
  if (context.json)
    context.print(nlohmann::ordered_json{{"address", address}, {"gallery", shown}}.dump() + "\n");
  else
    context.print("likeness: listening on " + address + " (gallery: " + shown + ")\n");
  service.run(stop);
  return kOk;
}

void add_network_options(CLI::App& command, ServeOptions& options) {
  serve::ServiceOptions& service = options.service;
  command
      .add_option("--host", service.host,
                  "Address to listen on; others than this machine's own "
                  "need a key first (likeness keys create)")
      ->type_name("ADDRESS")
      ->capture_default_str();
  command.add_option("--port", service.port, "0: any that is free")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command.add_option("--tls-cert", service.tls_certificate, "Certificate with its chain (PEM)")
      ->type_name("FILE");
  command.add_option("--tls-key", service.tls_key, "Its private key (PEM)")->type_name("FILE");
  command
      .add_option("--cors-origin", service.cors_origins,
                  "Origin of a page that may call, as https://photos.example; may be repeated")
      ->type_name("ORIGIN");
  command
      .add_option("--log", service.log,
                  "A line of JSON for each request, to FILE or - (standard error)")
      ->type_name("FILE");
}

void add_limit_options(CLI::App& command, ServeOptions& options) {
  serve::ServiceOptions& service = options.service;
  const auto add = [&command](const char* name, auto& value, auto range, const char* unit,
                              const char* text) {
    return command.add_option(name, value, text)
        ->type_name(unit)
        ->check(range.description(""))
        ->group("Limits");
  };
  add("--max-upload", options.max_upload_mb, CLI::Range(std::size_t{1}, std::size_t{1024}), "MIB",
      "Largest photo file, up to 1024")
      ->capture_default_str();
  add("--max-megapixels", options.max_megapixels, CLI::Range(0.01, 1000.0), "MP",
      "Largest photo, up to 1000")
      ->capture_default_str();
  add("--max-style-size", service.max_style_size, CLI::Range(64, 8192), "PIXELS",
      "Longest side of a painting, up to 8192")
      ->capture_default_str();
  add("--queue", service.queue, CLI::Range(1, 100000), "N", "Requests that may wait; beyond: 503")
      ->capture_default_str();
  add("--connections", service.connections, CLI::Range(1, 10000), "N",
      "Served at once; beyond: 503")
      ->capture_default_str();
  add("--timeout", options.timeout, CLI::Range(1, 3600), "SECONDS", "For the answer to a request")
      ->capture_default_str();
  const auto some = CLI::Range(1, std::numeric_limits<int>::max());
  add("--rate", service.limits.rate_per_minute, some, "N",
      "Requests a minute of a key without a limit of its own (default: any)");
  add("--quota", service.limits.daily_quota, some, "N", "The same for requests a day");
  add("--workers", service.workers, CLI::Range(1, 1024), "N",
      "Threads for faces (default: one a core)");
}

}  // namespace

void add_serve_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "serve",
       .summary = "Serve all of this over HTTP, with a web page",
       .examples = "likeness serve                            then open http://127.0.0.1:8080\n"
                   "likeness keys create --role admin          from then on a key is needed\n"
                   "likeness serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem\n"
                   "curl -F a=@anna1.jpg -F b=@anna2.jpg http://127.0.0.1:8080/v1/faces/verify"},
      [options, &context] { return run_serve(*options, context); });
  add_network_options(command, *options);
  command
      .add_option("--keys", options->service.keys,
                  "File of keys (default $LIKENESS_KEYS, $XDG_DATA_HOME/likeness/keys.json)")
      ->type_name("FILE");
  command
      .add_option("--jobs", options->service.jobs,
                  "Folder of paintings (default $XDG_STATE_HOME/likeness/paintings)")
      ->type_name("DIR");
  command.add_flag("--keep-crops", options->service.keep_crops,
                   "Keep the pictures of enrolled faces: the page shows them, and they can be "
                   "encoded again when the model changes");
  command.add_flag("--no-gallery", options->no_gallery, "Without people: verify and paint only");
  add_gallery_options(command, options->gallery);
  add_creation_options(command, options->gallery);
  add_limit_options(command, *options);
  add_calibration_option(command, options->calibration);
  add_encoder_options(command, options->encoder);
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
