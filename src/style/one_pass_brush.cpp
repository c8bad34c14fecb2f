#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/style/film.h>

namespace likeness {
namespace {

/// Statistics are measured on every sixteenth frame, which is encoded twice then, and followed by
/// this share of the distance with each frame.
constexpr std::int64_t kMeasureEvery = 16;
constexpr double kFollow = 0.2;

class OnePassBrush : public FrameBrush {
 public:
  OnePassBrush(const OnePassPainter& painter, PaintCodes style, const PaintControls& controls)
      : painter_(painter), style_(std::move(style)), controls_(controls) {}

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
    return at::lerp(painted, past.carried.to(painted.device()), past.trust.to(painted.device()));
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
