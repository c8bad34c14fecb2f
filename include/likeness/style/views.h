#pragma once

/// One picture seen in four ways. A slim network errs, and a picture that is painted or trained
/// under it learns to please those errors rather than the network it stands for. It errs otherwise
/// about the mirrored or turned picture, so that what pleases it in all four views is what pleases
/// its teacher too. Pure functions, safe to call from many threads.

#include <array>

#include <ATen/core/Tensor.h>

namespace likeness {

enum class View {
  plain,       ///< as it is
  mirrored,    ///< left and right exchanged
  transposed,  ///< rows and columns exchanged
  turned,      ///< by a quarter, against the clock
};
inline constexpr std::array kViews = {View::plain, View::mirrored, View::transposed, View::turned};

/// `picture`, [..., H, W], as it is seen: [..., H, W], or [..., W, H] when rows and columns are
/// exchanged. A view of its memory where it can be.
at::Tensor seen(const at::Tensor& picture, View view);

/// The picture that is seen so: unseen(seen(p, v), v) is p.
at::Tensor unseen(const at::Tensor& picture, View view);

}  // namespace likeness
