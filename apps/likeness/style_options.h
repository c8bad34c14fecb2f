#pragma once

/// What `likeness style` takes, as it was typed, and what becomes of it.

#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <likeness/style/stylise.h>

#include "command.h"

namespace likeness::cli {

struct StyleCommand {
  std::string content;
  std::vector<std::string> styles;
  std::string output;
  std::vector<double> blend;
  std::vector<std::string> masks;        ///< of the content, one for each style
  std::vector<std::string> style_masks;  ///< of the styles
  std::vector<std::string> layers;
  std::vector<std::string> content_layers;
  std::string style_loss = "gram";
  std::string gram_scale = "mean";
  std::string optimiser = "lbfgs";
  std::string start = "content";
  std::string original_colours;
  std::string time_budget;
  std::string memory;
  std::string perceptual = "vgg_half";
  std::string weights;
  std::string pooling = "max";
  std::string precision = "auto";
  int quality = 95;
  bool grid = false;
  bool fast = false;
  std::string painter;  ///< a run's folder; empty: the painter that is compiled in
  int refine = 0;       ///< iterations of descent after the one pass
  std::vector<double> strength = {1, 1, 1};  ///< fine, middle, coarse
  double alpha = 1;
  StyliseOptions run = {};  ///< options that need no translation
  /// The options on the command line that only descent looks at; set while parsing.
  std::vector<std::string> of_descent = {};
};

void add_style_options(CLI::App& command, StyleCommand& options);

/// Everything but the pictures. Throws Error(invalid_argument).
StyliseOptions stylise_options(const StyleCommand& options);

}  // namespace likeness::cli
