#include "gallery/shared_connection.h"

#include <chrono>
#include <optional>
#include <thread>

#include <likeness/core/error.h>

namespace likeness {
namespace {

constexpr int kAttempts = 6;
constexpr std::chrono::milliseconds kFirstPause{100};

/// Whether the same may work a little later. Read from the text where libpq gives no code.
bool is_passing(const pqxx::broken_connection& error) {
  const std::string text = error.what();
  for (const char* lasting : {"authentication", "password", "does not exist", "could not translate",
                              "invalid ", "certificate", "no pg_hba.conf entry"})
    if (text.find(lasting) != std::string::npos) return false;
  return true;
}

/// Whether the server ended the session (class 08, 57P01 to 57P03).
bool ends_session(const pqxx::sql_error& error) {
  return error.sqlstate().starts_with("57P") || error.sqlstate().starts_with("08");
}

/// Whether the server refused to write: no permission, read-only, full disk.
bool refuses_writing(const pqxx::sql_error& error) {
  return error.sqlstate() == "42501" || error.sqlstate() == "25006" ||
         error.sqlstate().starts_with("53");
}

enum class Outcome { passing, in_doubt, lasting };

Outcome outcome_of(const pqxx::failure& error) {
  if (dynamic_cast<const pqxx::in_doubt_error*>(&error) != nullptr ||
      dynamic_cast<const pqxx::statement_completion_unknown*>(&error) != nullptr)
    return Outcome::in_doubt;
  if (const auto* broken = dynamic_cast<const pqxx::broken_connection*>(&error))
    return is_passing(*broken) ? Outcome::passing : Outcome::lasting;
  if (dynamic_cast<const pqxx::transaction_rollback*>(&error) != nullptr) return Outcome::passing;
  const auto* refused = dynamic_cast<const pqxx::sql_error*>(&error);
  return refused != nullptr && ends_session(*refused) ? Outcome::passing : Outcome::lasting;
}

}  // namespace

/// A connection that writes nothing to standard error.
struct SharedConnection::Session {
  explicit Session(const std::string& uri) : connection(uri), quiet(connection) {
    connection.set_client_encoding("UTF8");
  }
  pqxx::connection connection;
  pqxx::quiet_errorhandler quiet;
};

SharedConnection::SharedConnection(const std::string& uri) : address_(uri) {}

pqxx::connection_base& SharedConnection::session() {
  if (!session_) session_ = std::make_shared<Session>(address_.uri());
  return session_->connection;
}

void SharedConnection::give_up(const std::exception& error) const {
  const std::string text = address_.without_password(error.what());
  const auto* refused = dynamic_cast<const pqxx::sql_error*>(&error);
  if (refused != nullptr && refuses_writing(*refused))
    throw Error(ErrorCode::write_failed,
                "the gallery at " + address_.name() + " could not be changed: " + text);
  throw Error(ErrorCode::unavailable,
              "the gallery at " + address_.name() + " cannot be used: " + text);
}

void SharedConnection::with_retries(const Attempt& attempt, WhenInDoubt doubt) {
  std::chrono::milliseconds pause = kFirstPause;
  for (int tries = 1;; ++tries, pause *= 2) {
    try {
      attempt(session());
      return;
    } catch (const pqxx::failure& error) {
      session_.reset();
      const Outcome outcome = outcome_of(error);
      if (outcome == Outcome::in_doubt && doubt == WhenInDoubt::fail)
        throw Error(ErrorCode::unavailable,
                    "the connection to " + address_.name() +
                        " was lost while a change was being kept: it is not known whether it was "
                        "done; look before repeating it");
      if (outcome == Outcome::lasting || tries == kAttempts) give_up(error);
    } catch (const pqxx::pqxx_exception& error) {
      session_.reset();
      give_up(error.base());
    }
    std::this_thread::sleep_for(pause);
  }
}

void SharedConnection::change(const Work& work, WhenInDoubt doubt) {
  with_retries(
      [&](pqxx::connection_base& connection) {
        pqxx::work transaction(connection);
        work(transaction);
        transaction.commit();
      },
      doubt);
}

void SharedConnection::read(const Work& work) {
  with_retries(
      [&](pqxx::connection_base& connection) {
        pqxx::transaction<pqxx::repeatable_read, pqxx::read_only> transaction(connection);
        work(transaction);
        transaction.commit();
      },
      WhenInDoubt::repeat);
}

}  // namespace likeness
