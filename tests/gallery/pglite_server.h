#pragma once

#include <memory>
#include <string>

#include <pqxx/pqxx>

#include "gallery/server_process.h"
#include "support/free_port.h"
#include "support/temporary_folder.h"

namespace likeness {

/// PostgreSQL with pgvector (PGlite, installed by the test fetch_pglite).
class PgliteServer {
 public:
  static constexpr const char* kMissing =
      "no PostgreSQL with pgvector: the test fetch_pglite installs it (npm, network)";
  static bool is_installed() {
    return std::filesystem::exists(std::filesystem::path(LIKENESS_PGLITE_DIR) /
                                   "node_modules/@electric-sql/pglite-socket/package.json");
  }

  PgliteServer() { start(); }

  std::string uri() const {
    return "postgresql://postgres:secret-word@127.0.0.1:" + std::to_string(port_) +
           "/postgres?sslmode=disable";
  }

  /// As when the machine loses its power.
  void kill() { process_.reset(); }
  /// On the same port, with the data that were there.
  void start() {
    const std::string program = std::string(LIKENESS_PGLITE_DIR) + "/server.mjs";
    // A server that was killed leaves its lock.
    std::filesystem::remove(folder_.path() / "data/postmaster.pid");
    process_ = std::make_unique<ServerProcess>(
        std::vector<std::string>{"node", program, std::to_string(port_),
                                 (folder_.path() / "data").string()},
        folder_.path() / "log");
    if (!process_->wait_for("ready")) throw std::runtime_error("the server did not start");
  }

  pqxx::result sql(const std::string& text) const {
    pqxx::connection connection(uri());
    pqxx::work work(connection);
    pqxx::result result = work.exec(text);
    work.commit();
    return result;
  }

 private:
  TemporaryFolder folder_;
  int port_ = free_port();
  std::unique_ptr<ServerProcess> process_;
};

/// One for all tests of this program, without a gallery in it; nullptr when it is not installed.
inline PgliteServer* empty_pglite_server() {
  if (!PgliteServer::is_installed()) return nullptr;
  static PgliteServer server;
  server.sql("DROP SCHEMA IF EXISTS likeness CASCADE");
  return &server;
}

}  // namespace likeness
