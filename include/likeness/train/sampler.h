#pragma once

/// P×K batches (Hermans 2017): P identities with K pictures each, so that every picture of a batch
/// has K − 1 positives and (P − 1)·K negatives in it.
///
/// A batch is a pure function of (labels, options, seed, number of the batch): there is no hidden
/// state to lose, the processes of a distributed run agree without talking, and a resumed run goes
/// on exactly. One object belongs to one thread at a time.
///
///     IdentitySampler sampler(faces.labels, {.identities = 18, .pictures = 4}, seed);
///     const std::vector<std::int64_t> batch = sampler.next();  // 72 indices into faces.labels

#include <cstdint>
#include <span>
#include <vector>

namespace likeness {

struct SamplerOptions {
  int identities = 18;  ///< P
  int pictures = 4;     ///< K
  /// Pictures of identities that have only one, added behind the P·K as further negatives. Fewer
  /// when the set has fewer such identities; none when it has none.
  int lone_pictures = 4;
};

/// Where a sampler stands; plain numbers, for checkpoints.
struct SamplerState {
  std::uint64_t seed = 0;
  std::uint64_t next_batch = 0;
  std::uint64_t fingerprint = 0;  ///< of labels and options
  friend bool operator==(const SamplerState&, const SamplerState&) = default;
};

class IdentitySampler {
 public:
  /// `labels[i]` is the identity of picture i, any numbers. Identities take turns in a new random
  /// order each round; those at a round's end that do not fill a batch sit out. The pictures of an
  /// identity take turns likewise: a shuffled deck is dealt in hands of K, one a round, then it is
  /// shuffled anew. Within a batch a picture appears once, except that an identity with fewer than
  /// K pictures repeats its own, each as often as the others or once more.
  /// Throws Error(invalid_argument) when fewer than P identities have two pictures or more (says
  /// how many there are and what to do), and for P < 2, K < 2, lone_pictures < 0.
  IdentitySampler(std::span<const std::int64_t> labels, const SamplerOptions& options,
                  std::uint64_t seed);

  /// Indices into the labels: P runs of K pictures of one identity, then the lone pictures.
  std::vector<std::int64_t> next();

  /// Pictures of a batch: P·K and the lone ones.
  std::int64_t batch_size() const;
  /// Batches that draw as many pictures as the identities with two or more have, rounded up: what
  /// "an epoch" means here.
  std::int64_t batches_per_epoch() const;
  /// Identities with two pictures or more, and with one.
  std::int64_t eligible_identities() const { return static_cast<std::int64_t>(decks_.size()); }
  std::int64_t lone_identities() const { return static_cast<std::int64_t>(lone_.size()); }

  SamplerState state() const;
  /// Goes on where `state` was taken. Throws Error(invalid_argument) when it belongs to other
  /// labels or options (another data set, other P or K).
  void restore(const SamplerState& state);

 private:
  using Indices = std::vector<std::int64_t>;

  void deal_round(std::uint64_t round);
  void add_pictures(std::size_t deck, std::uint64_t round, Indices& batch) const;
  void add_lone_pictures(Indices& batch) const;

  SamplerOptions options_;
  std::uint64_t seed_;
  std::uint64_t fingerprint_ = 0;
  std::uint64_t next_batch_ = 0;
  std::vector<Indices> decks_;  ///< pictures of each identity with two or more
  Indices lone_;                ///< pictures of the others
  // The order of the round that the next batch belongs to: kept only because it is used many times.
  std::uint64_t dealt_round_;
  std::vector<std::size_t> order_;
};

}  // namespace likeness
