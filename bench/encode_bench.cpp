/// encode_bench: our face encoders against dlib's own network with the same weights, in one run.
/// First the answers, then the time.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/core/device.h>
#include <likeness/core/files.h>
#include <likeness/faces/encoder.h>
#include <likeness/model/store.h>
#include <nlohmann/json.hpp>

#include "machine.h"
#include "places.h"
#include "reference.h"
#include "report.h"
#include "stopwatch.h"

namespace likeness::bench {
namespace {

constexpr const char* kAbout =
    R"(Measures how fast faces become encodings, against dlib's own network with the same weights.

Before anything is timed the answers are compared: resnet with dlib, mobilefacenet with the values
of its TensorFlow Lite graph. Then all take turns. Bars of one thread are judged by processor time,
which other work on the machine hardly changes.

Examples:
  encode_bench                                  tables for people
  encode_bench --rounds 100 --json > now.json   more rounds, for programs
  encode_bench --golden dlib.json               what dlib makes of a drawing, for the tests)";

constexpr const char* kExitCodes =
    R"(Exit codes: 0 measured, 1 an answer is wrong (or, with --strict, a bar is missed), 2 error.)";

struct Options {
  std::filesystem::path shared = shared_folder();
  std::filesystem::path golden;
  int rounds = 30;
  int batch = 32;
  int threads = 2;
  bool json = false;
  bool strict = false;
};

constexpr const char* kDlib = "dlib";

/// A contestant with the setting that its measurement has.
struct Entry {
  Measurement setting;
  std::function<void()> work;
};

class Measuring {
 public:
  Measuring(const ModelStore& store, DlibResNet& dlib, const Options& options)
      : store_(store), dlib_(dlib), options_(options) {}

  /// One face at a time on one thread.
  std::vector<Measurement> one_face() {
    set_thread_count(1);
    std::vector<Entry> entries;
    for (const bool flip : {false, true}) {
      entries.push_back(dlib(flip));
      for (const char* encoder : {"resnet", "mobilefacenet", "duo"})
        entries.push_back(ours({.encoder = encoder, .precision = "f32", .flip = flip}));
    }
    for (const char* encoder : {"resnet", "mobilefacenet", "duo"})
      entries.push_back(ours({.encoder = encoder, .precision = "bf16"}));
    return measure(entries, options_.rounds);
  }

  /// Many faces on several threads; dlib, on one thread, sets the rate.
  std::vector<Measurement> batches() {
    set_thread_count(options_.threads);
    std::vector<Entry> entries = {dlib(false)};
    for (const char* precision : {"f32", "bf16"})
      for (const char* encoder : {"resnet", "mobilefacenet", "duo"})
        entries.push_back(ours({.encoder = encoder,
                                .precision = precision,
                                .threads = options_.threads,
                                .faces = options_.batch}));
    // One call takes as long as many of a single face.
    return measure(entries, std::max(3, options_.rounds / 4));
  }

 private:
  Entry dlib(bool flip) {
    return {.setting = {.encoder = kDlib, .precision = "f32", .flip = flip},
            .work = [this, flip] { dlib_encoding(dlib_, face_.resnet, flip); }};
  }

  Entry ours(const Measurement& setting) {
    auto encoder = std::make_shared<FaceEncoder>(
        store_, setting.encoder, c10::kCPU,
        EncoderOptions{.flip = setting.flip, .bf16 = setting.precision == "bf16"});
    std::vector<AlignedFace> faces(static_cast<std::size_t>(setting.faces),
                                   aligned(store_, setting.encoder, face_));
    return {.setting = setting,
            .work = [encoder, faces = std::move(faces)] { encoder->encode(faces); }};
  }

  static std::vector<Measurement> measure(const std::vector<Entry>& entries, int rounds) {
    std::vector<Contestant> contestants;
    for (const Entry& entry : entries) contestants.push_back({entry.setting.encoder, entry.work});
    const std::vector<Timing> timings = race(contestants, rounds);
    std::vector<Measurement> measurements;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      measurements.push_back(entries[i].setting);
      measurements.back().timing = timings[i];
    }
    compare_with_dlib(measurements);
    return measurements;
  }

