#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/train/flat_parameters.h>
#include <torch/types.h>

namespace likeness {
namespace {

std::string to_text(at::IntArrayRef shape) {
  std::string text = "[";
  for (const std::int64_t size : shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

}  // namespace

FlatParameters::FlatParameters(torch::nn::Module& network,
                               const std::function<double(const std::string&)>& rate) {
  const torch::NoGradGuard no_gradients;
  std::vector<torch::Tensor> tensors;
  std::vector<at::Tensor> rates;
  std::vector<at::Tensor> decays;
  std::int64_t total = 0;
  const auto add = [&](const std::string& name, const torch::Tensor& tensor) {
    LIKENESS_CHECK(tensor.scalar_type() == at::kFloat);
    pieces_.push_back({name, tensor.sizes().vec(), total, tensor.numel()});
    tensors.push_back(tensor);
    total += tensor.numel();
  };
  for (auto& item : network.named_parameters()) {
    const double share = rate(item.key());
    item.value().requires_grad_(share > 0);
    if (share <= 0) continue;
    add(item.key(), item.value());
    const auto options = item.value().options().requires_grad(false);
    rates.push_back(at::full({item.value().numel()}, share, options));
    decays.push_back(at::full({item.value().numel()}, item.value().dim() > 1 ? 1 : 0, options));
  }
  LIKENESS_CHECK(!tensors.empty());
  const std::size_t learning = tensors.size();
  rates_ = at::cat(rates);
  decays_ = at::cat(decays);
  gradients_ = at::zeros_like(rates_);
  for (auto& item : network.named_buffers()) add(item.key(), item.value());

  state_ = at::empty({total}, rates_.options());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Piece& piece = pieces_[i];
    auto view = state_.narrow(0, piece.begin, piece.count).view(piece.shape);
    view.copy_(tensors[i]);
    tensors[i].set_data(view);
    if (i < learning)
      tensors[i].mutable_grad() = gradients_.narrow(0, piece.begin, piece.count).view(piece.shape);
  }
}

TensorMap FlatParameters::named(const at::Tensor& row) const {
  TensorMap result;
  for (const Piece& piece : pieces_)
    if (piece.begin + piece.count <= row.size(0))
      result[piece.name] =
          row.narrow(0, piece.begin, piece.count).view(piece.shape).to(at::kCPU).clone();
  return result;
}

void FlatParameters::assign(const at::Tensor& row, const TensorMap& pieces) const {
  const torch::NoGradGuard no_gradients;
  for (const Piece& piece : pieces_) {
    if (piece.begin + piece.count > row.size(0)) continue;
    const auto found = pieces.find(piece.name);
    if (found == pieces.end())
      throw Error(ErrorCode::corrupt_file, "there is no '" + piece.name + "' in it");
    const at::Tensor& value = found->second;
    if (value.scalar_type() != row.scalar_type() || value.sizes() != at::IntArrayRef(piece.shape))
      throw Error(ErrorCode::corrupt_file, "'" + piece.name + "': got " + to_text(value.sizes()) +
                                               ", expected " + to_text(piece.shape));
    row.narrow(0, piece.begin, piece.count).view(piece.shape).copy_(value);
  }
}

BorrowedState::BorrowedState(const FlatParameters& parameters, const at::Tensor& row)
    : state_(parameters.state()), own_(state_.clone()) {
  const torch::NoGradGuard no_gradients;
  state_.copy_(row);
}

BorrowedState::~BorrowedState() {
  const torch::NoGradGuard no_gradients;
  state_.copy_(own_);
}

}  // namespace likeness
