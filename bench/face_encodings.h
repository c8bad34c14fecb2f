#pragma once

/// Encodings to search among: real ones, and drawn ones that lie as those of faces do.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <likeness/core/random.h>

namespace likeness::bench {

constexpr std::size_t kDimensions = 192;

/// Rows of length 1, one after the other.
class Encodings {
 public:
  Encodings() = default;
  explicit Encodings(std::size_t count) : numbers_(count * kDimensions) {}

  std::size_t size() const { return numbers_.size() / kDimensions; }
  std::span<float> row(std::size_t i) {
    return std::span(numbers_).subspan(i * kDimensions, kDimensions);
  }
  std::span<const float> row(std::size_t i) const { return first(i + 1).last(kDimensions); }
  std::span<const float> first(std::size_t count) const {
    return std::span(numbers_).first(count * kDimensions);
  }
  void push_back(std::span<const float> row) {
    numbers_.insert(numbers_.end(), row.begin(), row.end());
  }

 private:
  std::vector<float> numbers_;
};

/// How encodings spread: x = mean + z · directions, with z of independent normal numbers.
class Spread {
 public:
  /// Squared distances of strangers are 2 ± 0.2, as those of faces are.
  Spread();
  /// As the rows do: their mean and covariance.
  explicit Spread(const Encodings& rows);

  void draw(Random& random, std::span<float> row) const;

 private:
  std::vector<float> mean_;
  std::vector<float> directions_;  ///< rows of kDimensions
};

class Artist {
 public:
  /// Keeps a reference to `spread`.
  Artist(std::uint64_t seed, const Spread& spread) : random_(seed), spread_(spread) {}

  void draw(std::span<float> row) { spread_.draw(random_, row); }
  /// Another picture of the same face: at a squared distance of 0.2 to 0.4.
  void draw_near(std::span<const float> face, std::span<float> row);
  std::size_t below(std::size_t bound) { return random_.below(bound); }

 private:
  Random random_;
  const Spread& spread_;
};

struct RealFaces {
  Encodings enrolled;  ///< the first photo of each person
  Encodings probes;    ///< the others
};

/// What `likeness embed FOLDER --model mobilefacenet -o PATH` wrote, where FOLDER has one folder
/// per person. Throws Error when the file cannot be read or has other rows.
RealFaces read_real_faces(const std::string& path);

}  // namespace likeness::bench
