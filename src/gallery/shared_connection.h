#pragma once

/// A connection to PostgreSQL that comes back when it is lost, and transactions on it.

#include <functional>
#include <memory>
#include <string>

#include <pqxx/pqxx>

#include "gallery/server_address.h"

namespace likeness {

/// What to do when the connection is lost while a transaction is being committed, so that nobody
/// knows whether it was.
enum class WhenInDoubt { repeat, fail };

/// Not safe for several threads at once.
class SharedConnection {
 public:
  explicit SharedConnection(const std::string& uri);

  using Work = std::function<void(pqxx::transaction_base&)>;

  /// Runs `work` in one transaction and commits it. Repeats it, with a growing pause, when the
  /// connection was lost or another transaction came between; so `work` starts afresh each time.
  /// Throws Error: what `work` throws; unavailable; write_failed.
  void change(const Work& work, WhenInDoubt doubt = WhenInDoubt::fail);
  /// The same for reading: everything is seen as of one moment.
  void read(const Work& work);

  const ServerAddress& address() const { return address_; }

 private:
  struct Session;
  using Attempt = std::function<void(pqxx::connection_base&)>;

  void with_retries(const Attempt& attempt, WhenInDoubt doubt);
  pqxx::connection_base& session();
  [[noreturn]] void give_up(const std::exception& error) const;

  ServerAddress address_;
  std::shared_ptr<Session> session_;
};

}  // namespace likeness
