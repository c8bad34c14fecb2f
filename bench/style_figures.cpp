/// style_figures: the figures of docs/method/style.md and the contact sheet of
/// docs/measurements.md.

#include <array>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/core/device.h>
#include <likeness/core/heap.h>
#include <likeness/evaluate/sheet.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <likeness/style/one_pass.h>
#include <likeness/style/stylise.h>

#include "places.h"
#include "plain_gatys.h"

namespace likeness::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAbout =
    R"(Draws the figures that the documentation shows, from the pictures of DATA/peers/inputs.

Examples:
  style_figures pairs --out docs/images      6 contents x 6 styles: ours, plain LibTorch code, AdaIN
  style_figures one-pass --out docs/images   the same pairs in one pass: ours, AdaIN, MicroAST
  style_figures layers --out docs/images     what each layer sees
  style_figures weights --out docs/images    style weight against style scale
  style_figures sizes --out docs/images      from coarse to fine, and at once
  style_figures example --size 512 --out docs/images   photos, styles, paintings)";

const std::vector<std::string> kContents = {
    "kodak23_parrots", "kodak04_portrait_red_hat", "kodak19_lighthouse_fence", "kodak22_barn_lake",
    "kodak16_lake",    "astronaut_portrait"};
const std::vector<std::string> kStyles = {
    "van_gogh_starry_night", "hokusai_great_wave", "kandinsky_composition_vii",
    "monet_water_lilies",    "picabia_udnie",      "seurat_grande_jatte"};

struct Options {
  fs::path data = shared_folder() / "data/style";
  fs::path out;
  int size = 256;
  int plain_iterations = 60;
  int threads = 0;
};

class Figures {
 public:
  explicit Figures(const Options& options)
      : options_(options),
        network_(builtin_perceptual_network(at::kCPU, {.bf16 = has_fast_bfloat16(at::kCPU)})) {}

  void pairs() const {
    constexpr int kSide = 96;
    const TensorMap weights =
        read_safetensors(options_.data / "weights/vgg19_relu4_1_rgb01_fp16.safetensors").tensors;
    Sheet sheet(static_cast<int>(1 + 3 * kStyles.size()), static_cast<int>(1 + kContents.size()),
                kSide, 2);
    for (int s = 0; s < static_cast<int>(kStyles.size()); ++s) {
      sheet.put(1 + 3 * s, 0, style(kStyles[s]));
      for (const auto& [offset, name] : {std::pair{0, "ours"}, {1, "plain"}, {2, "AdaIN"}})
        sheet.name_column(1 + 3 * s + offset, name);
    }
    for (int c = 0; c < static_cast<int>(kContents.size()); ++c) {
      sheet.put(0, 1 + c, content(kContents[c]));
      for (int s = 0; s < static_cast<int>(kStyles.size()); ++s) {
        std::cerr << kContents[c] << " x " << kStyles[s] << "\n";
        sheet.put(1 + 3 * s, 1 + c, paint(kContents[c], kStyles[s], {}));
        sheet.put(2 + 3 * s, 1 + c,
                  paint_plainly(weights, content(kContents[c]), style(kStyles[s]),
                                options_.plain_iterations)
                      .picture);
        sheet.put(3 + 3 * s, 1 + c,
                  read_image(options_.data / "peers/adain" /
                             (kContents[c] + "__" + kStyles[s] + ".jpg")));
      }
    }
    save(sheet, "style-pairs.jpg");
  }

  /// The public pairs in one pass: ours, AdaIN's and MicroAST's.
  void one_pass() const {
    constexpr int kSide = 96;
    const OnePassPainter painter = builtin_painter(at::kCPU, {.bf16 = has_fast_bfloat16(at::kCPU)});
    Progress silent;
    Sheet sheet(static_cast<int>(1 + 3 * kStyles.size()), static_cast<int>(1 + kContents.size()),
                kSide, 2);
    for (int s = 0; s < static_cast<int>(kStyles.size()); ++s) {
      sheet.put(1 + 3 * s, 0, style(kStyles[s]));
      for (const auto& [offset, name] : {std::pair{0, "ours"}, {1, "AdaIN"}, {2, "MicroAST"}})
        sheet.name_column(1 + 3 * s + offset, name);
    }
    for (int c = 0; c < static_cast<int>(kContents.size()); ++c) {
      sheet.put(0, 1 + c, content(kContents[c]));
      for (int s = 0; s < static_cast<int>(kStyles.size()); ++s) {
        const std::string name = kContents[c] + "__" + kStyles[s] + ".jpg";
        sheet.put(1 + 3 * s, 1 + c,
                  paint_in_one_pass(painter, content(kContents[c]),
                                    {{.picture = style(kStyles[s])}}, {}, silent, nullptr)
                      .picture);
        sheet.put(2 + 3 * s, 1 + c, read_image(options_.data / "peers/adain" / name));
        sheet.put(3 + 3 * s, 1 + c, read_image(options_.data / "peers/microast" / name));
      }
    }
    save(sheet, "one-pass-pairs.jpg");
  }

  /// Photo, style and painting.
  void example() const {
    Sheet sheet(6, 1, 256);
    int column = 0;
    for (const auto& [content_name, style_name] :
         {std::pair{kContents[0], kStyles[0]}, {kContents[2], kStyles[1]}}) {
      sheet.put(column++, 0, content(content_name));
      sheet.put(column++, 0, style(style_name));
      sheet.put(column++, 0, paint(content_name, style_name, {}));
    }
    save(sheet, "style.jpg");
  }

