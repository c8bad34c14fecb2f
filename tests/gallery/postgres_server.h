#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <pqxx/pqxx>
#include <unistd.h>

#include "gallery/server_process.h"
#include "support/free_port.h"
#include "support/temporary_folder.h"

namespace likeness {

/// Debian's PostgreSQL 15, without pgvector, whose superuser `postgres` has the password kPassword.
class PostgresServer {
 public:
  static constexpr const char* kPrograms = "/usr/lib/postgresql/15/bin";
  static constexpr const char* kPassword = "p@ss/word";
  static constexpr const char* kEncodedPassword = "p%40ss%2Fword";
  static constexpr const char* kMissing = "no PostgreSQL 15 (Debian package postgresql-15)";
  static bool is_installed() { return std::filesystem::exists(std::string(kPrograms) + "/initdb"); }

  PostgresServer() {
    const std::string password_file = (folder_.path() / "password").string();
    std::ofstream(password_file) << kPassword << "\n";
    // PostgreSQL refuses to work for root.
    if (::geteuid() == 0) run({"chown", "-R", "postgres", folder_.path().string()});
    run(as_postgres({program("initdb"), "-D", data(), "-U", "postgres", "-A", "scram-sha-256",
                     "--pwfile", password_file, "-E", "UTF8", "--no-sync"}));
    process_ = std::make_unique<ServerProcess>(
        as_postgres({program("postgres"), "-D", data(), "-p", std::to_string(port_), "-k", "", "-c",
                     "listen_addresses=127.0.0.1", "-c", "fsync=off"}),
        folder_.path() / "log");
    if (!process_->wait_for("ready to accept connections"))
      throw std::runtime_error("PostgreSQL did not start");
  }
  ~PostgresServer() { process_->kill(SIGQUIT); }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  std::string uri(const std::string& encoded_password = kEncodedPassword,
                  const std::string& database = "postgres") const {
    return "postgresql://postgres:" + encoded_password + "@127.0.0.1:" + std::to_string(port_) +
           "/" + database;
  }

 private:
  static std::string program(const std::string& name) {
    return std::string(kPrograms) + "/" + name;
  }
  std::string data() const { return (folder_.path() / "data").string(); }

  static std::vector<std::string> as_postgres(const std::vector<std::string>& arguments) {
    if (::geteuid() != 0) return arguments;
    std::vector<std::string> all = {"setpriv",        "--reuid=postgres", "--regid=postgres",
                                    "--clear-groups", "--pdeathsig",      "QUIT"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  }
  void run(const std::vector<std::string>& arguments) const {
    if (!ServerProcess(arguments, folder_.path() / "log").succeeds())
      throw std::runtime_error(arguments.front() + " failed");
  }

  TemporaryFolder folder_;
  int port_ = free_port();
  std::unique_ptr<ServerProcess> process_;
};

}  // namespace likeness
