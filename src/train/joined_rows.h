#pragma once

/// A batch in shares: each process computes its own rows, all see the rows of all.

#include <cstdint>

#include <ATen/core/Tensor.h>
#include <likeness/train/process_group.h>

namespace likeness {

/// Some rows, one behind the other.
struct RowShare {
  std::int64_t begin = 0;
  std::int64_t count = 0;
};

/// What of `rows` rows falls to process `rank` of `size`: shares differ by one row at most.
RowShare share_of(std::int64_t rows, int rank, int size);

/// [rows, D]: the shares of all processes, in the order of the batch; `own` [count, D] is that of
/// this process. Backward adds up the gradients of all processes and gives each its share's: when
/// every process computes the same loss of the joined rows, and 1/size of it is differentiated,
/// each gets what one process with the whole batch would get for those rows.
at::Tensor joined_rows(ProcessGroup& processes, const at::Tensor& own, std::int64_t rows);

}  // namespace likeness
