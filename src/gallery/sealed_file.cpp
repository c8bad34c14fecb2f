#include "gallery/sealed_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include <likeness/core/error.h>
#include <sodium.h>

namespace likeness {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;
constexpr std::size_t kHash = crypto_generichash_BYTES;
constexpr std::size_t kHeader = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::array<char, 8> kMagic = {'L', 'I', 'K', 'E', 'I', 'D', 'X', '1'};

using Hash = std::array<std::uint8_t, kHash>;

Hash hash_of(std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> key) {
  Hash hash{};
  crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), key.data(), key.size());
  return hash;
}

/// What the first bytes of a file say: its kind and, in the clear, whether there is a key.
struct Start {
  std::array<char, 8> magic = kMagic;
  std::uint8_t encrypted = 0;
  std::array<std::uint8_t, kHeader> header{};
};
static_assert(sizeof(Start) == 8 + 1 + kHeader);

/// What is known beside the chunks, and must be the same when they are read.
Hash hash_of(const Start& start, const std::string& about) {
  const Hash hash =
      hash_of({reinterpret_cast<const std::uint8_t*>(about.data()), about.size()}, {});
  return hash_of({reinterpret_cast<const std::uint8_t*>(&start), sizeof(start)}, hash);
}

}  // namespace

class ChunkSeal {
 public:
  static std::unique_ptr<ChunkSeal> for_writing(Start& start, std::span<const std::uint8_t> key,
                                                const std::string& about);
  /// Nothing when the file was not written with this kind of key.
  static std::unique_ptr<ChunkSeal> for_reading(const Start& start,
                                                std::span<const std::uint8_t> key,
                                                const std::string& about);
  ChunkSeal() = default;
  ~ChunkSeal() { sodium_memzero(&state_, sizeof(state_)); }
  ChunkSeal(const ChunkSeal&) = delete;
  ChunkSeal& operator=(const ChunkSeal&) = delete;

  std::size_t overhead() const {
    return encrypted_ ? crypto_secretstream_xchacha20poly1305_ABYTES : kHash + 1;
  }
  void seal(std::span<const std::uint8_t> chunk, bool last, std::vector<std::uint8_t>& sealed);
  /// Whether it is the last chunk; nothing when it is not genuine.
  std::optional<bool> open(std::span<const std::uint8_t> sealed, std::vector<std::uint8_t>& chunk);

 private:
  bool encrypted_ = false;
  crypto_secretstream_xchacha20poly1305_state state_{};
  Hash about_{};  ///< in the clear: the checksum of all before
};

std::unique_ptr<ChunkSeal> ChunkSeal::for_writing(Start& start, std::span<const std::uint8_t> key,
                                                  const std::string& about) {
  auto seal = std::make_unique<ChunkSeal>();
  seal->encrypted_ = !key.empty();
  start.encrypted = seal->encrypted_ ? 1 : 0;
  if (seal->encrypted_)
    crypto_secretstream_xchacha20poly1305_init_push(&seal->state_, start.header.data(), key.data());
  seal->about_ = hash_of(start, about);
  return seal;
}

std::unique_ptr<ChunkSeal> ChunkSeal::for_reading(const Start& start,
                                                  std::span<const std::uint8_t> key,
                                                  const std::string& about) {
  if (start.magic != kMagic || start.encrypted != (key.empty() ? 0 : 1)) return nullptr;
  auto seal = std::make_unique<ChunkSeal>();
  seal->encrypted_ = !key.empty();
  seal->about_ = hash_of(start, about);
  if (seal->encrypted_ && crypto_secretstream_xchacha20poly1305_init_pull(
                              &seal->state_, start.header.data(), key.data()) != 0)
    return nullptr;
  return seal;
}

