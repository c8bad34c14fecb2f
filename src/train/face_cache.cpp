#include "train/face_cache.h"

#include <cstring>
#include <numeric>
#include <system_error>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>

namespace likeness {
namespace {

constexpr std::string_view kMagic = "LKFACES1";
constexpr std::size_t kDigestBytes = 64;
constexpr std::size_t kStartBytes = kMagic.size() + sizeof(std::uint64_t) + kDigestBytes;
constexpr std::uint64_t kPage = 4096;
constexpr int kMaxCropSize = 4096;

class IndexWriter {
 public:
  void number(std::uint64_t value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void text(const std::string& value) {
    number(value.size());
    bytes_ += value;
  }
  void texts(const std::vector<std::string>& values) {
    number(values.size());
    for (const std::string& value : values) text(value);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Takes an index apart. Every length is held against what is left before memory is taken.
class IndexReader {
 public:
  IndexReader(std::string_view bytes, const std::string& file) : rest_(bytes), file_(file) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    if (rest_.size() < sizeof(value)) fail("the index ends too early");
    std::memcpy(&value, rest_.data(), sizeof(value));
    rest_.remove_prefix(sizeof(value));
    return value;
  }
  std::string text() {
    const std::uint64_t length = number();
    if (length > rest_.size()) fail("a text is longer than the index");
    std::string value(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return value;
  }
  /// A number of entries of at least eight bytes each.
  std::uint64_t count() {
    const std::uint64_t value = number();
    if (value > rest_.size() / sizeof(value)) fail("a list is longer than the index");
    return value;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> values(count());
    for (std::string& value : values) value = text();
    return values;
  }
  void expect_end() const {
    if (!rest_.empty()) fail("bytes follow the index");
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::corrupt_file, file_ + ": " + what);
  }

 private:
  std::string_view rest_;
  const std::string& file_;
};

std::string write_index(const std::string& key, int crop_size, const AlignedFaces& faces) {
  LIKENESS_CHECK(faces.labels.size() == faces.pictures.size());
  IndexWriter index;
  index.text(key);
  index.number(static_cast<std::uint64_t>(crop_size));
  index.texts(faces.identities);
  index.number(faces.labels.size());
  for (const std::int64_t label : faces.labels) index.number(static_cast<std::uint64_t>(label));
  index.texts(faces.pictures);
  index.number(faces.skipped.size());
  for (const SkippedPicture& skipped : faces.skipped) {
    index.text(skipped.picture);
    index.text(skipped.reason);
  }
  return index.bytes();
}

/// Everything but the pixels, and the size of the crops.
std::pair<AlignedFaces, int> read_index(IndexReader index, const std::string& key) {
  AlignedFaces faces;
  if (index.text() != key) index.fail("belongs to other pictures");
  const std::uint64_t size = index.number();
  if (size < 1 || size > kMaxCropSize) index.fail("size of crops " + std::to_string(size));
  faces.identities = index.texts();
  faces.labels.resize(index.count());
  for (std::int64_t& label : faces.labels) {
    const std::uint64_t value = index.number();
    if (value >= faces.identities.size()) index.fail("label " + std::to_string(value));
    label = static_cast<std::int64_t>(value);
  }
  faces.pictures = index.texts();
  if (faces.pictures.size() != faces.labels.size() || faces.labels.empty())
    index.fail(std::to_string(faces.pictures.size()) + " pictures and " +
               std::to_string(faces.labels.size()) + " labels");
  faces.skipped.resize(index.count());
  for (SkippedPicture& skipped : faces.skipped) {
    skipped.picture = index.text();
    skipped.reason = index.text();
  }
  index.expect_end();
  faces.rows.resize(faces.labels.size());
  std::iota(faces.rows.begin(), faces.rows.end(), std::int64_t{0});
  return {std::move(faces), static_cast<int>(size)};
}

std::uint64_t first_crop(std::uint64_t index_bytes) {
  return (kStartBytes + index_bytes + kPage - 1) / kPage * kPage;
}

std::uint64_t crop_bytes(int size) {
  return std::uint64_t{3} * static_cast<std::uint64_t>(size) * static_cast<std::uint64_t>(size);
}

std::string read_index_bytes(const PosixFile& file, const std::string& name) {
  std::string start(kStartBytes, '\0');
  const auto bytes_of = [](std::string& text) {
    return std::span(reinterpret_cast<std::uint8_t*>(text.data()), text.size());
  };
  if (!file.read_at(0, bytes_of(start)) || !start.starts_with(kMagic))
    throw Error(ErrorCode::corrupt_file, name + ": is no cache of faces");
  std::uint64_t index_bytes = 0;
  std::memcpy(&index_bytes, start.data() + kMagic.size(), sizeof(index_bytes));
  if (index_bytes > file.size() - kStartBytes)
    throw Error(ErrorCode::corrupt_file, name + ": an index of " + std::to_string(index_bytes) +
                                             " bytes in a file of " + std::to_string(file.size()));
  std::string index(index_bytes, '\0');
  if (!file.read_at(kStartBytes, bytes_of(index)) ||
      sha256(bytes_of(index)) != start.substr(kStartBytes - kDigestBytes))
    throw Error(ErrorCode::corrupt_file, name + ": the index differs from its checksum");
  return index;
}

}  // namespace

std::optional<AlignedFaces> read_face_cache(const std::filesystem::path& path,
                                            const std::string& key) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  const std::string name = path.string();
  const PosixFile file(path, PosixFile::Mode::read);
  const std::string bytes = read_index_bytes(file, name);
  auto [faces, size] = read_index(IndexReader(bytes, name), key);
  const std::uint64_t offset = first_crop(bytes.size());
  const std::uint64_t total = offset + faces.labels.size() * crop_bytes(size);
  if (file.size() != total)
    throw Error(ErrorCode::corrupt_file, name + ": " + std::to_string(file.size()) +
                                             " bytes instead of " + std::to_string(total));
  const std::shared_ptr<std::uint8_t> memory = file.map(total);
  faces.pixels = at::from_blob(
      memory.get() + offset, {faces.size(), size, size, 3}, [memory](void*) {},
      at::TensorOptions(at::kByte));
  return faces;
}

FaceCacheWriter::FaceCacheWriter(std::filesystem::path path, const std::string& key, int crop_size,
                                 const AlignedFaces& index)
    : path_(std::move(path)),
      unfinished_(path_.string() + ".unfinished"),
      file_(unfinished_, PosixFile::Mode::overwrite) {
  const std::string bytes = write_index(key, crop_size, index);
  const auto length = static_cast<std::uint64_t>(bytes.size());
  std::string start(kMagic);
  start.append(reinterpret_cast<const char*>(&length), sizeof(length));
  start += sha256({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}) + bytes;
  offset_ = first_crop(length);
  end_ = offset_ + index.labels.size() * crop_bytes(crop_size);
  file_.write_at(0, {reinterpret_cast<const std::uint8_t*>(start.data()), start.size()});
}

FaceCacheWriter::~FaceCacheWriter() {
  std::error_code ignored;
  if (!finished_) std::filesystem::remove(unfinished_, ignored);
}

void FaceCacheWriter::add(ConstBytes crop) {
  LIKENESS_CHECK(offset_ + crop.size() <= end_);
  file_.write_at(offset_, crop);
  offset_ += crop.size();
}

void FaceCacheWriter::finish() {
  LIKENESS_CHECK(offset_ == end_);
  file_.flush();
  rename_file(unfinished_, path_);
  finished_ = true;
}

}  // namespace likeness
