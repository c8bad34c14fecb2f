#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/core/timer.h>
#include <likeness/image/tensor.h>
#include <likeness/style/film.h>

namespace likeness {
namespace {

/// A cut: less than this share of the frame can be followed.
constexpr double kCutShare = 0.25;

/// Adds the time until it is destroyed.
class AddedTime {
 public:
  explicit AddedTime(double& sum) : sum_(sum) {}
  ~AddedTime() { sum_ += timer_.seconds(); }
  AddedTime(const AddedTime&) = delete;
  AddedTime& operator=(const AddedTime&) = delete;

 private:
  double& sum_;
  Timer timer_;
};

constexpr char kBrushPrefix[] = "brush.";

}  // namespace

FilmPainter::FilmPainter(std::unique_ptr<FrameBrush> brush, const FilmOptions& options)
    : brush_(std::move(brush)), options_(options) {
  LIKENESS_CHECK(brush_ != nullptr && options.coherence >= 0 && options.coherence <= 1);
}

std::unique_ptr<FilmPast> FilmPainter::past_of(const Image& frame) {
  if (before_.empty() || before_.width() != frame.width() || before_.height() != frame.height() ||
      options_.coherence == 0)
    return nullptr;
  const AddedTime time(seconds_.motion);
  const Motion motion = estimate_motion(frame, before_, options_.motion);
  at::Tensor trust = agreement(frame, before_, motion.flow);
  at::Tensor carried = warped(painted_, motion.flow);
  trust.mul_(motion.visible);
  if (trust.mean().item<double>() < kCutShare) {
    ++cuts_;
    return nullptr;
  }
  trust.mul_(options_.coherence);
  return std::make_unique<FilmPast>(FilmPast{
      .carried = std::move(carried), .trust = trust.view({1, 1, frame.height(), frame.width()})});
}

Image FilmPainter::paint(const Image& frame) {
  LIKENESS_CHECK(!frame.empty() && frame.channels() == 3);
  const at::NoGradGuard no_gradients;
  const std::unique_ptr<FilmPast> past = past_of(frame);
  const AddedTime time(seconds_.paint);
  painted_ = brush_->paint(to_tensor(frame), past.get()).to(at::kCPU);
  before_ = frame;
  ++frames_;
  return last();
}

Image FilmPainter::last() const {
  return painted_.defined() ? to_image(painted_) : Image();
}

TensorMap FilmPainter::state() const {
  TensorMap state;
  for (const auto& [name, tensor] : brush_->state()) state[kBrushPrefix + name] = tensor;
  state["counts"] = at::tensor({frames_, cuts_}, at::kLong);
  if (before_.empty()) return state;
  state["before"] = at::round(to_tensor(before_) * 255).to(at::kByte);
  state["painted"] = painted_;
  return state;
}

void FilmPainter::restore(const TensorMap& state) {
  TensorMap brush;
  for (const auto& [name, tensor] : state)
    if (name.starts_with(kBrushPrefix)) brush[name.substr(sizeof(kBrushPrefix) - 1)] = tensor;
  const auto counts = state.find("counts");
  if (counts == state.end() || counts->second.numel() != 2)
    throw Error(ErrorCode::corrupt_file, "the state of a film has no 'counts'");
  frames_ = counts->second[0].item<std::int64_t>();
  cuts_ = counts->second[1].item<std::int64_t>();
  brush_->restore(brush);
  before_ = {};
  painted_.reset();
  const auto before = state.find("before");
  const auto painted = state.find("painted");
  if (before == state.end() && painted == state.end()) return;
  if (before == state.end() || painted == state.end() || before->second.dim() != 4 ||
      before->second.size(0) != 1 || before->second.size(1) != 3 ||
      painted->second.sizes() != before->second.sizes())
    throw Error(ErrorCode::corrupt_file, "the state of a film has no frame that fits");
  before_ = to_image(before->second.to(at::kFloat) / 255);
  painted_ = painted->second.to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace likeness
