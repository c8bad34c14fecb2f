#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include <likeness/core/error.h>
#include <likeness/core/random.h>
#include <likeness/train/sampler.h>

namespace likeness {
namespace {

/// A number that depends on all of `parts` and their order: each is stirred in by one step of the
/// generator.
std::uint64_t mixed(std::initializer_list<std::uint64_t> parts) {
  std::uint64_t value = 0x6c696b656e657373;
  for (const std::uint64_t part : parts) value = Random(value ^ part)();
  return value;
}

// What the draws of one round or deck are seeded with, so that none repeats another's.
enum Purpose : std::uint64_t { kIdentities, kPictures, kRepeats, kLonePictures };

template <class Value>
void shuffle(std::vector<Value>& values, Random random) {
  for (std::size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[static_cast<std::size_t>(random.below(i))]);
}

void check_options(const SamplerOptions& options) {
  if (options.identities < 2 || options.pictures < 2 || options.lone_pictures < 0)
    throw Error(ErrorCode::invalid_argument,
                "a batch of " + std::to_string(options.identities) + " identities × " +
                    std::to_string(options.pictures) + " pictures and " +
                    std::to_string(options.lone_pictures) +
                    " lone ones: a triplet needs two identities and two pictures of each");
}

}  // namespace

IdentitySampler::IdentitySampler(std::span<const std::int64_t> labels,
                                 const SamplerOptions& options, std::uint64_t seed)
    : options_(options), seed_(seed), dealt_round_(~std::uint64_t{0}) {
  check_options(options);
  std::map<std::int64_t, Indices> pictures;
  for (std::size_t i = 0; i < labels.size(); ++i)
    pictures[labels[i]].push_back(static_cast<std::int64_t>(i));
  for (auto& [label, indices] : pictures) {
    if (indices.size() == 1)
      lone_.push_back(indices.front());
    else
      decks_.push_back(std::move(indices));
  }
  if (eligible_identities() < options.identities)
    throw Error(ErrorCode::invalid_argument,
                "only " + std::to_string(eligible_identities()) +
                    " identities have two pictures or more, and a batch needs P = " +
                    std::to_string(options.identities) +
                    "; choose a smaller P or add identities (" + std::to_string(lone_.size()) +
                    " have one picture)");
  fingerprint_ = mixed({static_cast<std::uint64_t>(options.identities),
                        static_cast<std::uint64_t>(options.pictures),
                        static_cast<std::uint64_t>(options.lone_pictures), labels.size()});
  for (const std::int64_t label : labels)
    fingerprint_ = mixed({fingerprint_, static_cast<std::uint64_t>(label)});
}

std::int64_t IdentitySampler::batch_size() const {
  return std::int64_t{options_.identities} * options_.pictures +
         std::min<std::int64_t>(options_.lone_pictures, lone_identities());
}

std::int64_t IdentitySampler::batches_per_epoch() const {
  std::int64_t pictures = 0;
  for (const Indices& deck : decks_) pictures += static_cast<std::int64_t>(deck.size());
  const std::int64_t drawn = std::int64_t{options_.identities} * options_.pictures;
  return (pictures + drawn - 1) / drawn;
}

void IdentitySampler::deal_round(std::uint64_t round) {
  if (dealt_round_ == round) return;
  order_.resize(decks_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  shuffle(order_, Random(mixed({seed_, kIdentities, round})));
  dealt_round_ = round;
}

void IdentitySampler::add_pictures(std::size_t deck, std::uint64_t round, Indices& batch) const {
  const auto wanted = static_cast<std::size_t>(options_.pictures);
  Indices pictures = decks_[deck];
  if (pictures.size() >= wanted) {
    // A shuffled deck lasts for as many rounds as it has whole hands.
    const std::uint64_t hands = pictures.size() / wanted;
    shuffle(pictures, Random(mixed({seed_, kPictures, deck, round / hands})));
    const auto first = pictures.begin() + static_cast<std::ptrdiff_t>(round % hands * wanted);
    batch.insert(batch.end(), first, first + static_cast<std::ptrdiff_t>(wanted));
    return;
  }
  for (std::size_t missing = wanted, turn = 0; missing > 0; ++turn) {
    shuffle(pictures, Random(mixed({seed_, kRepeats, deck, round, turn})));
    const std::size_t count = std::min(missing, pictures.size());
    batch.insert(batch.end(), pictures.begin(),
                 pictures.begin() + static_cast<std::ptrdiff_t>(count));
    missing -= count;
  }
}

void IdentitySampler::add_lone_pictures(Indices& batch) const {
  const std::uint64_t count =
      std::min(static_cast<std::uint64_t>(options_.lone_pictures), std::uint64_t{lone_.size()});
  if (count == 0) return;
  const std::uint64_t hands = lone_.size() / count;
  Indices lone = lone_;
  shuffle(lone, Random(mixed({seed_, kLonePictures, next_batch_ / hands})));
  const auto first = lone.begin() + static_cast<std::ptrdiff_t>(next_batch_ % hands * count);
  batch.insert(batch.end(), first, first + static_cast<std::ptrdiff_t>(count));
}

std::vector<std::int64_t> IdentitySampler::next() {
  const auto identities = static_cast<std::uint64_t>(options_.identities);
  const std::uint64_t batches = decks_.size() / identities;  // of a round
  const std::uint64_t round = next_batch_ / batches;
  deal_round(round);
  Indices batch;
  batch.reserve(static_cast<std::size_t>(batch_size()));
  const std::uint64_t first = next_batch_ % batches * identities;
  for (std::uint64_t i = first; i < first + identities; ++i) add_pictures(order_[i], round, batch);
  add_lone_pictures(batch);
  ++next_batch_;
  return batch;
}

SamplerState IdentitySampler::state() const {
  return {.seed = seed_, .next_batch = next_batch_, .fingerprint = fingerprint_};
}

void IdentitySampler::restore(const SamplerState& state) {
  if (state.fingerprint != fingerprint_)
    throw Error(ErrorCode::invalid_argument,
                "the saved sampler belongs to another data set or another P or K; go on with the "
                "ones that the run began with, or begin a new run");
  if (state.seed != seed_) dealt_round_ = ~std::uint64_t{0};
  seed_ = state.seed;
  next_batch_ = state.next_batch;
}

}  // namespace likeness
