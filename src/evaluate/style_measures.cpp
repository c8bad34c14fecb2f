#include <numeric>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/csv.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/style_measures.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/style/costs.h>

namespace likeness {
namespace {

constexpr std::size_t kMaxMeasuresBytes = std::size_t{64} << 20;

double content_difference(const JudgedPicture& a, const JudgedPicture& b) {
  return content_cost(a.content, b.content).item<double>();
}

double style_difference(const Moments& a, const Moments& b, StyleLoss loss) {
  return style_cost(a, b, loss).item<double>();
}

bool same_size(const JudgedPicture& a, const JudgedPicture& b) {
  return a.width == b.width && a.height == b.height;
}

std::string size_of(const JudgedPicture& picture) {
  return std::to_string(picture.width) + " x " + std::to_string(picture.height);
}

std::optional<double> share(double value, double whole) {
  return whole > 0 ? std::optional(value / whole) : std::nullopt;
}

/// At equal size; a content that is the style leaves nothing to compare with.
std::optional<double> content_share(double value, const JudgedPicture& content,
                                    const JudgedPicture& style) {
  if (!same_size(content, style)) return std::nullopt;
  return share(value, content_difference(style, content));
}

std::array<double, kJudgedTaps.size()> layer_differences(const JudgedPicture& a,
                                                         const JudgedPicture& b, StyleLoss loss) {
  std::array<double, kJudgedTaps.size()> result = {};
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = style_difference(a.moments[i], b.moments[i], loss);
  return result;
}

double sum(const std::array<double, kJudgedTaps.size()>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

void check_judge(const PerceptualNetwork& network) {
  if (network.last_tap() < kJudgedTaps.back())
    throw Error(ErrorCode::invalid_argument, "the network that judges ends at " +
                                                 std::string(to_string(network.last_tap())) +
                                                 "; the measures need relu4_1");
  if (network.bf16())
    throw Error(ErrorCode::invalid_argument, "the network that judges must compute in float32");
}

}  // namespace

JudgedPicture judge_picture(const PerceptualNetwork& network, const Image& picture,
                            const std::string& name) {
  check_judge(network);
  const auto smallest = net::VggImpl::smallest_side(kJudgedTaps.back());
  if (picture.width() < smallest || picture.height() < smallest)
    throw Error(ErrorCode::invalid_argument, name + ": " + std::to_string(picture.width()) + " x " +
                                                 std::to_string(picture.height()) +
                                                 " pixels are too few; each side needs " +
                                                 std::to_string(smallest));
  const at::NoGradGuard no_gradients;
  const at::Tensor pixels = to_tensor(without_alpha(picture)).to(network.device());
  const std::vector<at::Tensor> taps = network.features(pixels, kJudgedTaps.back());
  JudgedPicture result{.width = picture.width(),
                       .height = picture.height(),
                       .variation = total_variation(pixels).item<double>(),
                       .moments = {},
                       .content = lifted(taps.back(), network.lift(kJudgedTaps.back()))};
  for (std::size_t i = 0; i < kJudgedTaps.size(); ++i)
    result.moments[i] = lifted(moments(taps[i]), network.lift(kJudgedTaps[i]));
  return result;
}

double StyleMeasures::style() const {
  return sum(style_layers);
}

StyleMeasures measure_style(const JudgedPicture& picture, const JudgedPicture& content,
                            const JudgedPicture& style) {
  if (!same_size(picture, content))
    throw Error(ErrorCode::invalid_argument, "the picture has " + size_of(picture) +
                                                 " pixels and its content " + size_of(content) +
                                                 "; they must have one size");
  StyleMeasures result{.content = content_difference(picture, content),
                       .style_layers = layer_differences(picture, style, StyleLoss::gram),
                       .adain = sum(layer_differences(picture, style, StyleLoss::mean_std)),
                       .variation = picture.variation,
                       .content_share = {},
                       .style_share = {}};
  result.content_share = content_share(result.content, content, style);
  result.style_share =
      share(result.style(), sum(layer_differences(content, style, StyleLoss::gram)));
  return result;
}

std::vector<PaintedPicture> parse_painted_pictures(std::string_view csv, const std::string& name,
                                                   const std::filesystem::path& folder) {
  CsvReader reader(csv, name);
  if (reader.next() != std::vector<std::string>{"content", "style", "picture"})
    reader.fail("expected the header content,style,picture");
  std::vector<PaintedPicture> pictures;
  while (const auto fields = reader.next()) {
    if (fields->size() != 3 || fields->at(0).empty() || fields->at(1).empty() ||
        fields->at(2).empty())
      reader.fail("expected CONTENT,STYLE,PICTURE");
    pictures.push_back({.content = folder / fields->at(0),
                        .style = folder / fields->at(1),
                        .picture = folder / fields->at(2)});
  }
  if (pictures.empty()) reader.fail("the list has no pictures");
  return pictures;
}

std::vector<PaintedPicture> read_painted_pictures(const std::filesystem::path& path) {
  const Bytes bytes = read_file(path, kMaxMeasuresBytes);
  return parse_painted_pictures({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                                path.string(), path.parent_path());
}

}  // namespace likeness
