/// painter_bench: painting in one pass, its time and what it is worth.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/core/device.h>
#include <likeness/core/heap.h>
#include <likeness/evaluate/style_measures.h>
#include <likeness/image/codec.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/style/one_pass.h>

#include "adain_shape.h"
#include "descent_race.h"
#include "places.h"
#include "report.h"

namespace likeness::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAbout =
    R"(Times painting in one pass against a network of AdaIN's layers in the same run, and judges its
pictures of the public pairs, and those of AdaIN and MicroAST, under the real VGG-19.

Examples:
  painter_bench                     seconds at 512 x 512 pixels, two threads
  painter_bench --pairs             the table of docs/measurements.md
  painter_bench --refine            descent from the one pass against descent from the content
  painter_bench --painter run       another painter than the one that is compiled in)";

struct Options {
  fs::path data = shared_folder() / "data/style";
  fs::path painter;
  bool pairs = false;
  bool refine = false;
  bool f32 = false;
  int threads = 2;
  int rounds = 9;
};

OnePassPainter load(const Options& options) {
  const PainterLoadOptions load = {.bf16 = !options.f32 && has_fast_bfloat16(at::kCPU)};
  return options.painter.empty() ? builtin_painter(at::kCPU, load)
                                 : open_painter(options.painter, at::kCPU, load);
}

PerceptualNetwork load_judge(const Options& options) {
  return load_vgg19(options.data / "weights/vgg19_relu4_1_rgb01_fp16.safetensors", at::kCPU, {});
}

