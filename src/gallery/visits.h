#pragma once

/// Which entries of a graph a search has met: one bit each, so that those of a million entries stay
/// in a near cache.

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace likeness {

class Visits {
 public:
  explicit Visits(std::size_t entries) : words_(entries / kBits + 1) {}

  /// Marks an entry. False when it was marked before.
  bool first(std::uint32_t entry) {
    std::uint64_t& word = words_[entry / kBits];
    const std::uint64_t bit = std::uint64_t{1} << (entry % kBits);
    if ((word & bit) != 0) return false;
    word |= bit;
    met_.push_back(entry);
    return true;
  }
  void forget() {
    for (const std::uint32_t entry : met_) words_[entry / kBits] = 0;
    met_.clear();
  }

 private:
  static constexpr std::size_t kBits = 64;

  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> met_;
};

/// Lends searches on many threads one each, empty. Thread-safe.
class VisitsPool {
 public:
  class Loan {
   public:
    explicit Loan(VisitsPool& pool) : pool_(pool), visits_(pool.take()) {}
    ~Loan() { pool_.put_back(std::move(visits_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Visits* operator->() const { return visits_.get(); }

   private:
    VisitsPool& pool_;
    std::unique_ptr<Visits> visits_;
  };

  /// From now on for so many entries. Requires that none is lent.
  void resize(std::size_t entries) {
    entries_ = entries;
    free_.clear();
  }

 private:
  std::unique_ptr<Visits> take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<Visits>(entries_);
    auto visits = std::move(free_.back());
    free_.pop_back();
    return visits;
  }
  void put_back(std::unique_ptr<Visits> visits) {
    visits->forget();
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(visits));
  }

  std::mutex mutex_;
  std::size_t entries_ = 0;
  std::vector<std::unique_ptr<Visits>> free_;
};

}  // namespace likeness
