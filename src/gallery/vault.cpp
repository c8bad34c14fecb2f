#include "gallery/vault.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <likeness/core/error.h>
#include <sodium.h>

namespace likeness {
namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kSalt = crypto_pwhash_SALTBYTES;
constexpr std::size_t kPlainHash = 16;
constexpr std::string_view kWrapPlace = "likeness gallery keys 1";

Bytes encrypt(std::span<const std::uint8_t> value, std::string_view place,
              const std::uint8_t* key) {
  Bytes cell(kNonce + value.size() + kTag);
  randombytes_buf(cell.data(), kNonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      cell.data() + kNonce, nullptr, value.data(), value.size(),
      reinterpret_cast<const std::uint8_t*>(place.data()), place.size(), nullptr, cell.data(), key);
  return cell;
}

std::optional<Bytes> decrypt(std::span<const std::uint8_t> cell, std::string_view place,
                             const std::uint8_t* key) {
  if (cell.size() < kNonce + kTag) return {};
  Bytes value(cell.size() - kNonce - kTag);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          value.data(), nullptr, nullptr, cell.data() + kNonce, cell.size() - kNonce,
          reinterpret_cast<const std::uint8_t*>(place.data()), place.size(), cell.data(), key) != 0)
    return {};
  return value;
}

/// BLAKE2b of several parts, each with its length before it.
template <std::size_t kSize>
std::array<std::uint8_t, kSize> hash_of(
    std::span<const std::uint8_t> key, std::initializer_list<std::span<const std::uint8_t>> parts) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.data(), key.size(), kSize);
  for (const auto& part : parts) {
    const std::uint64_t size = part.size();
    crypto_generichash_update(&state, reinterpret_cast<const std::uint8_t*>(&size), sizeof(size));
    crypto_generichash_update(&state, part.data(), part.size());
  }
  std::array<std::uint8_t, kSize> hash;
  crypto_generichash_final(&state, hash.data(), hash.size());
  return hash;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The 32 bytes that wrap the keys. Argon2id with libsodium's settings for sensitive interactive
/// use: 64 MiB, two passes.
Bytes wrapping_key(const GalleryKey& key, std::span<const std::uint8_t> salt) {
  if (key.kind == GalleryKey::Kind::key_file) return key.secret;
  Bytes derived(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  if (crypto_pwhash(derived.data(), derived.size(),
                    reinterpret_cast<const char*>(key.secret.data()), key.secret.size(),
                    salt.data(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                    crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw Error(ErrorCode::unavailable, "no memory (64 MiB) to derive the gallery's key");
  return derived;
}

[[noreturn]] void refuse(GalleryKey::Kind needed, GalleryKey::Kind given) {
  if (needed == given)
    throw Error(ErrorCode::wrong_key,
                "this gallery was encrypted with another " + std::string(name_of(needed)));
  const std::string is = needed == GalleryKey::Kind::none
                             ? "this gallery is not encrypted: give no key"
                             : "this gallery is encrypted with a " + std::string(name_of(needed));
  throw Error(ErrorCode::wrong_key, is);
}

}  // namespace

std::string_view name_of(GalleryKey::Kind kind) {
  switch (kind) {
    case GalleryKey::Kind::key_file:
      return "key file";
    case GalleryKey::Kind::passphrase:
      return "passphrase";
    default:
      return "none";
  }
}

Vault Vault::create(GalleryKey::Kind kind) {
  if (sodium_init() < 0) throw Error(ErrorCode::unavailable, "libsodium cannot be set up");
  Keys keys;
  for (Key* key : {&keys.cells, &keys.lookup, &keys.chain}) randombytes_buf(key->data(), kKeyBytes);
  return {kind, keys};
}

Vault Vault::with_new_cell_key(GalleryKey::Kind kind) const {
  Keys keys = keys_;
  randombytes_buf(keys.cells.data(), kKeyBytes);
  return {kind, keys};
}

Bytes Vault::wrapped(const GalleryKey& key) const {
  LIKENESS_CHECK(key.kind == kind_);
  Bytes plain;
  for (const Key* part : {&keys_.cells, &keys_.lookup, &keys_.chain})
    plain.insert(plain.end(), part->begin(), part->end());
  Bytes result = {static_cast<std::uint8_t>(kind_)};
  Bytes salt(kSalt);
  randombytes_buf(salt.data(), salt.size());
  result.insert(result.end(), salt.begin(), salt.end());
  if (kind_ == GalleryKey::Kind::none) {
    result.insert(result.end(), plain.begin(), plain.end());
    return result;
  }
  const Bytes cell = encrypt(plain, kWrapPlace, wrapping_key(key, salt).data());
  result.insert(result.end(), cell.begin(), cell.end());
  return result;
}

Vault Vault::open(std::span<const std::uint8_t> wrapped, const GalleryKey& key) {
  if (sodium_init() < 0) throw Error(ErrorCode::unavailable, "libsodium cannot be set up");
  if (wrapped.size() < 1 + kSalt || wrapped[0] > 2)
    throw Error(ErrorCode::corrupt_file, "the gallery's keys are damaged");
  const auto kind = static_cast<GalleryKey::Kind>(wrapped[0]);
  if (kind != key.kind) refuse(kind, key.kind);
  const auto cell = wrapped.subspan(1 + kSalt);
  const std::optional<Bytes> plain =
      kind == GalleryKey::Kind::none
          ? Bytes(cell.begin(), cell.end())
          : decrypt(cell, kWrapPlace, wrapping_key(key, wrapped.subspan(1, kSalt)).data());
  if (!plain) refuse(kind, key.kind);
  if (plain->size() != sizeof(Keys))
    throw Error(ErrorCode::corrupt_file, "the gallery's keys are damaged");
  Keys keys;
  std::memcpy(&keys, plain->data(), sizeof(keys));
  return {kind, keys};
}

Bytes Vault::seal(std::span<const std::uint8_t> value, std::string_view place) const {
  if (kind_ != GalleryKey::Kind::none) return encrypt(value, place, keys_.cells.data());
  Bytes cell(value.begin(), value.end());
  const auto hash = hash_of<kPlainHash>(keys_.cells, {value, bytes_of(place)});
  cell.insert(cell.end(), hash.begin(), hash.end());
  return cell;
}

std::optional<Bytes> Vault::unseal(std::span<const std::uint8_t> cell,
                                   std::string_view place) const {
  if (kind_ != GalleryKey::Kind::none) return decrypt(cell, place, keys_.cells.data());
  if (cell.size() < kPlainHash) return {};
  const auto value = cell.first(cell.size() - kPlainHash);
  const auto hash = hash_of<kPlainHash>(keys_.cells, {value, bytes_of(place)});
  if (!std::equal(hash.begin(), hash.end(), cell.end() - kPlainHash)) return {};
  return Bytes(value.begin(), value.end());
}

Vault::Hash Vault::lookup(std::string_view what, std::string_view value) const {
  return hash_of<32>(keys_.lookup, {bytes_of(what), bytes_of(value)});
}

Vault::Hash Vault::chain(std::span<const std::uint8_t> before, std::string_view entry) const {
  return hash_of<32>(keys_.chain, {before, bytes_of(entry)});
}

Bytes Vault::index_key() const {
  if (kind_ == GalleryKey::Kind::none) return {};
  const auto key = hash_of<32>(keys_.cells, {bytes_of("index")});
  return {key.begin(), key.end()};
}

}  // namespace likeness