int time_passes(const Options& options) {
  const OnePassPainter painter = load(options);
  const AdainShape adain;
  at::manual_seed(2);
  const at::Tensor content = at::rand({1, 3, 512, 512}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor style = at::rand({1, 3, 512, 512}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor code = painter.code(style);
  const at::Tensor plain_content = content.contiguous();
  const at::Tensor plain_style = style.contiguous();
  const at::Tensor style_features = adain.encode(plain_style);
  const std::vector<Contestant> contestants = {
      {"ours, new style", [&] { painter.paint(content, {.codes = painter.code(style)}, {}); }},
      {"ours, known style", [&] { painter.paint(content, {.codes = code}, {}); }},
      {"AdaIN's layers, new style",
       [&] { adain.decode(adain.encode(plain_content), adain.encode(plain_style)); }},
      {"AdaIN's layers, known style",
       [&] { adain.decode(adain.encode(plain_content), style_features); }}};
  const std::vector<Timing> timings = race(contestants, options.rounds);
  std::cout << to_text(this_machine()) << "\n| 512 x 512, " << options.threads
            << " threads | median, ms | fastest, ms |\n|---|---:|---:|\n"
            << std::fixed << std::setprecision(1);
  for (std::size_t i = 0; i < timings.size(); ++i)
    std::cout << "| " << contestants[i].name << " | " << timings[i].wall_ms << " | "
              << timings[i].fastest_ms << " |\n";
  const std::vector<Bar> bars = {
      {.what = "new content and new style",
       .measured = timings[0].wall_ms,
       .limit = 130,
       .unit = "ms"},
      {.what = "known style", .measured = timings[1].wall_ms, .limit = 90, .unit = "ms"},
      {.what = "AdaIN's time, new style, by ours",
       .measured = timings[2].wall_ms / timings[0].wall_ms,
       .limit = 14,
       .at_most = false}};
  std::cout << "\n" << to_text(bars);
  return all_met(bars) ? 0 : 1;
}

/// What a painting of the public pairs is worth, mean over them.
struct Worth {
  double content = 0;
  double style = 0;
  double statistics = 0;
  double content_share = 0;
  double style_share = 0;

  void add(const StyleMeasures& m, double share) {
    content += share * m.content;
    style += share * m.style();
    statistics += share * m.adain;
    content_share += share * m.content_share.value_or(0);
    style_share += share * m.style_share.value_or(0);
  }
};

std::vector<fs::path> pictures_in(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string row(const std::string& name, const Worth& worth) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(3) << "| " << name << " | " << worth.content << " | "
       << worth.style << " | " << worth.statistics << " | " << worth.content_share << " | "
       << worth.style_share << " |\n";
  return text.str();
}

int judge_pairs(const Options& options) {
  const OnePassPainter painter = load(options);
  const PerceptualNetwork judge = load_judge(options);
  const fs::path peers = options.data / "peers";
  const auto contents = pictures_in(peers / "inputs/content");
  const auto styles = pictures_in(peers / "inputs/style");
  const double share = 1.0 / static_cast<double>(contents.size() * styles.size());
  Worth ours;
  Worth adain;
  Worth microast;
  Progress silent;
  for (const fs::path& content_path : contents) {
    const Image content = read_image(content_path);
    const JudgedPicture judged_content = judge_picture(judge, content);
    for (const fs::path& style_path : styles) {
      const Image style = read_image(style_path);
      const JudgedPicture judged_style = judge_picture(judge, style);
      const auto worth_of = [&](const Image& picture) {
        return measure_style(judge_picture(judge, picture), judged_content, judged_style);
      };
      const std::string name =
          content_path.stem().string() + "__" + style_path.stem().string() + ".jpg";
      ours.add(
          worth_of(paint_in_one_pass(painter, content, {{.picture = style}}, {}, silent, nullptr)
                       .picture),
          share);
      adain.add(worth_of(read_image(peers / "adain" / name)), share);
      microast.add(worth_of(read_image(peers / "microast" / name)), share);
    }
    std::cerr << content_path.stem().string() << "\n";
  }
  std::cout << "| " << contents.size() * styles.size()
            << " pairs | content | style | statistics | content_n | style_n |\n"
               "|---|---:|---:|---:|---:|---:|\n"
            << row("ours", ours) << row("AdaIN", adain) << row("MicroAST", microast) << "\n";
  const std::vector<Bar> bars = {
      {.what = "content_n", .measured = ours.content_share, .limit = 0.345},
      {.what = "style_n", .measured = ours.style_share, .limit = 0.090},
      {.what = "statistics", .measured = ours.statistics, .limit = 0.43}};
  std::cout << to_text(bars);
  return all_met(bars) ? 0 : 1;
}

int race_descents(const Options& options) {
  const OnePassPainter painter = load(options);
  const PerceptualNetwork network =
      builtin_perceptual_network(at::kCPU, {.bf16 = has_fast_bfloat16(at::kCPU)});
  const PerceptualNetwork judge = load_judge(options);
  const fs::path inputs = options.data / "peers/inputs";
  std::map<Yardstick, std::vector<double>> shares;
  std::cout << "| pair | compared by | J after " << DescentRace::kIterations
            << " from the one pass | seconds | iterations from the content for that J | seconds |\n"
               "|---|---|---:|---:|---:|---:|\n";
  for (const auto& [content_name, style_name] :
       {std::pair{"kodak23_parrots", "van_gogh_starry_night"},
        {"kodak04_portrait_red_hat", "hokusai_great_wave"},
        {"kodak19_lighthouse_fence", "kandinsky_composition_vii"}}) {
    const Image content = read_image(inputs / "content" / (std::string(content_name) + ".png"));
    const Image style = read_image(inputs / "style" / (std::string(style_name) + ".png"));
    DescentRace descents(network, judge, painter, content, style);
    for (const Yardstick yardstick : {Yardstick::own, Yardstick::vgg}) {
      const auto [ours, theirs, iterations] = descents.race(yardstick);
      const double cost = cost_by(yardstick, ours);
      shares[yardstick].push_back(ours.seconds / theirs.seconds);
      std::cout << "| " << content_name << ", " << style_name << " | "
                << (yardstick == Yardstick::own ? "its own J" : "VGG-19's") << " | " << cost
                << " | " << ours.seconds << " | " << iterations
                << (cost_by(yardstick, theirs) > cost ? " at least" : "") << " | " << theirs.seconds
                << " |\n";
    }
  }
  const std::vector<Bar> bars = {{.what = "time for the same J, share",
                                  .measured = median(shares[Yardstick::own]),
                                  .limit = 0.5},
                                 {.what = "time for the same J under VGG-19, share",
                                  .measured = median(shares[Yardstick::vgg]),
                                  .limit = 0.5}};
  std::cout << "\n" << to_text(bars);
  return all_met(bars) ? 0 : 1;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app(kAbout);
  app.add_option("--data", options.data, "folder with peers and weights")->capture_default_str();
  app.add_option("--painter", options.painter, "folder of a painter");
  app.add_flag("--pairs", options.pairs, "judge the pictures of the public pairs");
  app.add_flag("--refine", options.refine, "descent from the one pass and from the content");
  app.add_flag("--f32", options.f32, "no bfloat16, even where the processor has it");
  app.add_option("--threads", options.threads, "threads to compute with")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "of the stopwatch")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  keep_freed_memory();
  set_thread_count(options.threads);
  if (options.pairs) return judge_pairs(options);
  if (options.refine) return race_descents(options);
  return time_passes(options);
}

}  // namespace
}  // namespace likeness::bench

int main(int argc, char** argv) {
  try {
    return likeness::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "painter_bench: error: " << error.what() << '\n';
    return 2;
  }
}
