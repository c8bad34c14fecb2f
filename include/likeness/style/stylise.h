#pragma once

/// `likeness style` as one call: paints the content picture in the style of others by gradient
/// descent on the picture (Gatys, Ecker and Bethge 2016), from coarse to fine.
///
/// Why coarse to fine: layers see a fixed number of pixels, so large strokes are found where the
/// picture is small, for a quarter of the price, and the next size starts from them (Gatys et al.
/// 2017, section 6). Thread-safe: a call shares nothing with others but the network.
///
///     const StyliseResult result = stylise(network, photo, {{.picture = painting}}, {}, {});
///     write_image("out.png", result.picture);

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <likeness/core/progress.h>
#include <likeness/image/image.h>
#include <likeness/style/objective.h>
#include <likeness/style/perceptual_network.h>
#include <likeness/style/picture_optimiser.h>

namespace likeness {

struct StyleSource {
  Image picture;
  double share = 1;   ///< of its cost; shares are scaled to sum to 1 over styles without a region
  Image mask = {};    ///< the part of `picture` that counts, white in black; empty: all
  Image region = {};  ///< the part of the content that is painted with it; empty: all
};

/// The picture that descent starts from.
enum class StyleStart { content, noise, picture };
std::string_view to_string(StyleStart start);

/// What keeps the content's colours (Gatys et al. 2017, section 5).
enum class OriginalColours {
  no,
  luminance,  ///< the painting's brightness with the content's colours
  match,      ///< styles are brought to the mean and covariance of the content's colours first
};
std::string_view to_string(OriginalColours colours);
/// Throws Error(invalid_argument) with the names that there are.
OriginalColours original_colours_from_name(std::string_view name);

struct StyliseOptions {
  CostWeights weights = {};
  PictureOptimiserOptions optimiser = {};
  int size = 0;            ///< longest side of the result; 0: the content's, 512 at most
  double style_scale = 1;  ///< longest side of a style against that of the result
  StyleStart start = StyleStart::content;
  Image start_picture = {};  ///< with StyleStart::picture; its detail is kept from size to size
  std::uint64_t seed = 1;    ///< of noise and of the sliced Wasserstein distance
  int iterations = 120;      ///< of all sizes together, at most
  double time_budget = 0;    ///< seconds for all of them; 0: any
  double tolerance = 1e-4;   ///< a size is done when an iteration gains less of the cost; 0: never
  /// Longest side to begin at; 0: only the final size. Not set: half the final one, 256 at most.
  std::optional<int> coarsest = {};
  /// Views (views.h) that the cost is a mean over in the last steps at the final size: 1 to 4. Not
  /// set: 4 under a network that stands for another, which has lifts, or 2 where there is a single
  /// such step; 1 under others.
  std::optional<std::size_t> views = {};
  OriginalColours original_colours = OriginalColours::no;
  std::int64_t memory = 0;  ///< bytes that may be used; 0: 70 % of what is free

  /// Where style statistics are kept for the next time; empty: nowhere.
  std::filesystem::path cache = {};
  /// Where the state of a painting is kept when it is cancelled, and taken up from; empty: nowhere.
  /// Removed when the painting is done.
  std::filesystem::path state = {};
  /// Seconds after which the state is also written on the way, so that a killed process loses no
  /// more; 0: only when it is cancelled. Large states are written less often: writing takes a
  /// twentieth of the time at most.
  double state_every = 0;
  bool resume = false;  ///< go on from `state`, which must be of the same painting

  /// Told the costs at the size at hand after an iteration that improved the picture.
  std::function<void(const Costs& costs, int iteration)> on_step = {};
  int preview_every = 0;  ///< iterations; 0: never
  std::function<void(const Image& picture, int iteration)> preview = {};
};

/// One size, or the last one in several views.
struct StyleLevel {
  int width = 0;
  int height = 0;
  int views = 1;
  int iterations = 0;
  double seconds = 0;
  double cost = 0;         ///< J at its end
  bool converged = false;  ///< ended by `tolerance`
};

struct StyliseResult {
  Image picture;  ///< with the content's alpha
  Costs costs;    ///< of `picture` as it is here, in 8 bits, before colours are put back
  int iterations = 0;
  double seconds = 0;
  std::vector<StyleLevel> levels;
  std::int64_t memory_need = 0;  ///< bytes that were estimated
  std::int64_t tile_side = 0;    ///< 0: painted as a whole
  bool cancelled = false;        ///< `picture` is what there was by then
};

struct PaintingSize {
  int width = 0;
  int height = 0;
};
/// Of the result for StyliseOptions::size.
PaintingSize painting_size(const Image& content, int size);

/// Paints. `content`: any size and aspect; transparent parts count as white. Styles: at least one.
/// Throws Error: invalid_argument (options that cannot be used, an empty mask or region, content
/// that is transparent everywhere, a state of another painting), too_large (does not fit the
/// memory), corrupt_file (state), write_failed (state), diverged.
StyliseResult stylise(const PerceptualNetwork& network, const Image& content,
                      const std::vector<StyleSource>& styles, const StyliseOptions& options,
                      Progress& progress, const Cancellation* cancellation);

}  // namespace likeness
