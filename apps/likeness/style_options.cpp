#include "style_options.h"

#include <string>

namespace likeness::cli {
namespace {

void add_weights(CLI::App& command, StyleCommand& options) {
  CostWeights& weights = options.run.weights;
  const std::string group = "What is painted";
  command.add_option("--content-weight", weights.content, "Weight of the content cost")
      ->type_name("W")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--style-weight", weights.style,
                  "Weight of the style cost: more gives more of the style")
      ->type_name("W")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--tv-weight", weights.variation,
                  "Weight of the squared differences of neighbours: more is smoother")
      ->type_name("W")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--layers", options.layers,
                  "Layers of the style cost, with weights where they are not 1: relu1_1,relu3_1=2 "
                  "(default: relu1_1 to relu4_1)")
      ->type_name("LAYER[=W]")
      ->delimiter(',')
      ->group(group);
  command
      .add_option("--content-layers", options.content_layers,
                  "Layers of the content cost (default: relu4_1)")
      ->type_name("LAYER[=W]")
      ->delimiter(',')
      ->group(group);
  command
      .add_option("--style-loss", options.style_loss,
                  "What of the style must agree: gram, mean-std, covariance, wasserstein, sliced")
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--gram-scale", options.gram_scale,
                  "How differences of Gram matrices are scaled: mean, gatys, neural-style")
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group);
}

void add_pictures(CLI::App& command, StyleCommand& options) {
  const std::string group = "Pictures";
  command
      .add_option("--size", options.run.size,
                  "Longest side of the result in pixels (default: the content's, 512 at most)")
      ->type_name("PIXELS")
      ->check(CLI::Range(1, 32768).description(""))
      ->group(group);
  command
      .add_option("--style-scale", options.run.style_scale,
                  "Size of the style against the result: larger gives larger strokes")
      ->type_name("SCALE")
      ->capture_default_str()
      ->group(group);
  command.add_option("--blend", options.blend, "How much of each style, for several: 0.3,0.7")
      ->type_name("SHARE")
      ->delimiter(',')
      ->group(group);
  command
      .add_option("--mask", options.masks,
                  "Part of the content for each style, white in black; 'all' for a style that is "
                  "everywhere")
      ->type_name("FILE")
      ->delimiter(',')
      ->group(group);
  command
      .add_option("--style-mask", options.style_masks,
                  "Part of each style that counts, white in black; 'all' for the whole picture")
      ->type_name("FILE")
      ->delimiter(',')
      ->group(group);
  command
      .add_option("--original-colors,--original-colours", options.original_colours,
                  "Off unless it is given. Keep the content's colours: luminance paints brightness "
                  "alone, match recolours the style first")
      ->expected(0, 1)
      ->default_str("luminance")
      ->type_name("HOW")
      ->group(group);
  command.add_option("--quality", options.quality, "Quality of JPEG and WebP, 1 to 100")
      ->type_name("Q")
      ->check(CLI::Range(1, 100).description(""))
      ->capture_default_str()
      ->group(group);
}

void add_descent(CLI::App& command, StyleCommand& options) {
  const std::string group = "Descent";
  StyliseOptions& run = options.run;
  command.add_option("--iterations", run.iterations, "Steps at most, of all sizes together")
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--time-budget", options.time_budget,
                  "Stop after so long with what there is: 60s, 2m")
      ->type_name("TIME")
      ->group(group);
  command
      .add_option("--tolerance", run.tolerance,
                  "A size is done when a step gains less of the cost than this share")
      ->type_name("SHARE")
      ->capture_default_str()
      ->group(group);
  command.add_option("--optimizer,--optimiser", options.optimiser, "lbfgs or adam")
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--history", run.optimiser.history,
                  "Steps that L-BFGS remembers; fewer take less memory")
      ->type_name("N")
      ->check(CLI::Range(1, 100).description(""))
      ->capture_default_str()
      ->group(group);
  command.add_option("--learning-rate", run.optimiser.learning_rate, "Of Adam")
      ->type_name("RATE")
      ->check(CLI::PositiveNumber.description(""))
      ->capture_default_str()
      ->group(group);
  command.add_option("--init", options.start, "Start from: content, noise, or a picture's file")
      ->type_name("START")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--coarsest", run.coarsest,
                  "Longest side to begin at, from where the picture grows; 0: the final size alone "
                  "(default: half of it, 256 at most)")
      ->type_name("PIXELS")
      ->check(CLI::Range(0, 32768).description(""))
      ->group(group);
  command
      .add_option(
          "--views", run.views,
          "Views that the last steps take the mean over: 1 as it is, 2 mirrored too, 4 also "
          "turned (default: with the built-in network 4, or 2 when there is time for a single "
          "step; 1 with others)")
      ->type_name("N")
      ->check(CLI::Range(1, 4).description(""))
      ->group(group);
  command.add_option("--seed", run.seed, "Seed of noise; the same seed gives the same file")
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--preview-every", run.preview_every,
                  "Write the picture so far to OUT after every N steps, and show it in terminals "
                  "that can")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber.description(""))
      ->group(group);
  command
      .add_flag("--resume", run.resume,
                "Go on with a painting that was stopped with Ctrl-C (from OUT.state)")
      ->group(group);
  command
      .add_option("--memory", options.memory,
                  "Memory that may be used, 4G or 800M (default: 70 % of what is free); large "
                  "pictures are painted in tiles to stay below it")
      ->type_name("BYTES")
      ->group(group);
}

