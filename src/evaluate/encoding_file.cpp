#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/evaluate/encoding_file.h>
#include <likeness/model/safetensors.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKind = "likeness face encodings 1";
constexpr std::int64_t kFaceNumbers = 15;  // box, score, five points

/// What tells a picture that was changed from the one that was encoded.
struct Stamp {
  std::int64_t bytes = -1;
  std::int64_t time = 0;
  bool operator==(const Stamp&) const = default;
};

struct Entry {
  Stamp stamp;
  std::optional<EncodedPicture> picture;
};
using Entries = std::map<std::string, Entry>;

/// Of a file that is not there: one that equals no other.
Stamp stamp_of(const fs::path& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  if (error) return {};
  const auto time = fs::last_write_time(path, error);
  if (error) return {};
  return {static_cast<std::int64_t>(bytes), time.time_since_epoch().count()};
}

std::vector<float> numbers_of(const Face& face) {
  std::vector<float> numbers = {face.box.x, face.box.y, face.box.width, face.box.height,
                                face.score};
  for (const Point& point : face.landmarks.points()) {
    numbers.push_back(point.x);
    numbers.push_back(point.y);
  }
  return numbers;
}

Face face_of(const float* numbers) {
  const auto point = [&](int index) {
    return Point{numbers[5 + 2 * index], numbers[6 + 2 * index]};
  };
  return {.box = {numbers[0], numbers[1], numbers[2], numbers[3]},
          .landmarks = {point(0), point(1), point(2), point(3), point(4)},
          .score = numbers[4]};
}

at::Tensor to_rows(const std::vector<float>& values, std::int64_t rows) {
  const std::int64_t columns = rows == 0 ? 0 : static_cast<std::int64_t>(values.size()) / rows;
  LIKENESS_CHECK(rows * columns == static_cast<std::int64_t>(values.size()));
  return at::from_blob(const_cast<float*>(values.data()), {rows, columns}, at::kFloat).clone();
}

at::Tensor to_tensor(const std::vector<std::int64_t>& values) {
  return at::from_blob(const_cast<std::int64_t*>(values.data()),
                       {static_cast<std::int64_t>(values.size())}, at::kLong)
      .clone();
}

at::Tensor to_tensor(const std::string& text) {
  return at::from_blob(const_cast<char*>(text.data()), {static_cast<std::int64_t>(text.size())},
                       at::kByte)
      .clone();
}

TensorFile to_file(const Entries& entries, const std::string& settings) {
  std::string names;
  std::vector<float> encodings;
  std::vector<float> faces;
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> bytes;
  std::vector<std::int64_t> times;
  std::int64_t found = 0;
  for (const auto& [name, entry] : entries) {
    names += name + "\n";
    rows.push_back(entry.picture ? found++ : -1);
    bytes.push_back(entry.stamp.bytes);
    times.push_back(entry.stamp.time);
    if (!entry.picture) continue;
    encodings.insert(encodings.end(), entry.picture->encoding.begin(),
                     entry.picture->encoding.end());
    const auto numbers = numbers_of(entry.picture->face);
    faces.insert(faces.end(), numbers.begin(), numbers.end());
  }
  return {.tensors = {{"encodings", to_rows(encodings, found)},
                      {"faces", to_rows(faces, found)},
                      {"row", to_tensor(rows)},
                      {"bytes", to_tensor(bytes)},
                      {"time", to_tensor(times)},
                      {"pictures", to_tensor(names)}},
          .metadata = {{"kind", kKind}, {"settings", settings}}};
}

/// Reads such a file and trusts nothing in it.
class FileReader {
 public:
  FileReader(const EncodingFile& file, const TensorFile& content)
      : name_(file.path.string()), content_(content) {
    if (text("kind") != kKind) fail("holds no face encodings");
    if (text("settings") != file.settings)
      throw Error(ErrorCode::invalid_argument,
                  name_ + ": holds encodings made with other settings (" + text("settings") +
                      "; now " + file.settings + "); name another file or remove this one");
  }

