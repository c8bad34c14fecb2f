#pragma once

/// SQLite as this room uses it: errors are likeness::Error with the file's name, statements are
/// reset by themselves. Not safe to share between threads.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <likeness/core/files.h>
#include <sqlite3.h>

namespace likeness::sqlite {

class Database;

/// A prepared statement in use; given back when it goes.
class Statement {
 public:
  Statement(Database& database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Values for the question marks, from the left. Texts and bytes must live until the last step.
  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind(std::span<const std::uint8_t> bytes);
  Statement& bind_null();

  /// True when there is a row.
  bool step();
  /// For statements that give no rows.
  void run() { step(); }

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) const;
  Bytes bytes(int column) const;
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

 private:
  Database& database_;
  sqlite3_stmt* statement_;
  int next_ = 1;
};

class Database {
 public:
  /// Opens `path` and creates it if `create`. Falls back to reading where writing is not allowed.
  /// `patience`: how long a call waits for other processes.
  Database(const std::filesystem::path& path, bool create, std::chrono::milliseconds patience);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Prepared once for each text.
  Statement prepare(const char* sql);
  void execute(const char* sql);
  std::int64_t integer(const char* sql);
  std::int64_t last_row() const { return sqlite3_last_insert_rowid(handle_); }
  std::int64_t changed_rows() const { return sqlite3_changes(handle_); }
  const std::string& name() const { return name_; }
  bool read_only() const { return sqlite3_db_readonly(handle_, "main") == 1; }
  [[noreturn]] void fail(int code) const;

 private:
  std::string name_;
  sqlite3* handle_ = nullptr;
  std::map<const char*, sqlite3_stmt*> statements_;
};

/// Everything between construction and commit() happens, or nothing. A writing one waits for its
/// turn at the start and cannot fail for others' sake later.
class Transaction {
 public:
  enum class Kind { reading, writing };
  Transaction(Database& database, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace likeness::sqlite
