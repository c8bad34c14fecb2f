/// detector_bench: which of the detectors and landmark networks that the npm packages ship serves
/// verification best. Prints one Markdown table, a column for each method.

#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/core/device.h>
#include <likeness/faces/detector.h>
#include <likeness/model/store.h>

#include "detector_measures.h"
#include "landmark68.h"
#include "places.h"
#include "small_faces.h"
#include "ssd_mobilenet.h"
#include "tiny_face_detector.h"

namespace likeness::bench {
namespace {

constexpr const char* kAbout =
    R"(Compares ways to find faces and their five landmarks: the product's MTCNN with the SSD
MobileNetV1, the tiny detector and the 68-point landmark network of face-api.

The others' weights come from their npm package; tools/bench.sh fetches it, or by hand:
  npm pack @vladmandic/face-api@1.7.15 && tar xf vladmandic-face-api-1.7.15.tgz
  detector_bench --weights package/model --shared DIR --every 100

--shared is a folder with data/faces/: lfw/images, lfw/reference_landmarks.txt,
lfw/pairsDevTest.txt, celeba299 and celeba299_landmarks.txt. The small faces are those of
package/demo/sample*.jpg, beside the weights. Times are processor time on one thread, so that other
work on the machine hardly shows. Without these files nothing is measured.)";

struct Options {
  std::filesystem::path shared = shared_folder();
  std::filesystem::path weights = source_folder() / "build/face-api/package/model";
  int step = 10;
  int threads = 0;
  float small_face = 24;
};

/// All that is measured for one method.
struct Result {
  std::string name;
  FindingMeasures lfw;
  FindingMeasures celeba;
  VerificationSummary verification;
  SmallFaceMeasures small;
};

/// The candidates. Their methods refer to them.
struct Candidates {
  Candidates(const ModelStore& store, const std::filesystem::path& weights)
      : product(store, c10::kCPU),
        mtcnn(store, c10::kCPU, {.refine_landmarks = false}),
        ssd(weights),
        tiny(weights),
        landmark68(store) {}

  FaceDetector product;
  FaceDetector mtcnn;
  SsdMobileNet ssd;
  TinyFaceDetector tiny;
  Landmark68 landmark68;
};

/// Boxes of any kind (each with members box and score) with the 68-point network's landmarks.
template <class Boxes>
std::vector<Face> with_landmarks(const Landmark68& network, const Image& image,
                                 const Boxes& boxes) {
  std::vector<Face> faces;
  for (const auto& item : boxes)
    if (const auto landmarks = network.find(image, item.box))
      faces.push_back({.box = item.box, .landmarks = *landmarks, .score = item.score});
  return faces;
}

std::vector<Method> methods_of(const Candidates& all) {
  const auto mtcnn = [&](const Image& image) { return all.mtcnn.detect(image); };
  return {{"MTCNN and 68 points (product)",
           [&](const Image& image) { return all.product.detect(image); }},
          {"MTCNN alone", mtcnn},
          {"MTCNN boxes, 68 points",
           [&, mtcnn](const Image& image) {
             return with_landmarks(all.landmark68, image, mtcnn(image));
           }},
          {"SSD boxes, 68 points",
           [&](const Image& image) {
             return with_landmarks(all.landmark68, image, all.ssd.detect(image));
           }},
          {"tiny boxes, 68 points", [&](const Image& image) {
             return with_landmarks(all.landmark68, image, all.tiny.detect(image));
           }}};
}

std::vector<Result> measure(const std::vector<Method>& methods, const ModelStore& store,
                            const Options& options) {
  const auto faces = options.shared / "data" / "faces";
  const auto lfw = read_references(faces / "lfw/reference_landmarks.txt", options.step);
  const auto celeba = read_references(faces / "celeba299_landmarks.txt", options.step);
  const auto pairs = read_pairs(faces / "lfw/pairsDevTest.txt");
  const FaceEncoder duo(store, "duo", c10::kCPU);
  const auto photos = sample_photos(options.weights / ".." / "demo");
  if (photos.empty()) std::cerr << "no demo/sample1.jpg beside the weights: no small faces\n";

  std::cerr << "small faces in " << photos.size() << " photos\n";
  const auto small = measure_small_faces(methods, photos, options.small_face);
  std::vector<Result> results;
  for (std::size_t i = 0; i < methods.size(); ++i) {
    const auto& method = methods[i];
    Result result{
        .name = method.name, .lfw = {}, .celeba = {}, .verification = {}, .small = small[i]};
    std::cerr << method.name << ": " << lfw.size() << " LFW pictures\n";
    result.lfw = measure_finding(method, faces / "lfw/images", lfw);
    std::cerr << method.name << ": " << celeba.size() << " CelebA pictures\n";
    result.celeba = measure_finding(method, faces / "celeba299", celeba);
    std::cerr << method.name << ": " << pairs.pairs.size() << " development pairs\n";
    result.verification =
        measure_verification(method, duo, faces / "lfw/images", pairs, options.threads);
    results.push_back(std::move(result));
  }
  return results;
}

std::string number(double value, int decimals) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string percent(double share, int decimals) {
  return number(100 * share, decimals) + " %";
}

class Table {
 public:
  explicit Table(const std::vector<Result>& results) : results_(results) {
    row("", [](const Result& r) { return r.name; });
    std::cout << "|---|";
    for (std::size_t i = 0; i < results.size(); ++i) std::cout << "---|";
    std::cout << '\n';
  }

