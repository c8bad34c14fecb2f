#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/train/cross_batch_memory.h>

namespace likeness {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorCode::corrupt_file, "state of the cross-batch memory: " + what);
}

const at::Tensor& part(const TensorMap& state, const std::string& name, const at::Tensor& like) {
  const auto found = state.find(name);
  if (found == state.end()) fail("no " + name);
  const at::Tensor& tensor = found->second;
  if (tensor.sizes() != like.sizes() || tensor.scalar_type() != like.scalar_type())
    fail(name + " has another shape or type than this memory; use the same capacity and network");
  return tensor;
}

}  // namespace

CrossBatchMemory::CrossBatchMemory(std::int64_t capacity, std::int64_t dimensions,
                                   c10::Device device) {
  LIKENESS_CHECK(capacity > 0 && dimensions > 0);
  const at::TensorOptions on_device = at::TensorOptions().device(device);
  encodings_ = at::zeros({capacity, dimensions}, on_device.dtype(at::kFloat));
  labels_ = at::zeros({capacity}, on_device.dtype(at::kLong));
  pictures_ = at::zeros({capacity}, on_device.dtype(at::kLong));
}

void CrossBatchMemory::push(const at::Tensor& encodings, const at::Tensor& labels,
                            const at::Tensor& pictures) {
  const at::NoGradGuard no_gradients;
  LIKENESS_CHECK(encodings.dim() == 2 && encodings.size(1) == encodings_.size(1));
  LIKENESS_CHECK(labels.dim() == 1 && labels.size(0) == encodings.size(0));
  LIKENESS_CHECK(labels.sizes() == pictures.sizes());
  const std::int64_t count = std::min(capacity(), encodings.size(0));
  const std::int64_t first = encodings.size(0) - count;
  const at::Tensor places = (at::arange(count, labels_.options()) + next_).remainder(capacity());
  const auto put = [&](at::Tensor& target, const at::Tensor& values) {
    target.index_copy_(0, places, values.narrow(0, first, count).to(target.options()));
  };
  put(encodings_, encodings);
  put(labels_, labels);
  put(pictures_, pictures);
  next_ = (next_ + count) % capacity();
  size_ = std::min(size_ + count, capacity());
}

MiningBatch CrossBatchMemory::extend(const MiningBatch& batch,
                                     const at::Tensor& anchor_pictures) const {
  LIKENESS_CHECK(batch.candidates.size(1) == encodings_.size(1));
  LIKENESS_CHECK(anchor_pictures.dim() == 1 && anchor_pictures.size(0) == batch.anchors.size(0));
  // Until the ring is full its entries are the first ones. Copies: a later push must not change
  // what a backward pass still needs.
  const auto entries = [&](const at::Tensor& ring) { return ring.narrow(0, 0, size_).clone(); };
  const at::Tensor same_picture =
      anchor_pictures.unsqueeze(1).eq(pictures_.narrow(0, 0, size_).unsqueeze(0));
  MiningBatch extended = batch;
  extended.candidates =
      at::cat({batch.candidates, entries(encodings_).to(batch.candidates.scalar_type())}, 0);
  extended.candidate_labels = at::cat({batch.candidate_labels, entries(labels_)}, 0);
  extended.self = at::cat({batch.self, same_picture}, 1);
  return extended;
}

void CrossBatchMemory::clear() {
  next_ = 0;
  size_ = 0;
}

TensorMap CrossBatchMemory::state() const {
  at::Tensor ring = at::empty({2}, at::TensorOptions(at::kLong));
  ring.data_ptr<std::int64_t>()[0] = next_;
  ring.data_ptr<std::int64_t>()[1] = size_;
  return {{"encodings", encodings_.cpu().clone()},
          {"labels", labels_.cpu().clone()},
          {"pictures", pictures_.cpu().clone()},
          {"ring", ring}};
}

void CrossBatchMemory::restore(const TensorMap& state) {
  const at::Tensor ring =
      part(state, "ring", at::empty({2}, at::TensorOptions(at::kLong))).cpu().contiguous();
  const std::int64_t next = ring.data_ptr<std::int64_t>()[0];
  const std::int64_t size = ring.data_ptr<std::int64_t>()[1];
  const bool is_full = size == capacity();
  if (size < 0 || size > capacity() || next < 0 || next >= capacity() || (!is_full && next != size))
    fail("next " + std::to_string(next) + " and size " + std::to_string(size) +
         " do not fit the capacity of " + std::to_string(capacity()));
  const at::Tensor& encodings = part(state, "encodings", encodings_);
  const at::Tensor& labels = part(state, "labels", labels_);
  const at::Tensor& pictures = part(state, "pictures", pictures_);
  encodings_.copy_(encodings);
  labels_.copy_(labels);
  pictures_.copy_(pictures);
  next_ = next;
  size_ = size;
}

}  // namespace likeness
