/// Encodings gathered into people.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include <gtest/gtest.h>
#include <likeness/gallery/clusters.h>

namespace likeness {
namespace {

using Groups = std::vector<std::vector<std::size_t>>;

/// A point on the unit circle.
Encoding at(double degrees) {
  const double angle = degrees * std::acos(-1.0) / 180;
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

/// The squared distance of two points that are `degrees` apart.
float apart(double degrees) {
  return squared_distance(at(0), at(degrees));
}

TEST(Clusters, TwoPeopleAndALoner) {
  const std::vector<Encoding> encodings = {at(90), at(0), at(3), at(92), at(5), at(200)};
  EXPECT_EQ(cluster_encodings(encodings, apart(30)), (Groups{{1, 2, 4}, {0, 3}, {5}}));
  EXPECT_EQ(cluster_encodings(encodings, 4), (Groups{{0, 1, 2, 3, 4, 5}}));
  EXPECT_EQ(cluster_encodings(encodings, 0).size(), 6U);
}

TEST(Clusters, NobodyAndOneFace) {
  EXPECT_TRUE(cluster_encodings({}, 1).empty());
  EXPECT_EQ(cluster_encodings(std::vector<Encoding>{at(0)}, 1), (Groups{{0}}));
}

TEST(Clusters, EqualFacesAreOneGroupEvenAtThresholdZero) {
  const std::vector<Encoding> encodings = {at(10), at(50), at(10), at(10)};
  EXPECT_EQ(cluster_encodings(encodings, 0), (Groups{{0, 2, 3}, {1}}));
}

TEST(Clusters, AChainOfLookAlikesDoesNotJoinTwoPeople) {
  // Each lies within the threshold of the next one, the ends are far apart.
  std::vector<Encoding> encodings;
  for (int i = 0; i < 8; ++i) encodings.push_back(at(10 * i + 0.1 * i * i));
  const Groups groups = cluster_encodings(encodings, apart(15));
  EXPECT_GT(groups.size(), 2U);
  for (const auto& group : groups)
    EXPECT_LE(squared_distance(encodings[group.front()], encodings[group.back()]), apart(30));
}

/// Average linkage by its definition: all mean distances, again after every merge.
Groups by_definition(const std::vector<Encoding>& encodings, float threshold) {
  Groups groups;
  for (std::size_t i = 0; i < encodings.size(); ++i) groups.push_back({i});
  const auto mean_distance = [&](const auto& a, const auto& b) {
    double sum = 0;
    for (const std::size_t i : a)
      for (const std::size_t j : b) sum += squared_distance(encodings[i], encodings[j]);
    return sum / static_cast<double>(a.size() * b.size());
  };
  while (true) {
    double best = threshold;
    std::size_t first = 0;
    std::size_t second = 0;
    for (std::size_t i = 0; i < groups.size(); ++i)
      for (std::size_t j = i + 1; j < groups.size(); ++j)
        if (const double d = mean_distance(groups[i], groups[j]); d <= best) {
          best = d;
          first = i;
          second = j;
        }
    if (second == 0) break;
    groups[first].insert(groups[first].end(), groups[second].begin(), groups[second].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(second));
  }
  for (auto& group : groups) std::sort(group.begin(), group.end());
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() > b.size() : a.front() < b.front();
  });
  return groups;
}

std::vector<Encoding> random_encodings(std::mt19937& generator) {
  std::normal_distribution<float> normal;
  std::vector<Encoding> encodings(60, Encoding(5));
  for (Encoding& encoding : encodings) {
    for (float& number : encoding) number = normal(generator);
    const float norm =
        std::sqrt(std::inner_product(encoding.begin(), encoding.end(), encoding.begin(), 0.0F));
    for (float& number : encoding) number /= norm;
  }
  return encodings;
}

TEST(Clusters, AreThoseOfTheDefinition) {
  std::mt19937 generator(5);
  for (int run = 0; run < 10; ++run) {
    const std::vector<Encoding> encodings = random_encodings(generator);
    for (const float threshold : {0.2F, 0.5F, 1.0F, 1.6F})
      EXPECT_EQ(cluster_encodings(encodings, threshold), by_definition(encodings, threshold));
  }
}

TEST(Clusters, DoNotDependOnTheOrder) {
  std::mt19937 generator(6);
  const std::vector<Encoding> encodings = random_encodings(generator);
  const Groups expected = cluster_encodings(encodings, 0.6F);
  std::vector<std::size_t> order(encodings.size());
  std::iota(order.begin(), order.end(), 0);
  for (int run = 0; run < 5; ++run) {
    std::shuffle(order.begin(), order.end(), generator);
    std::vector<Encoding> shuffled;
    for (const std::size_t i : order) shuffled.push_back(encodings[i]);
    Groups groups = cluster_encodings(shuffled, 0.6F);
    for (auto& group : groups) {
      for (std::size_t& index : group) index = order[index];
      std::sort(group.begin(), group.end());
    }
    std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
      return a.size() != b.size() ? a.size() > b.size() : a.front() < b.front();
    });
    EXPECT_EQ(groups, expected);
  }
}

}  // namespace
}  // namespace likeness
