#pragma once

/// A file in chunks of 1 MiB, each of them encrypted and authenticated (libsodium's secretstream,
/// XChaCha20-Poly1305) or, without a key, followed by a checksum (BLAKE2b) that continues the one
/// before. A reader sees a byte only after its chunk has been verified, and knows a shortened file.
/// `about` is not stored: a file opens only for who knows what it was made of.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <likeness/core/output_file.h>

namespace likeness {

/// Verifies and, given a key, hides chunks in their order.
class ChunkSeal;

class SealedWriter {
 public:
  /// key: 32 bytes or none. All functions throw Error(write_failed).
  SealedWriter(const std::filesystem::path& path, std::span<const std::uint8_t> key,
               const std::string& about);
  ~SealedWriter();
  SealedWriter(const SealedWriter&) = delete;
  SealedWriter& operator=(const SealedWriter&) = delete;

  void write(const void* bytes, std::size_t size);
  template <typename Value>
  void write(const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value> && !std::is_pointer_v<Value>);
    write(&value, sizeof(Value));
  }
  /// Without it the file does not appear.
  void commit();

 private:
  void write_chunk(bool last);

  OutputFile file_;
  std::unique_ptr<ChunkSeal> seal_;
  std::vector<std::uint8_t> chunk_;
  std::vector<std::uint8_t> sealed_;
};

class SealedReader {
 public:
  SealedReader(const std::filesystem::path& path, std::span<const std::uint8_t> key,
               const std::string& about);
  ~SealedReader();
  SealedReader(const SealedReader&) = delete;
  SealedReader& operator=(const SealedReader&) = delete;

  /// False when there are not so many bytes, or they are not as they were written; from then on
  /// always. The bytes are meaningless then.
  [[nodiscard]] bool read(void* bytes, std::size_t size);
  template <typename Value>
  [[nodiscard]] bool read(Value& value) {
    static_assert(std::is_trivially_copyable_v<Value> && !std::is_pointer_v<Value>);
    return read(&value, sizeof(Value));
  }
  /// Whether all was read and the file ends where its writer ended it.
  [[nodiscard]] bool at_end();
  /// A bound on what the file can hold.
  std::uint64_t file_size() const { return file_size_; }

 private:
  bool read_chunk();

  std::ifstream file_;
  std::uint64_t file_size_ = 0;
  std::unique_ptr<ChunkSeal> seal_;  ///< none: not to be read (any more)
  std::vector<std::uint8_t> chunk_;
  std::vector<std::uint8_t> sealed_;
  std::size_t next_ = 0;  ///< in chunk_
  bool last_ = false;     ///< chunk_ is the last one
};

}  // namespace likeness
