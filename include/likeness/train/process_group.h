#pragma once

/// The processes that train one network together, and what they tell each other: c10d, the engine
/// of torch.distributed, with Gloo between CPUs and NCCL between GPUs.
///
/// Every process makes the same calls in the same order, with tensors of the same shapes; a call
/// returns when all have made it. When a process has died or does not answer within the timeout,
/// the others' calls throw Error(unavailable): nobody waits for ever. One object belongs to one
/// thread at a time.
///
///     ProcessGroup processes(*process_place(), c10::kCPU, std::chrono::minutes(10));
///     processes.sum(gradients);

#include <chrono>
#include <memory>
#include <string>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <likeness/train/process_place.h>

namespace likeness {

class ProcessGroup {
 public:
  /// Waits until all processes are there. `device`: where the tensors lie.
  /// Throws Error(unavailable) when they are not within `timeout`, or LibTorch was built without
  /// what is needed: Gloo for a CPU, NCCL for a GPU.
  ProcessGroup(const ProcessPlace& place, c10::Device device, std::chrono::milliseconds timeout);
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  int rank() const { return place_.rank; }
  int size() const { return place_.size; }
  /// Process 0, the one that writes files.
  bool is_first() const { return place_.rank == 0; }

  /// Adds up the tensors of all processes, in place; all then have the same bits.
  void sum(at::Tensor& tensor);
  /// [size(), …]: the tensors of all processes, in the order of their ranks.
  at::Tensor gather(const at::Tensor& tensor);
  /// Process 0's tensor for all, in place.
  void broadcast(at::Tensor& tensor);
  /// Process 0's text for all.
  std::string broadcast(const std::string& text);
  /// Whether one of them says so.
  bool any(bool own);

 private:
  struct Engine;
  template <class Start>
  void run(const char* what, Start start);

  ProcessPlace place_;
  c10::Device device_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace likeness
