#pragma once

/// What encrypts the cells of a gallery. Values are sealed with XChaCha20-Poly1305 (libsodium), the
/// place where they belong as associated data, so that no cell can be put in another's place; look-
/// ups go by keyed hashes (BLAKE2b). The keys are random and lie in the gallery, wrapped by the key
/// file's key or by Argon2id of the passphrase. Without encryption a value is followed by a hash,
/// so that damage is found all the same. Immutable, safe to use from many threads.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <likeness/core/files.h>
#include <likeness/gallery/gallery_key.h>

namespace likeness {

class Vault {
 public:
  /// New random keys.
  static Vault create(GalleryKey::Kind kind);
  /// The keys in what wrapped() gave. Throws Error(wrong_key), saying which kind of key it takes;
  /// corrupt_file.
  static Vault open(std::span<const std::uint8_t> wrapped, const GalleryKey& key);
  /// Another key for the cells; look-ups and the audit log's chain go on.
  Vault with_new_cell_key(GalleryKey::Kind kind) const;

  GalleryKey::Kind kind() const { return kind_; }
  Bytes wrapped(const GalleryKey& key) const;

  Bytes seal(std::span<const std::uint8_t> value, std::string_view place) const;
  /// Nothing when the cell was changed or belongs elsewhere.
  std::optional<Bytes> unseal(std::span<const std::uint8_t> cell, std::string_view place) const;

  using Hash = std::array<std::uint8_t, 32>;
  Hash lookup(std::string_view what, std::string_view value) const;
  /// Of the audit log: `before` is the hash of the entry before.
  Hash chain(std::span<const std::uint8_t> before, std::string_view entry) const;
  /// For the file of the index; empty without encryption.
  Bytes index_key() const;

 private:
  static constexpr std::size_t kKeyBytes = 32;
  using Key = std::array<std::uint8_t, kKeyBytes>;
  struct Keys {
    Key cells;
    Key lookup;
    Key chain;
  };

  Vault(GalleryKey::Kind kind, const Keys& keys) : kind_(kind), keys_(keys) {}

  GalleryKey::Kind kind_;
  Keys keys_;
};

/// "key file", "passphrase", "none".
std::string_view name_of(GalleryKey::Kind kind);

}  // namespace likeness
