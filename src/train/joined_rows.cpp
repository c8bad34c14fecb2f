#include "train/joined_rows.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

namespace likeness {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Keeps a reference between forward and backward.
struct GroupHolder : torch::CustomClassHolder {
  explicit GroupHolder(ProcessGroup& group) : processes(group) {}
  ProcessGroup& processes;
};

constexpr const char* kGroup = "group";

struct JoinedRows : torch::autograd::Function<JoinedRows> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& own,
                            ProcessGroup& processes, std::int64_t rows) {
    context->saved_data[kGroup] =
        c10::IValue::make_capsule(c10::make_intrusive<GroupHolder>(processes));
    // Shares of one size can be gathered: the first one's, with a row of zeros where one is
    // shorter.
    const std::int64_t most = share_of(rows, 0, processes.size()).count;
    const at::Tensor filled = at::constant_pad_nd(own, {0, 0, 0, most - own.size(0)});
    const at::Tensor all = processes.gather(filled);
    std::vector<at::Tensor> shares;
    shares.reserve(static_cast<std::size_t>(processes.size()));
    for (int rank = 0; rank < processes.size(); ++rank)
      shares.push_back(all[rank].narrow(0, 0, share_of(rows, rank, processes.size()).count));
    return at::cat(shares);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    auto& processes =
        c10::static_intrusive_pointer_cast<GroupHolder>(context->saved_data[kGroup].toCapsule())
            ->processes;
    at::Tensor sum = gradients[0].clone(at::MemoryFormat::Contiguous);
    processes.sum(sum);
    const RowShare share = share_of(sum.size(0), processes.rank(), processes.size());
    return {sum.narrow(0, share.begin, share.count), {}, {}};
  }
};

}  // namespace

RowShare share_of(std::int64_t rows, int rank, int size) {
  const std::int64_t each = rows / size;
  const std::int64_t longer = rows % size;  // the first ones take one row more
  return {.begin = rank * each + std::min<std::int64_t>(rank, longer),
          .count = each + (rank < longer ? 1 : 0)};
}

at::Tensor joined_rows(ProcessGroup& processes, const at::Tensor& own, std::int64_t rows) {
  LIKENESS_CHECK(own.dim() == 2 &&
                 own.size(0) == share_of(rows, processes.rank(), processes.size()).count);
  return JoinedRows::apply(own, processes, rows);
}

}  // namespace likeness