  void row(const std::string& name, const std::function<std::string(const Result&)>& value) const {
    std::cout << "| " << name << " |";
    for (const Result& result : results_) std::cout << ' ' << value(result) << " |";
    std::cout << '\n';
  }

  void finding(const std::string& set, FindingMeasures Result::*part) const {
    const auto add = [&](const std::string& name, double FindingMeasures::*member, int decimals) {
      row(set + ": " + name, [&](const Result& r) { return number(r.*part.*member, decimals); });
    };
    row(set + ": recall", [&](const Result& r) { return percent((r.*part).recall, 2); });
    add("extra faces a picture", &FindingMeasures::extra_faces, 3);
    add("landmark error, mean", &FindingMeasures::error_mean, 4);
    add("landmark error, median", &FindingMeasures::error_median, 4);
    add("landmark error, 95th percentile", &FindingMeasures::error_p95, 4);
    add("ms a picture", &FindingMeasures::milliseconds, 1);
  }

 private:
  const std::vector<Result>& results_;
};

void print(const std::vector<Result>& results, const Options& options) {
  const Table table(results);
  table.finding("LFW", &Result::lfw);
  table.finding("CelebA", &Result::celeba);
  const auto& first = results.front();
  for (std::size_t i = 0; i < first.verification.encoders.size(); ++i) {
    const std::string encoder = first.verification.encoders[i].encoder;
    table.row(encoder + ": best accuracy", [&](const Result& r) {
      return percent(r.verification.encoders[i].best_accuracy, 2);
    });
    table.row(encoder + ": FNMR at FMR 1e-3",
              [&](const Result& r) { return percent(r.verification.encoders[i].fnmr, 2); });
  }
  table.row("development pictures without a face", [](const Result& r) {
    return std::to_string(r.verification.without_face) + " of " +
           std::to_string(r.verification.pictures);
  });
  const std::string size = number(options.small_face, 0) + " px faces found";
  const auto of_all = [](std::int64_t found, const Result& r) {
    return std::to_string(found) + " of " + std::to_string(r.small.faces);
  };
  table.row(size + ", small photo",
            [&](const Result& r) { return of_all(r.small.found_alone, r); });
  table.row(size + ", within 1024 × 1024",
            [&](const Result& r) { return of_all(r.small.found_in_large, r); });
  std::cout << "\nLFW: " << first.lfw.pictures << " pictures, CelebA: " << first.celeba.pictures
            << "; landmark errors in distances between the eyes.\n";
}

/// False after a message on stderr when there is nothing to measure with.
bool has_what_it_needs(const Options& options) {
  for (const auto& folder : {options.shared / "data/faces", options.weights}) {
    if (std::filesystem::is_directory(folder)) continue;
    std::cerr << "detector_bench: skipped: no folder " << folder.string()
              << "; detector_bench --help says what belongs there\n";
    return false;
  }
  return true;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app(kAbout);
  app.add_option("--shared", options.shared, "folder with data/faces/, default $LIKENESS_SHARED")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_option("--weights", options.weights, "model/ of the unpacked npm package")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_option("--every", options.step, "measure landmarks on every n-th reference picture")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "pictures encoded at once, 0: one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--small-face", options.small_face, "size of the small faces in pixels")
      ->check(CLI::Range(8, 512))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (!has_what_it_needs(options)) return 0;

  set_thread_count(1);
  const ModelStore store;
  const Candidates candidates(store, options.weights);
  print(measure(methods_of(candidates), store, options), options);
  return 0;
}

}  // namespace
}  // namespace likeness::bench

int main(int argc, char** argv) {
  try {
    return likeness::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "detector_bench: error: " << error.what() << '\n';
    return 2;
  }
}
