#pragma once

/// Encodings as the rows of a matrix, with who each row shows: what is measured, calibrated and
/// trained on. Safe to read from many threads.
///
///     const LabelledEncodings encodings = label_encodings(encoded, pictures.people);
///     visit_pair_distances(encodings.rows, [&](std::int64_t i, std::span<const float> d) { … });

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/evaluate/picture_set.h>

namespace likeness {

struct LabelledEncodings {
  at::Tensor rows;                    ///< float32 [pictures, dimensions], on the CPU
  std::vector<int> person;            ///< of each row: an index into `people`
  std::vector<std::string> people;    ///< names, sorted
  std::vector<std::string> pictures;  ///< of each row, sorted

  std::int64_t size() const { return static_cast<std::int64_t>(person.size()); }
  std::span<const float> row(std::int64_t index) const;
  /// The rows of each person, rising.
  std::vector<std::vector<std::int64_t>> rows_by_person() const;
  /// The number of pairs of one person, and of two.
  std::int64_t genuine_pairs() const;
  std::int64_t impostor_pairs() const;
};

/// The pictures with a face, in the order of their paths. Requires a person in `people` for each
/// and encodings of one length.
LabelledEncodings label_encodings(const EncodedPictures& encoded, const People& people);

/// Calls visit(i, d) for each row i in order with the squared distances to all later rows:
/// d[j − i − 1] is that to row j, for j = i + 1 … N − 1, within [0, 4]. `d` is valid during the
/// call. Blocks of rows are multiplied at once: O(N² · dimensions) time, O(N) memory.
void visit_pair_distances(const at::Tensor& rows,
                          const std::function<void(std::int64_t, std::span<const float>)>& visit);

}  // namespace likeness
