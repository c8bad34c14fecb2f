#pragma once

/// Who is who among faces that nobody named: encodings of one person gathered into groups.
///
/// Agglomerative clustering with average linkage (UPGMA, Sokal & Michener 1958): the two groups
/// with the smallest mean squared distance between their members are merged, again and again, while
/// it is within the threshold. A chain of look-alikes, each near the next one, does not join two
/// people as single linkage would. Pure function, safe to call from many threads.
///
///     for (const auto& person : cluster_encodings(encodings, 1.1F))
///       std::cout << person.size() << " faces\n";

#include <cstddef>
#include <span>
#include <vector>

#include <likeness/faces/encoder.h>

namespace likeness {

/// Indices of `encodings` in groups: larger groups first, equally large ones by their first index,
/// rising within a group; one that is near no other is a group of its own. `threshold`: the largest
/// mean squared distance at which two groups are one person, as a Calibration gives it.
///
/// With the centroids cA and cB of two groups, the mean of ‖a − b‖² is
///
///     ‖cA − cB‖² + s(A) + s(B),   s(A) = mean ‖a − cA‖²,
///
/// so that no distances are kept: memory is that of the encodings. Nearest-neighbour chains
/// (Murtagh 1983) take O(n²) distances. Apart from exact ties the groups do not depend on the order
/// of the encodings. Requires encodings of one size.
std::vector<std::vector<std::size_t>> cluster_encodings(std::span<const Encoding> encodings,
                                                        float threshold);

}  // namespace likeness
