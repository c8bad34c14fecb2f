#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <likeness/core/error.h>
#include <likeness/style/film.h>

namespace likeness {
namespace {

/// Statistics are measured on every sixteenth frame, which is encoded twice then, and followed by
/// this share of the distance with each frame.
constexpr std::int64_t kMeasureEvery = 16;
constexpr double kFollow = 0.2;
/// A film has no time for more.
constexpr std::size_t kLooks = 1;

class OnePassBrush : public FrameBrush {
 public:
  OnePassBrush(const OnePassPainter& painter, PaintCodes style, const PaintControls& controls)
      : painter_(painter), style_(std::move(style)), controls_(controls) {
    controls_.looks = std::min(controls.looks, kLooks);
  }

  at::Tensor paint(const at::Tensor& frame, const FilmPast* past) override {
    if (past == nullptr || used_.empty()) {
      used_ = measured_ = painter_.statistics(frame);
      since_ = 0;
    } else if (++since_ % kMeasureEvery == 0) {
      measured_ = painter_.statistics(frame);
    }
    follow(used_.means, measured_.means);
    follow(used_.covariances, measured_.covariances);
    const at::Tensor painted = painter_.paint(frame, style_, controls_, &used_);
    return past == nullptr ? painted : mixed(painted, *past);
  }

  TensorMap state() const override {
    TensorMap state;
    put(state, "used", used_);
    put(state, "measured", measured_);
    state["since"] = at::tensor({since_}, at::kLong);
    return state;
  }

  void restore(const TensorMap& state) override {
    used_ = taken(state, "used");
    measured_ = taken(state, "measured");
    const auto since = state.find("since");
    if (since == state.end() || since->second.numel() != 1 ||
        used_.means.size() != measured_.means.size())
      throw Error(ErrorCode::corrupt_file, "the state of a film has no statistics that fit");
    since_ = since->second.item<std::int64_t>();
  }

 private:
  static at::Tensor mixed(const at::Tensor& painted, const FilmPast& past) {
    if (is_plain(painted) && is_plain(past.carried)) return mixed_in_place(painted, past);
    return at::lerp(painted, past.carried.to(painted.device()), past.trust.to(painted.device()));
  }

  /// at::lerp is slow where one trust stands for all colours.
  static at::Tensor mixed_in_place(const at::Tensor& painted, const FilmPast& past) {
    const at::Tensor trusts = past.trust.contiguous();
    const float* trust = trusts.data_ptr<float>();
    const float* carried = past.carried.data_ptr<float>();
    auto* to = painted.data_ptr<float>();
    constexpr std::int64_t kPixelsAtOnce = 1 << 14;
    at::parallel_for(0, trusts.numel(), kPixelsAtOnce, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        for (std::int64_t c = 3 * i; c < 3 * i + 3; ++c) to[c] += trust[i] * (carried[c] - to[c]);
    });
    return painted;
  }

  static bool is_plain(const at::Tensor& picture) {
    return picture.device().is_cpu() && picture.is_contiguous(at::MemoryFormat::ChannelsLast);
  }

  static void follow(std::vector<at::Tensor>& used, const std::vector<at::Tensor>& measured) {
    for (std::size_t i = 0; i < used.size(); ++i) used[i] = at::lerp(used[i], measured[i], kFollow);
  }

  static void put(TensorMap& state, const std::string& name, const net::PainterStatistics& values) {
    for (std::size_t i = 0; i < values.means.size(); ++i) {
      state[name + ".mean" + std::to_string(i)] = values.means[i];
      state[name + ".covariance" + std::to_string(i)] = values.covariances[i];
    }
  }

  net::PainterStatistics taken(const TensorMap& state, const std::string& name) const {
    net::PainterStatistics values;
    for (std::size_t i = 0;; ++i) {
      const auto mean = state.find(name + ".mean" + std::to_string(i));
      const auto covariance = state.find(name + ".covariance" + std::to_string(i));
      if (mean == state.end() || covariance == state.end()) return values;
      values.means.push_back(mean->second.to(painter_.device(), at::kFloat));
      values.covariances.push_back(covariance->second.to(painter_.device(), at::kFloat));
    }
  }

  const OnePassPainter& painter_;
  PaintCodes style_;
  PaintControls controls_;
  net::PainterStatistics used_;
  net::PainterStatistics measured_;
  std::int64_t since_ = 0;  ///< frames since the beginning or the last cut
};

}  // namespace

std::unique_ptr<FrameBrush> one_pass_brush(const OnePassPainter& painter, PaintCodes style,
                                           const PaintControls& controls) {
  return std::make_unique<OnePassBrush>(painter, std::move(style), controls);
}

}  // namespace likeness
