#include <algorithm>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/text.h>
#include <likeness/model/network.h>
#include <likeness/style/one_pass_painter.h>

#include "embedded/painter.h"

namespace likeness {
namespace {

constexpr std::int64_t kMostChannels = 1024;
constexpr std::int64_t kTypicalSide = 512;

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

/// How many scales each look at what is painted regards. Looks are numbered from 0.
std::vector<std::size_t> looks_in(const TensorMap& weights, const std::string& name) {
  const auto part = [](std::size_t look) { return "retouch." + std::to_string(look) + "."; };
  std::vector<std::size_t> looks;
  for (const auto& [key, tensor] : weights) {  // sorted by their names
    if (!key.starts_with("retouch.")) continue;
    if (!looks.empty() && key.starts_with(part(looks.size() - 1))) continue;
    if (!key.starts_with(part(looks.size())))
      throw Error(ErrorCode::corrupt_file,
                  name + ": no painter of this build in it: '" + key +
                      "' belongs to no look; train one with 'likeness train painter'");
    looks.push_back(weights.contains(part(looks.size()) + "style2") ? 3 : 2);
  }
  return looks;
}

/// "cypress/wave" as a list: no file's name has a slash in it.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, '/');) parts.push_back(part);
  return parts;
}

/// Continues the last rows and columns up to sides that the network takes.
at::Tensor continued(const at::Tensor& picture) {
  constexpr std::int64_t kStep = net::PainterImpl::kStep;
  const auto missing = [](std::int64_t side) {
    return std::max(2 * kStep, (side + kStep - 1) / kStep * kStep) - side;
  };
  const std::int64_t down = missing(picture.size(2));
  const std::int64_t right = missing(picture.size(3));
  const at::Tensor whole = down == 0 && right == 0
                               ? picture
                               : at::replication_pad2d(picture.contiguous(), {0, right, 0, down});
  return whole.contiguous(at::MemoryFormat::ChannelsLast);
}

/// mask: [H, W]; what was continued does not count.
at::Tensor padded_mask(const at::Tensor& mask, const at::Tensor& whole) {
  return at::constant_pad_nd(mask,
                             {0, whole.size(3) - mask.size(1), 0, whole.size(2) - mask.size(0)});
}

/// Sides of a part in whole steps of the network.
std::int64_t steps_over(std::int64_t pixels) {
  return (pixels + net::PainterImpl::kStep - 1) / net::PainterImpl::kStep;
}

/// map: [H, W].
at::Tensor part_of(const at::Tensor& map, const PictureArea& part) {
  return map.narrow(0, part.y, net::PainterImpl::kStep * steps_over(part.height))
      .narrow(1, part.x, net::PainterImpl::kStep * steps_over(part.width));
}

net::PainterFeatures part_of(net::PainterFeatures features, const PictureArea& part) {
  constexpr std::int64_t kStep = net::PainterImpl::kStep;
  LIKENESS_CHECK(part.x % kStep == 0 && part.y % kStep == 0);
  std::int64_t step = net::PainterEncoderImpl::kShuffled;
  for (at::Tensor& scale : features) {
    const std::int64_t places = kStep / step;  // of a step
    if (scale.defined())
      scale = scale.narrow(2, part.y / step, places * steps_over(part.height))
                  .narrow(3, part.x / step, places * steps_over(part.width));
    step *= 2;
  }
  return features;
}

}  // namespace

net::PainterOptions painter_options_in(const TensorMap& weights, const std::string& name) {
  net::PainterOptions options;
  options.widths = {size_in(weights, name, "encoder.0.weight", 0),
                    size_in(weights, name, "encoder.1.weight", 0),
                    size_in(weights, name, "encoder.3.weight", 0)};
  options.projected = size_in(weights, name, "projection0", 0);
  options.hidden = size_in(weights, name, "hidden_weight", 0);
  options.looks = looks_in(weights, name);
  options.blocks = {0, 0, 0};
  for (std::int64_t i = 0; weights.contains("blocks." + std::to_string(2 * i) + ".weight"); ++i) {
    const std::string first = "blocks." + std::to_string(2 * i) + ".weight";
    const auto scale =
        std::find(options.widths.begin(), options.widths.end(), size_in(weights, name, first, 0));
    if (scale == options.widths.end())
      throw Error(ErrorCode::corrupt_file,
                  name + ": no painter in it: '" + first + "' has the channels of no scale");
    ++options.blocks[static_cast<std::size_t>(scale - options.widths.begin())];
  }
  if (!(options.widths[0] < options.widths[1] && options.widths[1] < options.widths[2]))
    throw Error(ErrorCode::corrupt_file, name + ": no painter in it: its channels do not rise");
  return options;
}

