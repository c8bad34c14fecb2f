#include "gallery/sqlite.h"

#include <algorithm>

#include <likeness/core/error.h>
#include <unistd.h>

namespace likeness::sqlite {
namespace {

namespace fs = std::filesystem;

/// "file:/a%3fb?mode=ro": a path as SQLite's URI.
std::string as_uri(const fs::path& path, std::string_view parameters) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string uri = "file:";
  for (const char character : fs::absolute(path).string()) {
    const auto code = static_cast<unsigned char>(character);
    if (character == '?' || character == '#' || character == '%')
      uri += {'%', kDigits[code >> 4U], kDigits[code & 15U]};
    else
      uri += character;
  }
  return uri + std::string(parameters);
}

/// A log beside the file belongs to it: only without one may the file be taken as it is.
bool has_log(const fs::path& path) {
  std::error_code ignored;
  const auto size = fs::file_size(path.string() + "-wal", ignored);
  return !ignored && size > 0;
}

}  // namespace

Statement::~Statement() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::bind(std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_, next_++, value)) database_.fail(code);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  if (const int code =
          sqlite3_bind_text64(statement_, next_++, text.data(), text.size(), nullptr, SQLITE_UTF8))
    database_.fail(code);
  return *this;
}

Statement& Statement::bind(std::span<const std::uint8_t> bytes) {
  // A null pointer would be bound as NULL.
  const void* data = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  if (const int code = sqlite3_bind_blob64(statement_, next_++, data, bytes.size(), nullptr))
    database_.fail(code);
  return *this;
}

Statement& Statement::bind_null() {
  ++next_;
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.fail(code);
  return false;
}

std::string Statement::text(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return {data, data + sqlite3_column_bytes(statement_, column)};
}

Bytes Statement::bytes(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {data, data + sqlite3_column_bytes(statement_, column)};
}

Database::Database(const fs::path& path, bool create, std::chrono::milliseconds patience)
    : name_(path.string()) {
  const bool reading = !create && ::access(path.c_str(), W_OK) != 0;
  const std::string uri =
      as_uri(path, reading ? (has_log(path) ? "?mode=ro" : "?mode=ro&immutable=1") : "");
  const int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (reading ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    (create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(uri.c_str(), &handle_, flags, nullptr);
  try {
    if (code != SQLITE_OK) fail(code);
    sqlite3_busy_timeout(handle_, static_cast<int>(patience.count()));
    execute("PRAGMA foreign_keys = ON");
    execute("PRAGMA secure_delete = ON");
    execute("PRAGMA synchronous = FULL");
    execute("PRAGMA temp_store = MEMORY");
    execute("PRAGMA trusted_schema = OFF");
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() {
  for (const auto& [text, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Statement Database::prepare(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    const int code =
        sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) fail(code);
  }
  return {*this, statement};
}

void Database::execute(const char* sql) {
  if (const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr)) fail(code);
}

std::int64_t Database::integer(const char* sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

void Database::fail(int code) const {
  const std::string reason = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:  // the log's locks changed hands too often
      throw Error(ErrorCode::unavailable,
                  name_ + ": another process is writing to this gallery for too long; try again");
    case SQLITE_FULL:
      throw Error(ErrorCode::write_failed, name_ + ": the disk is full; this change was not made");
    case SQLITE_READONLY:
      throw Error(ErrorCode::write_failed, name_ + ": the gallery may only be read (permissions)");
    case SQLITE_IOERR:
      throw Error(ErrorCode::write_failed, name_ + ": input/output error (" + reason + ")");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw Error(ErrorCode::unreadable, name_ + ": cannot be opened (" + reason + ")");
    case SQLITE_NOTADB:
      throw Error(ErrorCode::unsupported_format,
                  name_ + ": is not a gallery; name another file, or a new one to begin with");
    default:
      throw Error(ErrorCode::corrupt_file,
                  name_ + ": the gallery is damaged (" + reason +
                      "); put a backup in its place, or save what can still be read: likeness "
                      "gallery export");
  }
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  database_.execute(kind == Kind::writing ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const Error&) {  // SQLite has rolled back already (full disk)
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace likeness::sqlite
