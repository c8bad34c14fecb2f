#include "style/painting_checks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/text.h>
#include <likeness/style/mask.h>
#include <likeness/style/views.h>

namespace likeness {
namespace {

bool is_transparent(const Image& image) {
  if (!image.has_alpha()) return false;
  const auto pixels = image.pixels();
  for (std::size_t i = 3; i < pixels.size(); i += 4)
    if (pixels[i] > 0) return false;
  return true;
}

std::string digest(const Image& image) {
  if (image.empty()) return "none";
  return std::to_string(image.width()) + "x" + std::to_string(image.height()) + " " +
         sha256(image.pixels()).substr(0, 16);
}

std::string layers_text(const std::map<net::Tap, double>& layers) {
  std::ostringstream text;
  for (const auto& [tap, weight] : layers) text << net::to_string(tap) << "=" << weight << " ";
  return text.str();
}

}  // namespace

void refuse(const std::string& what) {
  throw Error(ErrorCode::invalid_argument, what);
}

void check_painting(const Image& content, const std::vector<StyleSource>& styles,
                    const StyliseOptions& options) {
  LIKENESS_CHECK(!content.empty());
  if (styles.empty()) refuse("no style is given");
  if (is_transparent(content))
    refuse("the content is transparent everywhere (alpha 0): nothing of it can be painted");
  double sum = 0;
  for (const StyleSource& style : styles) {
    LIKENESS_CHECK(!style.picture.empty());
    if (!(style.share >= 0) || !std::isfinite(style.share))
      refuse("a style's share is " + number_text(style.share) + "; shares must not be negative");
    sum += style.share;
    if (is_transparent(style.picture))
      refuse("a style picture is transparent everywhere (alpha 0)");
    if (!style.mask.empty()) check_mask(style.mask, "a style mask");
    if (!style.region.empty()) check_mask(style.region, "a mask of the content");
  }
  if (!(sum > 0)) refuse("the shares of the styles are all 0");
  if (options.size < 0) refuse("size " + std::to_string(options.size) + " is negative");
  if (options.iterations < 1)
    refuse("iterations: " + std::to_string(options.iterations) + " is less than 1");
  if (!(options.style_scale > 0) || options.style_scale > 100)
    refuse("style scale " + number_text(options.style_scale) + " is not above 0 and up to 100");
  if (options.views && (*options.views < 1 || *options.views > kViews.size()))
    refuse("views: " + std::to_string(*options.views) + " is not 1 to " +
           std::to_string(kViews.size()));
  if (!(options.time_budget >= 0)) refuse("the time budget must not be negative");
  if (options.start == StyleStart::picture && options.start_picture.empty())
    refuse("no picture to start from is given");
}

std::vector<StyleSource> with_even_shares(std::vector<StyleSource> styles) {
  double sum = 0;
  double region_sum = 0;
  int regions = 0;
  for (const StyleSource& style : styles) {
    (style.region.empty() ? sum : region_sum) += style.share;
    regions += style.region.empty() ? 0 : 1;
  }
  for (StyleSource& style : styles) {
    const double whole = style.region.empty() ? sum : region_sum / regions;
    if (whole > 0) style.share /= whole;
  }
  return styles;
}

std::map<std::string, std::string> painting_identity(const PerceptualNetwork& network,
                                                     const Image& content,
                                                     const std::vector<StyleSource>& styles,
                                                     const StyliseOptions& options) {
  const CostWeights& weights = options.weights;
  std::ostringstream costs;
  costs << weights.content << " " << weights.style << " " << weights.variation << " "
        << to_string(weights.style_loss) << " " << to_string(weights.gram_scale);
  std::ostringstream method;
  method << to_string(options.optimiser.method) << " " << options.optimiser.history << " "
         << options.optimiser.learning_rate;
  std::map<std::string, std::string> identity = {
      {"network", network.fingerprint()},
      {"content", digest(content)},
      {"weights", costs.str()},
      {"content layers", layers_text(weights.content_layers)},
      {"style layers", layers_text(weights.style_layers)},
      {"optimiser", method.str()},
      {"size", std::to_string(options.size) + " from " +
                   (options.coarsest ? std::to_string(*options.coarsest) : "half")},
      {"views", options.views ? std::to_string(*options.views) : "as the network needs"},
      {"style scale", std::to_string(options.style_scale)},
      {"colours", std::string(to_string(options.original_colours))},
      {"seed", std::to_string(options.seed)},
      {"start", std::string(to_string(options.start)) + " " + digest(options.start_picture)},
      {"styles", std::to_string(styles.size())},
  };
  for (std::size_t i = 0; i < styles.size(); ++i) {
    std::ostringstream text;
    text << digest(styles[i].picture) << " share " << styles[i].share << " mask "
         << digest(styles[i].mask) << " region " << digest(styles[i].region);
    identity["style " + std::to_string(i + 1)] = text.str();
  }
  return identity;
}

std::string_view to_string(StyleStart start) {
  constexpr std::array<std::string_view, 3> kNames = {"content", "noise", "picture"};
  return kNames.at(static_cast<std::size_t>(start));
}

std::string_view to_string(OriginalColours colours) {
  constexpr std::array<std::string_view, 3> kNames = {"no", "luminance", "match"};
  return kNames.at(static_cast<std::size_t>(colours));
}

OriginalColours original_colours_from_name(std::string_view name) {
  for (const auto colours :
       {OriginalColours::no, OriginalColours::luminance, OriginalColours::match})
    if (to_string(colours) == name) return colours;
  throw Error(ErrorCode::invalid_argument,
              "'" + std::string(name) + "' keeps no colours; use luminance or match");
}

}  // namespace likeness
