#pragma once

/// The tables of an embedded gallery, and cells as they lie in them.

#include <cstdint>
#include <filesystem>
#include <string>

#include <likeness/gallery/gallery.h>

#include "gallery/sqlite.h"
#include "gallery/vault.h"

namespace likeness {

inline constexpr std::int64_t kApplicationId = 0x4c4b4e53;  // "LKNS"
inline constexpr int kEmbeddedSchema = 1;

/// Makes the tables unless they are there, in the transaction that is open, and brings those of an
/// older version up to date. Throws Error: unsupported_format for a newer version or another
/// program's database.
void prepare_schema(sqlite::Database& database);
/// Whether the tables are there, in the transaction that is open; throws likewise.
bool has_schema(sqlite::Database& database);

/// What lies in the sealed cell of an example.
struct ExampleCell {
  std::string source;
  std::string source_digest;
  double quality = 0;
  std::string enrolled_at;
};
Bytes to_cell(const ExampleCell& cell);
/// Throws Error(corrupt_file).
ExampleCell example_from_cell(std::span<const std::uint8_t> cell);

Bytes to_cell(std::span<const float> encoding);
/// Throws Error(corrupt_file) unless it has `dimensions` numbers.
Encoding encoding_from_cell(std::span<const std::uint8_t> cell, int dimensions);

/// Where cells belong: what seal and unseal take as the place.
std::string name_place(std::span<const std::uint8_t> name_key);
std::string example_place(std::int64_t id);
std::string crop_place(std::int64_t id);
std::string encoding_place(std::int64_t example, std::int64_t model);

/// The text of an entry that the audit log's chain goes over.
std::string chained_text(const AuditEntry& entry);
std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace likeness