void add_one_pass(CLI::App& command, StyleCommand& options) {
  const std::string group = "One pass";
  CLI::Option* fast =
      command
          .add_flag("--fast", options.fast,
                    "Paint in one pass of a network instead of by descent: a tenth of a second, a "
                    "third for the first picture; any "
                    "size (default: the content's)")
          ->group(group);
  command
      .add_option("--alpha", options.alpha, "How much of the style: 0 is the content, 1 all of it")
      ->type_name("SHARE")
      ->needs(fast)
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--strength", options.strength,
                  "Factors of alpha for fine, middle and coarse structure: 1,1,0.5 (up to 2)")
      ->type_name("FINE,MIDDLE,COARSE")
      ->delimiter(',')
      ->expected(3)
      ->needs(fast)
      ->group(group);
  command
      .add_option("--painter", options.painter,
                  "The painter's folder, from 'likeness train painter' (default: the one built in, "
                  "for any style); where it knows only some styles, STYLE is the name of one")
      ->type_name("DIR")
      ->needs(fast)
      ->group(group);
  command
      .add_option("--refine", options.refine,
                  "Go on by descent from there, for N steps: as good as descent alone, sooner")
      ->type_name("N")
      ->check(CLI::Range(0, 100000).description(""))
      ->needs(fast)
      ->capture_default_str()
      ->group(group);
}

/// Notes which options of some groups were typed, when all is parsed.
void note_descent(CLI::App& command, StyleCommand& options) {
  command.parse_complete_callback([&command, &options] {
    for (const CLI::Option* option : command.get_options()) {
      const std::string& group = option->get_group();
      const bool of_descent =
          group == "Descent" || group == "Network" || group == "What is painted";
      const bool of_both = option->get_name() == "--memory" || option->get_name() == "--precision";
      if (of_descent && !of_both && option->count() > 0)
        options.of_descent.push_back(option->get_name());
    }
  });
}

void add_network(CLI::App& command, StyleCommand& options) {
  const std::string group = "Network";
  command
      .add_option("--perceptual", options.perceptual,
                  "Whose activations are compared: vgg_half (built in), vgg19 with --weights, or "
                  "the folder of one from 'likeness train perceptual'")
      ->type_name("NAME|DIR")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--weights", options.weights,
                  "VGG-19 as safetensors with torchvision's names, for --perceptual vgg19")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--pooling", options.pooling, "max or average")
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--precision", options.precision,
                  "f32, bf16 (half the memory, faster where the processor has it), or auto")
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group);
}

}  // namespace

void add_style_options(CLI::App& command, StyleCommand& options) {
  command.add_option("CONTENT", options.content, "The picture to paint, or - for standard input")
      ->required();
  command.add_option("STYLE", options.styles, "The picture in whose style; or several")->required();
  command
      .add_option("-o,--output", options.output, "The painting: .png, .jpg, .webp, .bmp or .tif")
      ->type_name("OUT")
      ->required();
  command.add_flag("--grid", options.grid,
                   "Paint every content in every style: CONTENT and STYLE may be folders or "
                   "patterns, OUT is a folder, with a contact sheet");
  add_weights(command, options);
  add_pictures(command, options);
  add_descent(command, options);
  add_network(command, options);
  add_one_pass(command, options);
  note_descent(command, options);
}

}  // namespace likeness::cli