OnePassPainter make_painter(const TensorMap& weights, const std::string& name,
                            const std::vector<std::string>& styles, c10::Device device,
                            const PainterLoadOptions& options) {
  OnePassPainter painter;
  painter.device_ = device;
  painter.network_ = net::Painter(painter_options_in(weights, name));
  try {
    load_parameters(*painter.network_, weights);
  } catch (const Error& error) {
    throw Error(error.code(), name + ": " + error.what());
  }
  painter.network_->to(device);
  for (at::Tensor& parameter : painter.network_->parameters()) parameter.set_requires_grad(false);
  painter.network_->pack(kTypicalSide, options.bf16 && device.is_cpu());
  const auto codes = weights.find("codes");
  if (codes != weights.end()) {
    const at::Tensor& rows = codes->second;
    if (rows.dim() != 2 || rows.size(0) != static_cast<std::int64_t>(styles.size()) ||
        rows.size(1) != painter.code_size() || !at::isfinite(rows).all().item<bool>())
      throw Error(ErrorCode::corrupt_file,
                  name + ": 'codes' must hold one row of " + std::to_string(painter.code_size()) +
                      " numbers for each of its " + std::to_string(styles.size()) +
                      " styles; one of an earlier build has to be trained anew (--init takes it)");
    painter.codes_ = rows.to(device, at::kFloat);
    painter.styles_ = styles;
  }
  const Bytes bytes = serialize_safetensors({.tensors = weights});
  painter.fingerprint_ = sha256(bytes).substr(0, 16);
  return painter;
}

OnePassPainter builtin_painter(c10::Device device, const PainterLoadOptions& options) {
  static constexpr char kName[] = "painter (compiled in)";
  return make_painter(parse_safetensors(embedded::painter(), kName).tensors, kName, {}, device,
                      options);
}

OnePassPainter open_painter(const std::filesystem::path& folder, c10::Device device,
                            const PainterLoadOptions& options) {
  const ModelEntry entry = read_local_model(folder, builtin_manifest());
  if (entry.task != "painter")
    throw Error(ErrorCode::invalid_argument,
                folder.string() + ": holds a " + entry.task + ", not a painter");
  const auto styles = entry.settings.find("styles");
  return make_painter(
      read_safetensors(entry.file).tensors, entry.file.string(),
      styles == entry.settings.end() ? std::vector<std::string>{} : split(styles->second), device,
      options);
}

void OnePassPainter::require_any_style() const {
  if (!styles_.empty())
    throw Error(ErrorCode::invalid_argument,
                "this painter knows only its own styles: " + comma_list(styles_));
}

at::Tensor OnePassPainter::code(const net::PainterStatistics& style) const {
  require_any_style();
  const at::NoGradGuard no_gradients;
  net::Painter network = network_;
  return network->code(style);
}

at::Tensor OnePassPainter::code(const at::Tensor& picture, const at::Tensor& mask) const {
  require_any_style();
  const at::NoGradGuard no_gradients;
  net::Painter network = network_;
  const at::Tensor whole = continued(picture.to(device_));
  const at::Tensor part = mask.defined() ? padded_mask(mask.to(device_), whole) : at::Tensor();
  return network->code(network->encode(whole), part);
}

at::Tensor OnePassPainter::code_of(std::string_view style) const {
  auto found = std::find(styles_.begin(), styles_.end(), style);
  if (found == styles_.end())
    found = std::find(styles_.begin(), styles_.end(), std::filesystem::path(style).stem().string());
  if (found == styles_.end())
    throw Error(
        ErrorCode::invalid_argument,
        "'" + std::string(style) + "' is no style of this painter; it knows " +
            (styles_.empty() ? "none by name, but paints any picture's" : comma_list(styles_)));
  return codes_.narrow(0, found - styles_.begin(), 1);
}

