#pragma once

/// Reads what `likeness embed` wrote.

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace likeness {

/// Rows of float32.
struct Matrix {
  std::size_t columns = 0;
  std::vector<float> values;
  std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
  std::vector<float> row(std::size_t index) const;
};

/// A NumPy file of version 1.0 as NumPy itself would read it; a test failure and an empty matrix
/// when it is none, or holds another number of values than its header says.
Matrix read_npy(const std::filesystem::path& path);

/// The whole file as text.
std::string text_of(const std::filesystem::path& path);

/// Lines of fields between tabs.
std::vector<std::vector<std::string>> read_table(const std::filesystem::path& path);

/// Each line as JSON.
std::vector<nlohmann::json> json_lines(const std::string& text);

/// ‖a − b‖²; requires equal sizes.
double distance(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace likeness
