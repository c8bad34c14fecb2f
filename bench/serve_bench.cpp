/// serve_bench: the service under load, as a process of its own: throughput against the bare
/// library, overload, hours of mixed work in minutes, and kills at random moments.

#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "machine.h"
#include "places.h"
#include "serve_measures.h"

namespace likeness::bench {
namespace {

constexpr const char* kAbout =
    R"(Measures `likeness serve` on this machine, with clients of its own on loopback.

Examples:
  serve_bench                                  verify under 8 clients against the bare library
  serve_bench --seconds 60 --overload 60 --soak 600 --kills 20 --strict)";

struct Options {
  std::filesystem::path program = LIKENESS_PROGRAM;
  std::filesystem::path photo_a = source_folder() / "demo/photos/sample3.jpg";
  std::filesystem::path photo_b = source_folder() / "demo/photos/sample6.jpg";
  double seconds = 10;
  int clients = 8;
  double overload = 0;
  double soak = 0;
  int kills = 0;
  bool strict = false;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app(kAbout);
  app.add_option("A", options.photo_a, "first photo")->capture_default_str();
  app.add_option("B", options.photo_b, "second photo")->capture_default_str();
  app.add_option("--program", options.program, "the program likeness")->capture_default_str();
  app.add_option("--seconds", options.seconds, "of verify; 0: not")->capture_default_str();
  app.add_option("--clients", options.clients, "at once")->capture_default_str();
  app.add_option("--overload", options.overload,
                 "seconds with ten times the requests that can be served");
  app.add_option("--soak", options.soak, "seconds of mixed work");
  app.add_option("--kills", options.kills, "kill -9 at random moments of enrolment and painting");
  app.add_flag("--strict", options.strict, "end with 1 when a bar is missed");
  CLI11_PARSE(app, argc, argv);
  for (const auto& photo : {options.photo_a, options.photo_b}) {
    if (std::filesystem::exists(photo)) continue;
    std::cerr << "serve_bench: skipped: no " << photo.string()
              << "; tools/photos.sh fetches the photos of the demonstration, or name two others\n";
    return 0;
  }
  Scene scene;
  scene.a = at_640(options.photo_a);
  scene.b = at_640(options.photo_b);
  std::cout << to_text(this_machine());
  std::vector<Bar> bars;
  if (options.seconds > 0)
    measure_verify(options.program, scene, options.clients, options.seconds, bars);
  if (options.overload > 0)
    measure_overload(options.program, scene, options.clients, options.overload, bars);
  if (options.soak > 0) measure_soak(options.program, scene, options.clients, options.soak, bars);
  if (options.kills > 0) measure_kills(options.program, scene, options.kills, bars);
  std::cout << "\n" << to_text(bars);
  return options.strict && !all_met(bars) ? 1 : 0;
}

}  // namespace
}  // namespace likeness::bench

int main(int argc, char** argv) {
  try {
    return likeness::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "serve_bench: error: " << error.what() << '\n';
    return 2;
  }
}
