#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/style/objective.h>

namespace likeness {
namespace {

using net::Tap;

void check_layers(const std::map<Tap, double>& layers, Tap last, const char* what) {
  for (const auto& [tap, weight] : layers) {
    if (!(weight >= 0) || !std::isfinite(weight))
      throw Error(ErrorCode::invalid_argument,
                  std::string(what) + " weight of " + std::string(net::to_string(tap)) + " is " +
                      number_text(weight) + "; weights must not be negative");
    if (tap > last)
      throw Error(ErrorCode::invalid_argument,
                  std::string(net::to_string(tap)) + ": the network ends at " +
                      std::string(net::to_string(last)) + "; leave that layer out");
  }
}

}  // namespace

void check_weights(const CostWeights& weights, const PerceptualNetwork& network) {
  for (const auto& [name, value] : {std::pair{"content weight", weights.content},
                                    {"style weight", weights.style},
                                    {"variation weight", weights.variation}})
    if (!(value >= 0) || !std::isfinite(value))
      throw Error(ErrorCode::invalid_argument, std::string(name) + " is " + number_text(value) +
                                                   "; weights must not be negative");
  check_layers(weights.content_layers, network.last_tap(), "content");
  check_layers(weights.style_layers, network.last_tap(), "style");
  if (weights.content == 0 && weights.style == 0)
    throw Error(ErrorCode::invalid_argument,
                "content weight and style weight are both 0: nothing to paint");
}

net::Tap CostWeights::last_tap() const {
  Tap last = Tap::relu1_1;
  if (content > 0)
    for (const auto& [tap, weight] : content_layers)
      if (weight > 0) last = std::max(last, tap);
  if (style > 0)
    for (const auto& [tap, weight] : style_layers)
      if (weight > 0) last = std::max(last, tap);
  return last;
}

}  // namespace likeness