  /// The content seen by one layer after the other, and the style by more and more of them.
  void layers() const {
    using net::Tap;
    constexpr std::array kTaps = {Tap::relu1_1, Tap::relu2_1, Tap::relu3_1, Tap::relu4_1};
    Sheet sheet(5, 2, 192);
    sheet.name_row(0, "content");
    sheet.name_row(1, "style");
    sheet.name_column(0, "original");
    sheet.put(0, 0, content(kContents[0]));
    sheet.put(0, 1, style(kStyles[0]));
    std::map<Tap, double> so_far;
    for (int i = 0; i < 4; ++i) {
      const Tap tap = kTaps.at(static_cast<std::size_t>(i));
      sheet.name_column(1 + i, std::string(net::to_string(tap)));
      StyliseOptions options{.start = StyleStart::noise};
      options.coarsest = 64;
      options.weights.style = 0;
      options.weights.content_layers = {{tap, 1}};
      sheet.put(1 + i, 0, paint(kContents[0], kStyles[0], options));
      so_far[tap] = 1;
      options.weights.content = 0;
      options.weights.style = 30;
      options.weights.style_layers = so_far;
      sheet.put(1 + i, 1, paint(kContents[0], kStyles[0], options));
    }
    save(sheet, "style-layers.jpg");
  }

  void weights() const {
    constexpr std::array kWeights = {0.3, 3.0, 30.0, 300.0};
    constexpr std::array kScales = {0.5, 1.0, 2.0};
    Sheet sheet(kWeights.size(), kScales.size(), 192);
    for (std::size_t w = 0; w < kWeights.size(); ++w)
      for (std::size_t s = 0; s < kScales.size(); ++s) {
        const auto text = [](double value) {
          std::string number = std::to_string(value);
          return number.substr(0, number.find('.') + 2);
        };
        sheet.name_column(static_cast<int>(w), "style weight " + text(kWeights.at(w)));
        sheet.name_row(static_cast<int>(s), "scale " + text(kScales.at(s)));
        StyliseOptions options{.style_scale = kScales.at(s)};
        options.weights.style = kWeights.at(w);
        sheet.put(static_cast<int>(w), static_cast<int>(s),
                  paint(kContents[5], kStyles[1], options));
      }
    save(sheet, "style-weights.jpg");
  }

  void sizes() const {
    constexpr std::array kCoarsest = {0, 256, 128, 64};
    Sheet sheet(kCoarsest.size(), 1, 256);
    for (std::size_t i = 0; i < kCoarsest.size(); ++i) {
      const int coarsest = kCoarsest.at(i);
      sheet.name_column(static_cast<int>(i),
                        coarsest == 0 ? "at once" : "from " + std::to_string(coarsest) + " pixels");
      StyliseOptions options{.size = 512, .start = StyleStart::noise};
      options.coarsest = coarsest;
      options.time_budget = 12;
      options.iterations = 1000;
      sheet.put(static_cast<int>(i), 0, paint(kContents[0], kStyles[2], options));
    }
    save(sheet, "style-sizes.jpg");
  }

 private:
  Image content(const std::string& name) const { return input("content", name); }
  Image style(const std::string& name) const { return input("style", name); }
  Image input(const char* kind, const std::string& name) const {
    return resize(read_image(options_.data / "peers/inputs" / kind / (name + ".png")),
                  options_.size, options_.size);
  }

  Image paint(const std::string& content_name, const std::string& style_name,
              StyliseOptions options) const {
    Progress silent;
    if (options.size == 0) options.size = options_.size;
    return stylise(network_, content(content_name), {{.picture = style(style_name)}}, options,
                   silent, nullptr)
        .picture;
  }

  void save(const Sheet& sheet, const char* name) const {
    write_image(options_.out / name, sheet.image(), 88);
    std::cout << (options_.out / name).string() << "\n";
  }

  Options options_;
  PerceptualNetwork network_;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app(kAbout);
  app.require_subcommand(1);
  std::vector<CLI::App*> commands;
  for (const char* name : {"pairs", "layers", "weights", "sizes", "example", "one-pass"}) {
    CLI::App* command = app.add_subcommand(name);
    command->add_option("--data", options.data, "folder with peers and weights")
        ->capture_default_str();
    command->add_option("--out", options.out, "folder for the figure")->required();
    command->add_option("--size", options.size, "of the pictures, in pixels")
        ->check(CLI::Range(64, 512))
        ->capture_default_str();
    command
        ->add_option("--plain-iterations", options.plain_iterations,
                     "of the plain LibTorch code, in pairs")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_option("--threads", options.threads, "threads to compute with, 0 = all cores")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    commands.push_back(command);
  }
  CLI11_PARSE(app, argc, argv);
  keep_freed_memory();
  set_thread_count(options.threads);
  fs::create_directories(options.out);
  const Figures figures(options);
  if (commands[0]->parsed()) figures.pairs();
  if (commands[1]->parsed()) figures.layers();
  if (commands[2]->parsed()) figures.weights();
  if (commands[3]->parsed()) figures.sizes();
  if (commands[4]->parsed()) figures.example();
  if (commands[5]->parsed()) figures.one_pass();
  return 0;
}

}  // namespace
}  // namespace likeness::bench

int main(int argc, char** argv) {
  try {
    return likeness::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "style_figures: error: " << error.what() << '\n';
    return 2;
  }
}
