#include "support/encodings.h"

#include <cstdint>
#include <cstring>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>
#include <likeness/core/files.h>

#include "support/program.h"

namespace likeness {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

}  // namespace

std::vector<float> Matrix::row(std::size_t index) const {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(index * columns);
  return {begin, begin + static_cast<std::ptrdiff_t>(columns)};
}

Matrix read_npy(const std::filesystem::path& path) {
  const std::string file = text_of(path);
  constexpr std::size_t kPrefix = 10;  // magic, version, length of the header
  if (file.size() < kPrefix || file.compare(0, 8, std::string("\x93NUMPY\x01\x00", 8)) != 0) {
    ADD_FAILURE() << path << ": no NumPy file of version 1.0";
    return {};
  }
  const std::size_t length =
      static_cast<std::uint8_t>(file[8]) + (std::size_t{static_cast<std::uint8_t>(file[9])} << 8);
  const std::string header = file.substr(kPrefix, length);
  const std::regex format(
      R"(\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n)");
  std::smatch shape;
  if (!std::regex_match(header, shape, format) || (kPrefix + length) % 64 != 0) {
    ADD_FAILURE() << path << ": header " << header;
    return {};
  }
  const std::string body = file.substr(kPrefix + length);
  Matrix matrix{.columns = std::stoul(shape[2]), .values = {}};
  const std::size_t count = std::stoul(shape[1]) * matrix.columns;
  EXPECT_EQ(body.size(), count * sizeof(float)) << path << ": " << header;
  matrix.values.resize(body.size() / sizeof(float));
  std::memcpy(matrix.values.data(), body.data(), matrix.values.size() * sizeof(float));
  return matrix;
}

std::string text_of(const std::filesystem::path& path) {
  const Bytes bytes = read_file(path, kMaxBytes);
  return {bytes.begin(), bytes.end()};
}

std::vector<std::vector<std::string>> read_table(const std::filesystem::path& path) {
  std::vector<std::vector<std::string>> table;
  for (const std::string& line : split(text_of(path), '\n')) table.push_back(split(line, '\t'));
  return table;
}

std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> lines;
  for (const std::string& line : split(text, '\n')) lines.push_back(json_of(line));
  return lines;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - b.at(i);
    sum += difference * difference;
  }
  return sum;
}

}  // namespace likeness
