#pragma once

/// The audit log of a shared gallery: each entry's hash covers the hash before it, and meta keeps
/// the last one, so that a changed, lost or added entry shows.

#include <string>
#include <vector>

#include <likeness/gallery/gallery.h>
#include <pqxx/pqxx>

#include "gallery/shared_schema.h"

namespace likeness {

/// 16 hexadecimal digits of BLAKE2b of the name, keyed with the gallery's own key.
std::string shared_pseudonym(const SharedMeta& meta, const std::string& name);

/// Adds an entry and moves `meta` to it; requires the lock on meta, which is written afterwards.
/// subject: a pseudonym, or empty.
void append_audit(pqxx::transaction_base& work, SharedMeta& meta, const std::string& actor,
                  const std::string& action, const std::string& subject, const std::string& detail);

std::vector<AuditEntry> read_audit(pqxx::transaction_base& work);

/// Faults of the chain, one line each.
std::vector<std::string> check_audit(const SharedMeta& meta,
                                     const std::vector<AuditEntry>& entries);

}  // namespace likeness