PaintCodes OnePassPainter::resolved(const std::function<at::Tensor()>& own_code,
                                    const PaintCodes& style, const PaintControls& controls) const {
  const bool full = std::all_of(controls.strength.begin(), controls.strength.end(),
                                [&](double factor) { return controls.alpha * factor == 1; });
  if (full && !style.maps.defined()) return style;
  const at::Tensor own = own_code();
  at::Tensor shares = at::empty({1, code_size()}, own.options());
  for (const net::PainterPlace& place : network_->places())
    shares.narrow(1, place.begin, place.size)
        .fill_(controls.alpha * controls.strength[static_cast<std::size_t>(place.scale)]);
  PaintCodes result{.codes = own + shares * (style.codes - own), .maps = style.maps};
  if (!style.maps.defined()) return result;
  const at::Tensor left = 1 - style.maps.sum(0, true);
  if (left.max().item<float>() < 1e-3F) return result;
  result.codes = at::cat({result.codes, own});
  result.maps = at::cat({style.maps, left.clamp_min(0)});
  return result;
}

PaintCodes OnePassPainter::resolved(const net::PainterStatistics& content, const PaintCodes& style,
                                    const PaintControls& controls) const {
  const at::NoGradGuard no_gradients;
  net::Painter network = network_;
  return resolved([&] { return network->code(content); }, style, controls);
}

net::PainterStyling OnePassPainter::styling_of(const PaintCodes& ready,
                                               const net::PainterStatistics* use,
                                               const net::PaintedStatistics* painted) const {
  return {.codes = ready.codes,
          .maps = ready.maps.defined() ? continued(ready.maps.to(device_).unsqueeze(0))[0]
                                       : at::Tensor(),
          .use = use,
          .painted = painted};
}

at::Tensor OnePassPainter::paint(const at::Tensor& picture, const PaintCodes& style,
                                 const PaintControls& controls, const net::PainterStatistics* use,
                                 const net::PaintedStatistics* painted) const {
  const at::NoGradGuard no_gradients;
  net::Painter network = network_;
  const net::PainterFeatures content = network->encode(continued(picture.to(device_)));
  const PaintCodes ready = resolved([&] { return network->code(content); }, style, controls);
  net::PainterStyling styling = styling_of(ready, use, painted);
  styling.looks = controls.looks;
  return network->decode(content, styling)
      .narrow(2, 0, picture.size(2))
      .narrow(3, 0, picture.size(3));
}

std::vector<net::PainterStatistics> OnePassPainter::painted_statistics(
    const at::Tensor& picture, const PaintCodes& style, const PictureArea& part,
    const net::PainterStatistics& use, const net::PaintedStatistics& before) const {
  const at::NoGradGuard no_gradients;
  net::Painter network = network_;
  const net::PainterStyling styling = styling_of(style, &use, &before);
  const net::PainterFeatures content = network->encode(continued(picture.to(device_)));
  const net::PainterFeatures features = part_of(network->seen(content, styling), part);
  std::vector<net::PainterStatistics> all;
  for (std::int64_t k = 0; k < style.codes.size(0); ++k) {
    const at::Tensor map = styling.maps.defined() ? part_of(styling.maps[k], part) : at::Tensor();
    const bool rules = !map.defined() || map.sum().item<float>() > 0;
    all.push_back(rules ? net::PainterImpl::statistics(features, map) : net::PainterStatistics{});
  }
  return all;
}

net::PainterStatistics OnePassPainter::statistics(const at::Tensor& picture) const {
  const at::NoGradGuard no_gradients;
  net::Painter network = network_;
  return net::PainterImpl::statistics(network->encode(continued(picture.to(device_))));
}

net::PainterStatistics OnePassPainter::statistics(const at::Tensor& picture,
                                                  const PictureArea& part,
                                                  const at::Tensor& mask) const {
  const at::NoGradGuard no_gradients;
  net::Painter network = network_;
  const at::Tensor whole = continued(picture.to(device_));
  return net::PainterImpl::statistics(
      part_of(network->encode(whole), part),
      mask.defined() ? part_of(padded_mask(mask.to(device_), whole), part) : at::Tensor());
}

}  // namespace likeness