  /// With dlib's time for the same work: with flip, two passes.
  static void compare_with_dlib(std::vector<Measurement>& measurements) {
    for (Measurement& m : measurements)
      for (const Measurement& dlib : measurements)
        if (dlib.encoder == kDlib && dlib.flip == m.flip)
          m.to_dlib = m.threads == 1 ? time_a_face(m) / time_a_face(dlib)
                                     : time_a_face(m) / dlib.timing.wall_ms;
  }

  const ModelStore& store_;
  DlibResNet& dlib_;
  const Options& options_;
  const FaceCrops face_ = drawn_face();
};

const Measurement& find(const std::vector<Measurement>& measurements, const std::string& encoder) {
  for (const Measurement& m : measurements)
    if (m.encoder == encoder && m.precision == "f32" && !m.flip) return m;
  throw std::logic_error("nothing was measured for " + encoder);
}

std::vector<Bar> bars_of(const EncodeReport& report) {
  std::vector<Bar> bars = {{.what = "resnet, one face, one thread: time to dlib's",
                            .measured = find(report.one_face, "resnet").to_dlib,
                            .limit = 0.6},
                           {.what = "mobilefacenet, one face, one thread",
                            .measured = time_a_face(find(report.one_face, "mobilefacenet")),
                            .limit = 5,
                            .unit = " ms"}};
  for (const char* encoder : {"resnet", "mobilefacenet"})
    bars.push_back({.what = std::string(encoder) + ", batch: rate to dlib's on one thread",
                    .measured = 1 / find(report.batches, encoder).to_dlib,
                    .limit = 2.5,
                    .at_most = false});
  return bars;
}

/// False after a message on stderr when an answer differs too much.
bool answers_hold(const std::vector<Agreement>& answers) {
  bool right = true;
  for (const Agreement& answer : answers) {
    if (answer.holds()) continue;
    right = false;
    std::cerr << "encode_bench: wrong answer: " << answer.what << ": numbers differ by "
              << answer.difference << ", more than " << answer.tolerance << "\n";
  }
  if (!right) std::cerr << "encode_bench: nothing was timed\n";
  return right;
}

void write_golden(DlibResNet& dlib, const std::filesystem::path& path) {
  std::string text = "{\n\"resnet\": [";
  const auto values = dlib.encode(drawn_face().resnet.pixels());
  for (std::size_t i = 0; i < values.size(); ++i)
    text += (i > 0 ? ", " : "") + number(values[i], 7);
  write_file(path, text + "]\n}\n");
}

int run_bench(const Options& options) {
  const ModelStore store;
  set_blas_threads(1);  // dlib's network is the reference on one thread
  DlibResNet dlib = make_dlib_resnet(store);
  if (!options.golden.empty()) {
    write_golden(dlib, options.golden);
    return 0;
  }

  const References references = {.drawing = source_folder() / "tests/faces/golden/tflite.json",
                                 .real_faces = options.shared / "data/faces/golden/golden.json"};
  EncodeReport report;
  report.machine = this_machine();
  report.rounds = options.rounds;
  std::cerr << "comparing answers\n";
  report.answers = check_answers(store, dlib, references, static_cast<std::size_t>(options.batch));
  if (!answers_hold(report.answers)) return 1;
  std::cerr << "timing single faces\n";
  Measuring measuring(store, dlib, options);
  report.one_face = measuring.one_face();
  std::cerr << "timing batches of " << options.batch << "\n";
  report.batches = measuring.batches();
  report.bars = bars_of(report);
  std::cout << (options.json ? to_json(report).dump(2) + "\n" : to_text(report));
  return options.strict && !all_met(report.bars) ? 1 : 0;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app(kAbout);
  app.footer(kExitCodes);
  app.add_option("--rounds", options.rounds, "turns of each contestant")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--batch", options.batch, "faces at once for the throughput")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "threads for the throughput")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--shared", options.shared, "folder with data/faces/golden/, if there is one")
      ->capture_default_str();
  app.add_option("--golden", options.golden, "write dlib's encoding of a drawing and stop");
  app.add_flag("--json", options.json, "print JSON");
  app.add_flag("--strict", options.strict, "end with 1 when a bar is missed");
  CLI11_PARSE(app, argc, argv);
  return run_bench(options);
}

}  // namespace
}  // namespace likeness::bench

int main(int argc, char** argv) {
  try {
    return likeness::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "encode_bench: error: " << error.what() << '\n';
    return 2;
  }
}
