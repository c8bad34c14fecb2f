#include "gallery/shared_audit.h"

#include <array>

#include <likeness/core/error.h>
#include <sodium.h>

namespace likeness {
namespace {

constexpr std::size_t kPseudonymBytes = 8;

std::string hexadecimal(std::span<const unsigned char> bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

/// BLAKE2b over the fields, each with its length before it so that none can run into the next.
std::string entry_hash(const std::string& before, const AuditEntry& entry) {
  std::string text;
  for (const std::string& field : {before, std::to_string(entry.sequence), entry.time, entry.actor,
                                   entry.action, entry.subject, entry.detail})
    text += std::to_string(field.size()) + ":" + field;
  std::array<unsigned char, crypto_generichash_BYTES> hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), nullptr, 0);
  return hexadecimal(hash);
}

}  // namespace

std::string shared_pseudonym(const SharedMeta& meta, const std::string& name) {
  std::array<unsigned char, crypto_generichash_KEYBYTES> key = {};
  std::size_t size = 0;
  if (sodium_hex2bin(key.data(), key.size(), meta.pseudonym_key.data(), meta.pseudonym_key.size(),
                     nullptr, &size, nullptr) != 0 ||
      size != key.size())
    throw Error(ErrorCode::corrupt_file, "the gallery's key for pseudonyms is damaged");
  std::array<unsigned char, crypto_generichash_BYTES> hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(name.data()),
                     name.size(), key.data(), key.size());
  return hexadecimal(std::span(hash).first(kPseudonymBytes));
}

void append_audit(pqxx::transaction_base& work, SharedMeta& meta, const std::string& actor,
                  const std::string& action, const std::string& subject,
                  const std::string& detail) {
  AuditEntry entry = {meta.audit_entries + 1, utc_now(), actor, action, subject, detail, ""};
  entry.hash = entry_hash(meta.audit_hash, entry);
  work.exec_params("INSERT INTO likeness.audit VALUES ($1, $2, $3, $4, $5, $6, $7)", entry.sequence,
                   entry.time, entry.actor, entry.action, entry.subject, entry.detail, entry.hash);
  meta.audit_entries = entry.sequence;
  meta.audit_hash = entry.hash;
}

std::vector<AuditEntry> read_audit(pqxx::transaction_base& work) {
  std::vector<AuditEntry> entries;
  for (const pqxx::row row :
       work.exec("SELECT sequence, time, actor, action, subject, detail, hash "
                 "FROM likeness.audit ORDER BY sequence"))
    entries.push_back({row[0].as<std::int64_t>(), row[1].c_str(), row[2].c_str(), row[3].c_str(),
                       row[4].c_str(), row[5].c_str(), row[6].c_str()});
  return entries;
}

std::vector<std::string> check_audit(const SharedMeta& meta,
                                     const std::vector<AuditEntry>& entries) {
  std::vector<std::string> faults;
  std::string before;
  std::int64_t expected = 1;
  for (const AuditEntry& entry : entries) {
    const std::string name = "audit entry " + std::to_string(entry.sequence);
    if (entry.sequence != expected)
      faults.push_back(name + " follows " + std::to_string(expected - 1) + ": entries are missing");
    else if (entry.hash != entry_hash(before, entry))
      faults.push_back(name + " was changed: its hash does not fit");
    before = entry.hash;
    expected = entry.sequence + 1;
  }
  if (expected - 1 != meta.audit_entries || before != meta.audit_hash)
    faults.push_back("the audit log ends at entry " + std::to_string(expected - 1) +
                     " instead of " + std::to_string(meta.audit_entries));
  return faults;
}

}  // namespace likeness
