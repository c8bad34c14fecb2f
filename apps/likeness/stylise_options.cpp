#include <charconv>
#include <map>
#include <string>
#include <vector>

#include <likeness/core/error.h>

#include "quantities.h"
#include "style_options.h"

namespace likeness::cli {
namespace {

/// "relu1_1" or "relu1_1=0.5".
std::map<net::Tap, double> parse_layers(const std::vector<std::string>& texts,
                                        const std::string& option) {
  std::map<net::Tap, double> layers;
  for (const std::string& text : texts) {
    const std::size_t sign = text.find('=');
    const net::Tap tap = net::tap_from_name(text.substr(0, sign));
    double weight = 1;
    if (sign != std::string::npos) {
      const std::string number = text.substr(sign + 1);
      const auto [end, error] =
          std::from_chars(number.data(), number.data() + number.size(), weight);
      if (error != std::errc() || end != number.data() + number.size())
        throw Error(ErrorCode::invalid_argument,
                    option + " " + text + ": '" + number + "' is no number");
    }
    layers[tap] = weight;
  }
  return layers;
}

}  // namespace

StyliseOptions stylise_options(const StyleCommand& options) {
  StyliseOptions run = options.run;
  run.weights.style_loss = style_loss_from_name(options.style_loss);
  run.weights.gram_scale = gram_scale_from_name(options.gram_scale);
  if (!options.layers.empty()) run.weights.style_layers = parse_layers(options.layers, "--layers");
  if (!options.content_layers.empty())
    run.weights.content_layers = parse_layers(options.content_layers, "--content-layers");
  run.optimiser.method = picture_method_from_name(options.optimiser);
  if (!options.original_colours.empty())
    run.original_colours = original_colours_from_name(options.original_colours);
  if (!options.time_budget.empty())
    run.time_budget = parse_duration(options.time_budget, "--time-budget");
  if (!options.memory.empty()) run.memory = parse_bytes(options.memory, "--memory");
  if (options.start == "noise")
    run.start = StyleStart::noise;
  else if (options.start != "content")
    run.start = StyleStart::picture;
  return run;
}

}  // namespace likeness::cli
