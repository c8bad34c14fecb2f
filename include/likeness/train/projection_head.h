#pragma once

/// A linear map behind frozen networks: encoding = y/‖y‖ with y = W·x + b, where x is what the
/// networks make of a face. It starts as the identity, or as what whitens the differences between
/// photos of one person, and is trained in seconds, since every x is computed once
/// (frozen_encodings.h). Safe to call from many threads.
///
///     auto network = projection_head(store.manifest().find("duo"), {.start = identity_map(320)},
///                                    c10::kCPU);

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <likeness/model/manifest.h>
#include <likeness/train/siamese_network.h>

namespace likeness {

/// float32 [D, D].
at::Tensor identity_map(std::int64_t dimensions);

/// Within-class covariance normalisation (Hatch 2006): float32 [D, D], symmetric,
///
///     W ∝ ((1 − s)·S + s·(tr S / D)·I)^(−1/2),   ‖W‖_F = ‖I‖_F = √D,
///
/// where S is the covariance of the encodings about the mean of their identity, over all of them
/// whose identity has two or more, and s is `shrinkage`. Directions in which photos of one person
/// differ count for less; s = 1 is the identity. `encodings`: float32 [N, D]; `labels`: N.
/// Throws Error(invalid_argument) when no identity has two different encodings, for s outside
/// [0, 1], and for an s so small that the sum has no inverse.
at::Tensor within_class_whitening(const at::Tensor& encodings, std::span<const std::int64_t> labels,
                                  double shrinkage);

struct ProjectionHeadOptions {
  at::Tensor start;        ///< W₀, float32 [D, D]
  std::string start_name;  ///< how it came about, for the run's description
  bool bias = false;       ///< learn b as well, from 0; else there is none
  double keep = 0;         ///< weight of ‖W − W₀‖²_F in the loss
};

/// The head in training, on encodings of `base`: [N, D] → [N, D]. What it exports names the base,
/// or the parts that it combines, as its parts. Requires keep ≥ 0.
std::unique_ptr<SiameseNetwork> projection_head(const ModelEntry& base,
                                                const ProjectionHeadOptions& options,
                                                c10::Device device);

}  // namespace likeness