  Entries read() const {
    const std::vector<std::string> names = read_names();
    const auto count = static_cast<std::int64_t>(names.size());
    const at::Tensor rows = tensor("row", at::kLong, {count});
    const at::Tensor bytes = tensor("bytes", at::kLong, {count});
    const at::Tensor times = tensor("time", at::kLong, {count});
    const auto* row = rows.data_ptr<std::int64_t>();
    const std::int64_t found = std::count_if(row, row + count, [](auto r) { return r >= 0; });
    const at::Tensor faces = tensor("faces", at::kFloat, {found, found == 0 ? 0 : kFaceNumbers});
    const at::Tensor encodings = tensor("encodings", at::kFloat, {found, -1});
    Entries entries;
    std::int64_t next = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      Entry entry{{bytes.data_ptr<std::int64_t>()[i], times.data_ptr<std::int64_t>()[i]}, {}};
      if (row[i] >= 0) {
        if (row[i] != next++) fail("\"row\" does not count up");
        entry.picture = EncodedPicture{face_of(faces.data_ptr<float>() + row[i] * kFaceNumbers),
                                       read_encoding(encodings, row[i])};
      }
      if (!entries.emplace(names[static_cast<std::size_t>(i)], std::move(entry)).second)
        fail("a picture comes twice");
    }
    return entries;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::corrupt_file, name_ + ": " + what);
  }

  std::string text(const std::string& key) const {
    const auto found = content_.metadata.find(key);
    return found == content_.metadata.end() ? std::string() : found->second;
  }

  /// A size of −1 stands for any.
  at::Tensor tensor(const std::string& key, at::ScalarType type,
                    const std::vector<std::int64_t>& sizes) const {
    const auto found = content_.tensors.find(key);
    bool fits = found != content_.tensors.end() && found->second.scalar_type() == type &&
                found->second.dim() == static_cast<std::int64_t>(sizes.size());
    for (std::size_t k = 0; fits && k < sizes.size(); ++k)
      fits = sizes[k] == -1 || found->second.size(static_cast<std::int64_t>(k)) == sizes[k];
    if (!fits) fail("tensor \"" + key + "\" is missing or has another type or shape");
    return found->second.contiguous();
  }

  std::vector<std::string> read_names() const {
    const at::Tensor bytes = tensor("pictures", at::kByte, {-1});
    std::vector<std::string> names;
    const auto* begin = bytes.data_ptr<std::uint8_t>();
    const auto* end = begin + bytes.numel();
    while (begin != end) {
      const auto* line = std::find(begin, end, '\n');
      if (line == end) fail("the last picture has no end");
      names.emplace_back(begin, line);
      begin = line + 1;
    }
    return names;
  }

  Encoding read_encoding(const at::Tensor& rows, std::int64_t row) const {
    const float* values = rows.data_ptr<float>() + row * rows.size(1);
    Encoding encoding(values, values + rows.size(1));
    double length = 0;
    for (const float value : encoding) length += static_cast<double>(value) * value;
    if (!(std::abs(length - 1) < 1e-3)) fail("an encoding does not have length 1");
    return encoding;
  }

  std::string name_;
  const TensorFile& content_;
};

Entries read_entries(const EncodingFile& file) {
  std::error_code ignored;
  if (!fs::exists(file.path, ignored)) return {};
  const TensorFile content = read_safetensors(file.path);
  return FileReader(file, content).read();
}

}  // namespace

EncodedPictures encode_pictures(const fs::path& folder, std::span<const std::string> pictures,
                                const PictureSteps& steps, const EncodeOptions& options,
                                const EncodingFile& file, Progress& progress) {
  Entries entries = read_entries(file);
  check_writable(file.path);
  EncodedPictures known;
  std::vector<std::string> missing;
  for (const std::string& picture : pictures) {
    const auto entry = entries.find(picture);
    if (entry != entries.end() && entry->second.stamp == stamp_of(folder / picture) &&
        entry->second.stamp != Stamp{})
      known.emplace(picture, entry->second.picture);
    else
      missing.push_back(picture);
  }
  if (missing.empty()) return known;
  EncodedPictures fresh = encode_pictures(folder, missing, steps, options, progress);
  for (const auto& [picture, encoded] : fresh)
    if (picture.find('\n') == std::string::npos)  // the end of a name in the file
      entries[picture] = {stamp_of(folder / picture), encoded};
  write_safetensors(file.path, to_file(entries, file.settings));
  known.merge(fresh);
  return known;
}

}  // namespace likeness
