/// style: pictures painted by us and by plain LibTorch code, judged by the same objective.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/heap.h>
#include <likeness/evaluate/style_measures.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <likeness/style/stylise.h>
#include <nlohmann/json.hpp>

#include "machine.h"
#include "places.h"
#include "plain_gatys.h"
#include "style_report.h"
#include "whole_process.h"

namespace likeness::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAbout =
    R"(Paints the same pairs of pictures as plain LibTorch code does (VGG-19, L-BFGS with a history of 10,
LibTorch's default layout, pixels clipped at the end), with the real VGG-19 and with the built-in
network, in a third and a tenth of the plain code's time in this very run, and judges the saved
pictures by J = content + 30 x style under the real VGG-19 in float32.

Examples:
  style --out build/style                        the table of docs/measurements.md, 20 minutes
  style --out build/style --pairs 1 --sizes 256 --no-whole  three minutes, to try it)";

constexpr const char* kExitCodes = "Exit codes: 0 all bars are met, 1 some are not, 2 error.";

struct Pair {
  const char* content;
  const char* style;
};
constexpr Pair kPairs[] = {{"kodak23_parrots", "van_gogh_starry_night"},
                           {"kodak04_portrait_red_hat", "hokusai_great_wave"},
                           {"kodak19_lighthouse_fence", "kandinsky_composition_vii"}};

struct Options {
  fs::path data = shared_folder() / "data/style";
  fs::path out;
  std::vector<int> sizes = {256, 512};
  int pairs = 3;
  bool whole = true;
  int threads = 0;
};

Image square(const fs::path& path, int size) {
  const Image image = read_image(path);
  return image.width() == size && image.height() == size ? image : resize(image, size, size);
}

/// The real VGG-19, which judges, and what the contestants need of it.
struct Judge {
  fs::path file;
  TensorMap weights;
  PerceptualNetwork network;

  static Judge load(const fs::path& file) {
    return {.file = file,
            .weights = read_safetensors(file).tensors,
            .network = load_vgg19(file, at::kCPU, {})};
  }
};

class Contest {
 public:
  Contest(const Judge& judge, const Pair& pair, int size, const Options& options)
      : judge_(judge),
        folder_(options.out),
        name_(std::string(pair.content) + "__" + pair.style + "__" + std::to_string(size)),
        content_(square(
            options.data / "peers/inputs/content" / (pair.content + std::string(".png")), size)),
        style_(
            square(options.data / "peers/inputs/style" / (pair.style + std::string(".png")), size)),
        judged_content_(judge_picture(judge.network, content_)),
        judged_style_(judge_picture(judge.network, style_)) {}

  StyleContest run(int size) {
    // As in the table of the peers: 300 iterations of 256 pixels, 200 of larger pictures.
    const PlainResult plain =
        paint_plainly(judge_.weights, content_, style_, size <= 256 ? 300 : 200);
    StyleContest contest{.name = name_, .size = size};
    contest.entries.push_back(entry("plain", plain.picture, plain.seconds, plain.iterations));
    const bool bf16 = has_fast_bfloat16(at::kCPU);
    contest.entries.push_back(
        ours("vgg19", load_vgg19(judge_.file, at::kCPU, {.bf16 = bf16}), plain.seconds / 3));
    contest.entries.push_back(
        ours("vgg_half", builtin_perceptual_network(at::kCPU, {.bf16 = bf16}), plain.seconds / 10));
    return contest;
  }

 private:
  StyleEntry ours(const std::string& network_name, const PerceptualNetwork& network,
                  double time_budget) {
    StyliseOptions options;
    options.size = content_.width();
    options.iterations = 100'000;
    options.time_budget = time_budget;
    options.tolerance = 0;
    Progress silent;
    const StyliseResult result =
        stylise(network, content_, {{.picture = style_}}, options, silent, nullptr);
    return entry(network_name, result.picture, result.seconds, result.iterations);
  }

  StyleEntry entry(const std::string& who, const Image& picture, double seconds, int iterations) {
    write_image(folder_ / (name_ + "__" + who + ".png"), picture);
    const StyleMeasures measures =
        measure_style(judge_picture(judge_.network, picture), judged_content_, judged_style_);
    return {.name = who,
            .seconds = seconds,
            .iterations = iterations,
            .content = measures.content,
            .style = measures.style(),
            .total = measures.total(30)};
  }

  const Judge& judge_;
  fs::path folder_;
  std::string name_;
  Image content_;
  Image style_;
  JudgedPicture judged_content_;
  JudgedPicture judged_style_;
};

/// The program as a user starts it, with its defaults.
WholeRun whole_run(const Options& options, int size) {
  const fs::path inputs = options.data / "peers/inputs";
  const ProcessCost cost = run_whole(
      {LIKENESS_PROGRAM, "style", (inputs / "content/kodak23_parrots.png").string(),
       (inputs / "style/van_gogh_starry_night.png").string(), "--size", std::to_string(size), "-q",
       "-o", (options.out / ("whole" + std::to_string(size) + ".png")).string()},
      options.out);
  if (cost.exit_code != 0)
    throw Error(ErrorCode::unavailable,
                "likeness style ended with code " + std::to_string(cost.exit_code));
  return {.size = size, .seconds = cost.wall_ms / 1e3, .peak_mb = cost.peak_mb};
}

int run_style(const Options& options) {
  keep_freed_memory();
  set_thread_count(options.threads);
  fs::create_directories(options.out);
  StyleReport report{.machine = this_machine(), .contests = {}, .whole = {}};
  if (options.whole)
    for (const int size : {512, 1024}) report.whole.push_back(whole_run(options, size));
  const Judge judge = Judge::load(options.data / "weights/vgg19_relu4_1_rgb01_fp16.safetensors");
  for (const int size : options.sizes)
    for (int i = 0; i < (size > 256 ? 1 : options.pairs); ++i) {
      std::cerr << "style: " << kPairs[i].content << " in the style of " << kPairs[i].style << ", "
                << size << " pixels\n";
      report.contests.push_back(Contest(judge, kPairs[i], size, options).run(size));
    }
  std::cout << to_text(report);
  return all_met(bars_of(report)) ? 0 : 1;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app(kAbout);
  app.footer(kExitCodes);
  app.add_option("--data", options.data, "folder with peers/inputs and weights")
      ->capture_default_str();
  app.add_option("--out", options.out, "folder for the pictures")->required();
  app.add_option("--sizes", options.sizes, "of the pictures, in pixels")
      ->delimiter(',')
      ->check(CLI::Range(64, 512))
      ->capture_default_str();
  app.add_option("--pairs", options.pairs, "of pictures up to 256 pixels; one of larger ones")
      ->check(CLI::Range(1, 3))
      ->capture_default_str();
  app.add_flag("!--no-whole", options.whole,
               "without the program with its defaults at 512 and 1024 pixels");
  app.add_option("--threads", options.threads, "threads to compute with, 0 = all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return run_style(options);
}

}  // namespace
}  // namespace likeness::bench

int main(int argc, char** argv) {
  try {
    return likeness::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "style: error: " << error.what() << '\n';
    return 2;
  }
}
