#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/evaluate/labelled_encodings.h>

namespace likeness {

std::span<const float> LabelledEncodings::row(std::int64_t index) const {
  LIKENESS_CHECK(index >= 0 && index < size());
  const std::int64_t columns = rows.size(1);
  return {rows.data_ptr<float>() + index * columns, static_cast<std::size_t>(columns)};
}

std::vector<std::vector<std::int64_t>> LabelledEncodings::rows_by_person() const {
  std::vector<std::vector<std::int64_t>> result(people.size());
  for (std::int64_t i = 0; i < size(); ++i)
    result[static_cast<std::size_t>(person[static_cast<std::size_t>(i)])].push_back(i);
  return result;
}

std::int64_t LabelledEncodings::genuine_pairs() const {
  std::int64_t pairs = 0;
  for (const auto& rows_of_one : rows_by_person()) {
    const auto count = static_cast<std::int64_t>(rows_of_one.size());
    pairs += count * (count - 1) / 2;
  }
  return pairs;
}

std::int64_t LabelledEncodings::impostor_pairs() const {
  return size() * (size() - 1) / 2 - genuine_pairs();
}

LabelledEncodings label_encodings(const EncodedPictures& encoded, const People& people) {
  std::map<std::string, int> numbers;
  for (const auto& [picture, found] : encoded)
    if (found) numbers.emplace(people.at(picture), 0);
  LabelledEncodings result;
  for (auto& [name, number] : numbers) {
    number = static_cast<int>(result.people.size());
    result.people.push_back(name);
  }
  std::vector<float> values;
  for (const auto& [picture, found] : encoded) {
    if (!found) continue;
    result.pictures.push_back(picture);
    result.person.push_back(numbers.at(people.at(picture)));
    values.insert(values.end(), found->encoding.begin(), found->encoding.end());
  }
  const std::int64_t count = result.size();
  const std::int64_t columns = count == 0 ? 0 : static_cast<std::int64_t>(values.size()) / count;
  LIKENESS_CHECK(count * columns == static_cast<std::int64_t>(values.size()));
  result.rows = at::from_blob(values.data(), {count, columns}, at::kFloat).clone();
  return result;
}

void visit_pair_distances(const at::Tensor& rows,
                          const std::function<void(std::int64_t, std::span<const float>)>& visit) {
  constexpr std::int64_t kBlock = 256;  // rows; a block of products stays within the cache
  const std::int64_t count = rows.size(0);
  const at::Tensor norms = rows.square().sum(1);
  for (std::int64_t top = 0; top < count; top += kBlock) {
    const std::int64_t bottom = std::min(top + kBlock, count);
    const at::Tensor distances =
        (norms.slice(0, top, bottom).unsqueeze(1) + norms.slice(0, top).unsqueeze(0) -
         2 * rows.slice(0, top, bottom).matmul(rows.slice(0, top).t()))
            .clamp(0, 4)
            .contiguous();
    for (std::int64_t i = top; i < bottom; ++i) {
      const float* row = distances.data_ptr<float>() + (i - top) * distances.size(1);
      visit(i, {row + (i + 1 - top), static_cast<std::size_t>(count - i - 1)});
    }
  }
}

}  // namespace likeness
