#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>
#include <c10/util/Logging.h>
#include <likeness/core/error.h>
#include <likeness/train/process_group.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/version.h>

// All that differs between builds and versions of LibTorch is here. Its package may lack the
// headers of what it was built with.
#if defined(USE_C10D_GLOO) && __has_include(<gloo/algorithm.h>)
#define LIKENESS_HAS_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#if defined(USE_C10D_NCCL) && __has_include(<nccl.h>)
#define LIKENESS_HAS_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace likeness {
namespace {

#if TORCH_VERSION_MAJOR >= 2
using Backend = c10d::Backend;
#else
using Backend = c10d::ProcessGroup;
#endif

using Timeout = std::chrono::milliseconds;

/// Without the C++ stack that LibTorch adds.
std::string first_line(const std::exception& error) {
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  const std::string text = of_torch != nullptr ? of_torch->what_without_backtrace() : error.what();
  return text.substr(0, text.find('\n'));
}

std::string name_of(const ProcessPlace& place) {
  return "process " + std::to_string(place.rank) + " of " + std::to_string(place.size);
}

c10::intrusive_ptr<c10d::Store> open_store(const ProcessPlace& place, Timeout timeout) {
  c10d::TCPStoreOptions options;
  options.port = place.port;
  options.isServer = place.rank == 0 && !place.launcher_listens;
  if (!place.launcher_listens) options.numWorkers = static_cast<std::size_t>(place.size);
  options.waitWorkers = !place.launcher_listens;
  options.timeout = timeout;
  const auto store = c10::make_intrusive<c10d::TCPStore>(place.address, options);
  return c10::make_intrusive<c10d::PrefixStore>("likeness/" + place.meeting, store);
}

[[maybe_unused]] [[noreturn]] void lacks(const std::string& what) {
  throw Error(ErrorCode::unavailable, "this program was built without " + what);
}

#ifdef LIKENESS_HAS_GLOO
/// The network interface: that of the user's choice, else one that all processes share.
std::shared_ptr<::gloo::transport::Device> gloo_device(const ProcessPlace& place) {
  using Gloo = c10d::ProcessGroupGloo;
  if (const char* interface = std::getenv("GLOO_SOCKET_IFNAME"))
    return Gloo::createDeviceForInterface(interface);
  if (place.local_size == place.size) return Gloo::createDeviceForHostname("127.0.0.1");
  return Gloo::createDefaultDevice();
}
#endif

c10::intrusive_ptr<Backend> join_gloo([[maybe_unused]] const ProcessPlace& place,
                                      [[maybe_unused]] const c10::intrusive_ptr<c10d::Store>& store,
                                      [[maybe_unused]] Timeout timeout) {
#ifdef LIKENESS_HAS_GLOO
  auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  options->devices = {gloo_device(place)};
  return c10::make_intrusive<c10d::ProcessGroupGloo>(store, place.rank, place.size, options);
#else
  lacks(
      "Gloo, through which processes on CPUs meet: build it with a LibTorch that has Gloo, and "
      "with Gloo's headers (Debian: libgloo-dev)");
#endif
}

c10::intrusive_ptr<Backend> join_nccl([[maybe_unused]] const ProcessPlace& place,
                                      [[maybe_unused]] const c10::intrusive_ptr<c10d::Store>& store,
                                      [[maybe_unused]] Timeout timeout) {
#ifdef LIKENESS_HAS_NCCL
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = timeout;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, place.rank, place.size, options);
#else
  lacks(
      "NCCL, through which processes on GPUs meet: build it with a CUDA LibTorch that has NCCL, "
      "and with nccl.h, or use --device cpu");
#endif
}

}  // namespace

struct ProcessGroup::Engine {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<Backend> backend;
};

/// While it lives c10d does not write to stderr what its exceptions say as well.
class QuietLog {
 public:
#ifdef C10_USE_GLOG
  QuietLog() {
    FLAGS_minloglevel = google::GLOG_FATAL;
  }
  ~QuietLog() {
    FLAGS_minloglevel = before_;
  }

 private:
  int before_ = FLAGS_minloglevel;
#else
  QuietLog() {}  // only LibTorch with glog logs such errors
#endif
};

ProcessGroup::ProcessGroup(const ProcessPlace& place, c10::Device device, Timeout timeout)
    : place_(place), device_(device), engine_(std::make_unique<Engine>()) {
  LIKENESS_CHECK(place.size >= 2 && place.rank >= 0 && place.rank < place.size);
  const QuietLog quiet;
  try {
    engine_->store = open_store(place, timeout);
    engine_->backend = device.is_cpu() ? join_gloo(place, engine_->store, timeout)
                                       : join_nccl(place, engine_->store, timeout);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::unavailable,
                name_of(place) + ": the others did not come to " + place.address + ":" +
                    std::to_string(place.port) + " within " +
                    std::to_string(timeout.count() / 1000) + " s (" + first_line(error) +
                    "); look at their messages, at MASTER_ADDR and MASTER_PORT");
  }
}

ProcessGroup::~ProcessGroup() = default;

template <class Start>
void ProcessGroup::run(const char* what, Start start) {
  const at::NoGradGuard no_gradients;
  try {
    start()->wait();
  } catch (const std::exception& error) {
    throw Error(ErrorCode::unavailable,
                name_of(place_) + ": another process is lost or does not answer (" + what + ": " +
                    first_line(error) +
                    "); look at the others' messages, then start all again with --resume");
  }
}

void ProcessGroup::sum(at::Tensor& tensor) {
  std::vector<at::Tensor> tensors = {tensor};
  run("sum", [&] { return engine_->backend->allreduce(tensors); });
}

at::Tensor ProcessGroup::gather(const at::Tensor& tensor) {
  std::vector<std::int64_t> shape = tensor.sizes().vec();
  shape.insert(shape.begin(), size());
  at::Tensor result = at::empty(shape, tensor.options().requires_grad(false));
  std::vector<at::Tensor> inputs = {tensor.detach().contiguous()};
  std::vector<std::vector<at::Tensor>> outputs = {result.unbind(0)};
  run("gather", [&] { return engine_->backend->allgather(outputs, inputs); });
  return result;
}

void ProcessGroup::broadcast(at::Tensor& tensor) {
  std::vector<at::Tensor> tensors = {tensor};
  run("broadcast", [&] { return engine_->backend->broadcast(tensors); });
}

std::string ProcessGroup::broadcast(const std::string& text) {
  const auto bytes = at::TensorOptions(at::kByte);
  at::Tensor length = at::full({1}, static_cast<std::int64_t>(text.size()), at::kLong).to(device_);
  broadcast(length);
  std::string result = text;
  result.resize(static_cast<std::size_t>(length.item<std::int64_t>()));
  if (result.empty()) return result;
  const auto count = static_cast<std::int64_t>(result.size());
  at::Tensor content = at::from_blob(result.data(), {count}, bytes).to(device_).clone();
  broadcast(content);
  std::memcpy(result.data(), content.cpu().data_ptr<std::uint8_t>(), result.size());
  return result;
}

bool ProcessGroup::any(bool own) {
  at::Tensor votes = at::full({1}, own ? 1.0F : 0.0F, at::kFloat).to(device_);
  sum(votes);
  return votes.item<float>() > 0;
}

}  // namespace likeness
