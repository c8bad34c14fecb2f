#include <likeness/core/error.h>
#include <likeness/style/one_pass_painter.h>

namespace likeness {
namespace {

constexpr std::int64_t kMostChannels = 1024;

/// Size `dimension` of a tensor that must be there.
std::int64_t size_in(const TensorMap& weights, const std::string& name, const std::string& tensor,
                     std::int64_t dimension) {
  const auto found = weights.find(tensor);
  if (found == weights.end() || found->second.dim() <= dimension)
    throw Error(ErrorCode::corrupt_file,
                name + ": no painter in it: '" + tensor + "' is missing or has another shape");
  const std::int64_t size = found->second.size(dimension);
  if (size < 1 || size > kMostChannels)
    throw Error(ErrorCode::corrupt_file,
                name + ": '" + tensor + "' has a side of " + std::to_string(size));
  return size;
}

}  // namespace

net::PainterOptions painter_options_in(const TensorMap& weights, const std::string& name) {
  net::PainterOptions options;
  options.widths = {size_in(weights, name, "encoder.0.weight", 0),
                    size_in(weights, name, "encoder.1.weight", 0),
                    size_in(weights, name, "encoder.3.weight", 0)};
  options.projected = size_in(weights, name, "projection0", 0);
  options.hidden = size_in(weights, name, "hidden_weight", 0);
  std::int64_t convolutions = 0;
  while (weights.contains("blocks." + std::to_string(convolutions) + ".weight")) ++convolutions;
  options.blocks = convolutions / 2 - 2;  // one more at each finer scale
  if (options.blocks < 1)
    throw Error(ErrorCode::corrupt_file, name + ": no painter in it: it has " +
                                             std::to_string(convolutions) +
                                             " convolutions in blocks");
  return options;
}

}  // namespace likeness
