#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/random.h>

namespace likeness {
namespace {

static_assert(std::uniform_random_bit_generator<Random>);

TEST(Random, IsSplitMix64) {
  // The first numbers of its authors' C code (prng.di.unimi.it/splitmix64.c) for this seed.
  Random random(1234567);
  for (const std::uint64_t expected :
       {6457827717110365317ULL, 3203168211198807973ULL, 9817491932198370423ULL,
        4593380528125082431ULL, 16408922859458223821ULL})
    EXPECT_EQ(random(), expected);
}

TEST(Random, TheSameSeedGivesTheSameNumbersAndACopyGoesOnAlike) {
  Random first(7);
  Random second(7);
  Random other(8);
  EXPECT_EQ(first(), second());
  EXPECT_NE(first(), other());
  Random copy = first;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(first(), copy());
}

TEST(Random, BelowStaysBelowAndReachesEveryNumber) {
  Random random(1);
  for (const std::uint64_t bound : {1U, 2U, 3U, 7U, 10U}) {
    std::vector<int> seen(bound);
    for (int i = 0; i < 1000; ++i) {
      const std::uint64_t value = random.below(bound);
      ASSERT_LT(value, bound);
      ++seen[value];
    }
    EXPECT_EQ(std::count(seen.begin(), seen.end(), 0), 0) << bound;
  }
}

TEST(Random, BelowIsUniformWhereARemainderWouldNotBe) {
  // Of three quarters of all numbers, a plain remainder would give the first third twice as often.
  constexpr std::uint64_t kBound = 3ULL << 62;
  constexpr int kDraws = 30'000;
  Random random(5);
  std::array<int, 3> thirds{};
  for (int i = 0; i < kDraws; ++i) ++thirds.at(random.below(kBound) / (kBound / 3));
  const double expected = kDraws / 3.0;
  const double deviation = std::sqrt(expected * 2 / 3);  // of a binomial distribution
  for (const int count : thirds) EXPECT_NEAR(count, expected, 5 * deviation);
}

TEST(Random, UniformLiesFromZeroToBelowOneWithTheMeanAndVarianceOfIt) {
  constexpr int kDraws = 100'000;
  Random random(3);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.uniform();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kDraws;
  EXPECT_NEAR(mean, 0.5, 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(squares / kDraws - mean * mean, 1.0 / 12, 0.002);
}

TEST(Random, ShufflesWithTheStandardLibrary) {
  std::vector<int> numbers = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<int> sorted = numbers;
  Random random(11);
  std::shuffle(numbers.begin(), numbers.end(), random);
  EXPECT_TRUE(std::is_permutation(numbers.begin(), numbers.end(), sorted.begin()));
  EXPECT_NE(numbers, sorted);
}

}  // namespace
}  // namespace likeness
