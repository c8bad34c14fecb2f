#include "face_encodings.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <set>
#include <string_view>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>

namespace likeness::bench {
namespace {

/// Variance of the last direction: e^-3.66 of the first one's, which spreads the squared distances
/// of strangers by 0.2 about 2, as the encodings of faces are.
constexpr double kDecay = 3.66;
constexpr std::size_t kMaxFile = std::size_t{1} << 32;

void normalise(std::span<float> row) {
  double squares = 0;
  for (const float value : row) squares += static_cast<double>(value) * value;
  for (float& value : row) value = static_cast<float>(value / std::sqrt(squares));
}

/// The rows of a NumPy file ('<f4', [rows, 192]).
Encodings read_rows(const std::string& path) {
  const Bytes file = read_file(path, kMaxFile);
  const std::string_view text(reinterpret_cast<const char*>(file.data()),
                              std::min<std::size_t>(file.size(), 256));
  const std::size_t start = text.find('\n');
  if (!text.starts_with("\x93NUMPY") || text.find("'<f4'") == text.npos || start == text.npos ||
      text.find(", " + std::to_string(kDimensions) + ")") == text.npos)
    throw Error(ErrorCode::unsupported_format, path + " has no rows of 192 float32 numbers");
  const std::size_t bytes = kDimensions * sizeof(float);
  Encodings rows((file.size() - start - 1) / bytes);
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::memcpy(rows.row(i).data(), file.data() + start + 1 + i * bytes, bytes);
  return rows;
}

std::vector<float> numbers(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kFloat).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

}  // namespace

Spread::Spread() : mean_(kDimensions), directions_(kDimensions * kDimensions) {
  for (std::size_t i = 0; i < kDimensions; ++i)
    directions_[i * kDimensions + i] =
        static_cast<float>(std::exp(-kDecay / 2 * static_cast<double>(i) / kDimensions));
}

Spread::Spread(const Encodings& rows) {
  const auto count = static_cast<std::int64_t>(rows.size());
  const at::Tensor all = at::from_blob(const_cast<float*>(rows.first(rows.size()).data()),
                                       {count, static_cast<std::int64_t>(kDimensions)}, at::kFloat)
                             .to(at::kDouble);
  const at::Tensor mean = all.mean(0);
  const at::Tensor centred = all - mean;
  const auto [variances, axes] = at::linalg_eigh(centred.t().mm(centred) / count);
  const at::Tensor scaled = (axes * variances.clamp_min(0).sqrt()).t();
  // Directions without variance cost time and change nothing.
  const at::Tensor used = variances > 1e-6 * variances.max();
  mean_ = numbers(mean);
  directions_ = numbers(scaled.index({used}));
}

void Spread::draw(Random& random, std::span<float> row) const {
  std::normal_distribution<float> normal;
  std::ranges::copy(mean_, row.begin());
  for (std::size_t start = 0; start < directions_.size(); start += kDimensions) {
    const float z = normal(random);
    for (std::size_t i = 0; i < kDimensions; ++i) row[i] += z * directions_[start + i];
  }
  normalise(row);
}

void Artist::draw_near(std::span<const float> face, std::span<float> row) {
  draw(row);
  const double along = std::inner_product(face.begin(), face.end(), row.begin(), 0.0);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] -= static_cast<float>(along) * face[i];
  normalise(row);
  const double cosine = 1 - (0.2 + 0.2 * random_.uniform()) / 2;
  const double sine = std::sqrt(1 - cosine * cosine);
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i] = static_cast<float>(cosine * face[i] + sine * row[i]);
}

RealFaces read_real_faces(const std::string& path) {
  const Encodings rows = read_rows(path);
  std::ifstream photos(path + ".txt");
  std::set<std::string> people;
  RealFaces faces;
  std::size_t i = 0;
  for (std::string photo; std::getline(photos, photo) && i < rows.size(); ++i) {
    const std::string person =
        std::filesystem::path(photo.substr(0, photo.find('\t'))).parent_path().string();
    (people.insert(person).second ? faces.enrolled : faces.probes).push_back(rows.row(i));
  }
  if (i != rows.size() || faces.probes.size() == 0)
    throw Error(ErrorCode::unsupported_format, path + ".txt names no second photo of a person");
  return faces;
}

}  // namespace likeness::bench
