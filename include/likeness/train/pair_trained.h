#pragma once

/// Verification as binary classification, end to end: a pair unit (pair_unit.h) that learns
/// together with the encoder, so that the loss of its answers flows through both encodings of a
/// pair into the one network that made them. What is exported is the encoder alone; a unit for it
/// is then fitted on frozen encodings (pair_training.h), where its probability can be measured.
///
///     auto network = with_pair_loss(std::move(encoder), {.weight = 1}, faces->labels(), device);

#include <cstdint>
#include <memory>
#include <vector>

#include <c10/core/Device.h>
#include <likeness/faces/pair_classifier.h>
#include <likeness/train/siamese_network.h>

namespace likeness {

struct PairLossOptions {
  double weight = 0;  ///< of the pair loss, which is added to the triplet loss; 0: none
  PairForm form = PairForm::absolute;
};

/// `network` with the loss of hard pairs (hard_batch_pairs) of each batch in its penalty. The unit
/// starts as σ(4 − 4·‖f1 − f2‖²) and learns at the full rate. `labels`: the identity of each
/// training face. Requires weight > 0.
std::unique_ptr<SiameseNetwork> with_pair_loss(std::unique_ptr<SiameseNetwork> network,
                                               const PairLossOptions& options,
                                               std::vector<std::int64_t> labels,
                                               c10::Device device);

}  // namespace likeness