void ChunkSeal::seal(std::span<const std::uint8_t> chunk, bool last,
                     std::vector<std::uint8_t>& sealed) {
  sealed.resize(chunk.size() + overhead());
  if (encrypted_) {
    crypto_secretstream_xchacha20poly1305_push(
        &state_, sealed.data(), nullptr, chunk.data(), chunk.size(), about_.data(), about_.size(),
        last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
             : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
    return;
  }
  std::copy(chunk.begin(), chunk.end(), sealed.begin());
  sealed[chunk.size()] = last ? 1 : 0;
  about_ = hash_of({sealed.data(), chunk.size() + 1}, about_);
  std::copy(about_.begin(), about_.end(), sealed.end() - kHash);
}

std::optional<bool> ChunkSeal::open(std::span<const std::uint8_t> sealed,
                                    std::vector<std::uint8_t>& chunk) {
  if (sealed.size() < overhead()) return std::nullopt;
  chunk.resize(sealed.size() - overhead());
  if (encrypted_) {
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&state_, chunk.data(), nullptr, &tag,
                                                   sealed.data(), sealed.size(), about_.data(),
                                                   about_.size()) != 0)
      return std::nullopt;
    return tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  }
  about_ = hash_of(sealed.first(chunk.size() + 1), about_);
  if (!std::equal(about_.begin(), about_.end(), sealed.end() - kHash)) return std::nullopt;
  std::copy_n(sealed.begin(), chunk.size(), chunk.begin());
  return sealed[chunk.size()] == 1;
}

SealedWriter::SealedWriter(const std::filesystem::path& path, std::span<const std::uint8_t> key,
                           const std::string& about)
    : file_(path) {
  LIKENESS_CHECK(key.empty() || key.size() == crypto_secretstream_xchacha20poly1305_KEYBYTES);
  LIKENESS_CHECK(sodium_init() >= 0);
  Start start;
  seal_ = ChunkSeal::for_writing(start, key, about);
  chunk_.reserve(kChunk);
  file_.write({reinterpret_cast<const std::uint8_t*>(&start), sizeof(start)});
}

SealedWriter::~SealedWriter() {
  sodium_memzero(chunk_.data(), chunk_.size());
}

void SealedWriter::write(const void* bytes, std::size_t size) {
  const auto* next = static_cast<const std::uint8_t*>(bytes);
  while (size > 0) {
    if (chunk_.size() == kChunk) write_chunk(false);
    const std::size_t part = std::min(size, kChunk - chunk_.size());
    chunk_.insert(chunk_.end(), next, next + part);
    next += part;
    size -= part;
  }
}

void SealedWriter::commit() {
  write_chunk(true);
  file_.commit();
}

void SealedWriter::write_chunk(bool last) {
  seal_->seal(chunk_, last, sealed_);
  file_.write(sealed_);
  sodium_memzero(chunk_.data(), chunk_.size());
  chunk_.clear();
}

SealedReader::SealedReader(const std::filesystem::path& path, std::span<const std::uint8_t> key,
                           const std::string& about) {
  LIKENESS_CHECK(key.empty() || key.size() == crypto_secretstream_xchacha20poly1305_KEYBYTES);
  LIKENESS_CHECK(sodium_init() >= 0);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return;
  file_size_ = std::filesystem::file_size(path, error);
  if (error) return;
  file_.open(path, std::ios::binary);
  Start start;
  if (file_.read(reinterpret_cast<char*>(&start), sizeof(start)))
    seal_ = ChunkSeal::for_reading(start, key, about);
}

SealedReader::~SealedReader() {
  sodium_memzero(chunk_.data(), chunk_.size());
}

bool SealedReader::read(void* bytes, std::size_t size) {
  auto* next = static_cast<std::uint8_t*>(bytes);
  while (size > 0) {
    if (next_ == chunk_.size() && !read_chunk()) return false;
    const std::size_t part = std::min(size, chunk_.size() - next_);
    if (part > 0) std::memcpy(next, chunk_.data() + next_, part);
    next += part;
    next_ += part;
    size -= part;
  }
  return seal_ != nullptr;
}

bool SealedReader::at_end() {
  if (seal_ == nullptr || next_ != chunk_.size()) return false;
  if (!last_ && (!read_chunk() || !chunk_.empty())) return false;
  return last_ && file_.peek() == std::ifstream::traits_type::eof();
}

bool SealedReader::read_chunk() {
  if (seal_ == nullptr || last_) return false;
  next_ = 0;
  sealed_.resize(kChunk + seal_->overhead());
  file_.read(reinterpret_cast<char*>(sealed_.data()), static_cast<std::streamsize>(sealed_.size()));
  const auto got = static_cast<std::size_t>(file_.gcount());
  const std::optional<bool> last = seal_->open(std::span(sealed_).first(got), chunk_);
  if (!last) {
    seal_.reset();
    chunk_.clear();
    return false;
  }
  last_ = *last;
  return true;
}

}  // namespace likeness
