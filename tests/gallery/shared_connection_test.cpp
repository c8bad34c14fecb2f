#include "gallery/shared_connection.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/gallery/shared_gallery.h>

#include "gallery/gallery_contract.h"
#include "gallery/postgres_server.h"
#include "gallery/shared_audit.h"
#include "support/error_code.h"

namespace likeness {
namespace {

class SharedConnectionTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresServer::is_installed()) GTEST_SKIP() << PostgresServer::kMissing;
    static PostgresServer server;
    server_ = &server;
    SharedConnection(server.uri()).change([](pqxx::transaction_base& work) {
      work.exec(
          "DROP SCHEMA IF EXISTS likeness CASCADE; DROP TABLE IF EXISTS notes; CREATE TABLE notes "
          "(text text)");
    });
  }

  std::int64_t notes() {
    std::int64_t count = 0;
    SharedConnection(server_->uri()).read([&](pqxx::transaction_base& work) {
      count = work.exec1("SELECT count(*) FROM notes")[0].as<std::int64_t>();
    });
    return count;
  }

  PostgresServer* server_ = nullptr;
};

void expect_no_password(const std::string& message) {
  for (const char* text :
       {PostgresServer::kPassword, PostgresServer::kEncodedPassword, "wrong-word"})
    EXPECT_EQ(message.find(text), std::string::npos) << message;
}

TEST_F(SharedConnectionTest, SaysHowToInstallPgvector) {
  const auto create = [&] { create_shared_gallery(server_->uri(), kTinyModel); };
  EXPECT_EQ(code_of(create), ErrorCode::unavailable);
  EXPECT_NE(message_of(create).find("pgvector"), std::string::npos);
  EXPECT_NE(message_of(create).find("postgresql-15-pgvector"), std::string::npos);
  EXPECT_EQ(code_of([&] { open_shared_gallery(server_->uri()); }), ErrorCode::not_found);
}

TEST_F(SharedConnectionTest, RefusesAWrongPasswordAtOnceWithoutShowingIt) {
  const auto start = std::chrono::steady_clock::now();
  const auto open = [&] { open_shared_gallery(server_->uri("wrong-word")); };
  EXPECT_EQ(code_of(open), ErrorCode::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
  EXPECT_NE(message_of(open).find("127.0.0.1"), std::string::npos);
  EXPECT_NE(message_of(open).find("authentication failed"), std::string::npos);
  expect_no_password(message_of(open));
}

TEST_F(SharedConnectionTest, NamesADatabaseThatIsNotThere) {
  const auto open = [&] {
    open_shared_gallery(server_->uri(PostgresServer::kEncodedPassword, "nowhere"));
  };
  EXPECT_EQ(code_of(open), ErrorCode::unavailable);
  EXPECT_NE(message_of(open).find("nowhere"), std::string::npos);
  expect_no_password(message_of(open));
}

TEST_F(SharedConnectionTest, RepeatsAChangeWhoseConnectionWasLost) {
  SharedConnection connection(server_->uri());
  int tries = 0;
  connection.change([&](pqxx::transaction_base& work) {
    work.exec("INSERT INTO notes VALUES ('one')");
    if (++tries == 1) work.exec("SELECT pg_terminate_backend(pg_backend_pid())");
  });
  EXPECT_EQ(tries, 2);
  EXPECT_EQ(notes(), 1);
}

TEST_F(SharedConnectionTest, RepeatsAChangeThatAnotherCameBefore) {
  for (const char* code : {"40001", "40P01"}) {
    SharedConnection connection(server_->uri());
    int tries = 0;
    connection.change([&](pqxx::transaction_base& work) {
      work.exec("INSERT INTO notes VALUES ('one')");
      if (++tries < 3)
        work.exec("DO $$BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '" + std::string(code) +
                  "'; END$$");
    });
    EXPECT_EQ(tries, 3) << code;
  }
  EXPECT_EQ(notes(), 2);
}

TEST_F(SharedConnectionTest, RepeatsADoubtfulCommitOnlyWhereThatIsSafe) {
  SharedConnection connection(server_->uri());
  int tries = 0;
  const auto doubtful = [&](pqxx::transaction_base&) {
    if (++tries == 1) throw pqxx::in_doubt_error("lost while committing");
  };
  connection.change(doubtful, WhenInDoubt::repeat);
  EXPECT_EQ(tries, 2);
  tries = 0;
  const std::string message = message_of([&] { connection.change(doubtful); });
  EXPECT_EQ(tries, 1);
  EXPECT_NE(message.find("not known"), std::string::npos) << message;
}

TEST_F(SharedConnectionTest, SaysWhenTheServerRefusesToWrite) {
  SharedConnection connection(server_->uri());
  const auto write = [&] {
    connection.read(
        [](pqxx::transaction_base& work) { work.exec("INSERT INTO notes VALUES ('one')"); });
  };
  EXPECT_EQ(code_of(write), ErrorCode::write_failed);
  EXPECT_EQ(notes(), 0);
}

/// The tables that hold the lock and the chain, which need no pgvector.
void make_audit_tables(SharedConnection& connection) {
  connection.change([](pqxx::transaction_base& work) {
    work.exec(
        "DROP SCHEMA IF EXISTS likeness CASCADE; CREATE SCHEMA likeness;"
        "CREATE TABLE likeness.models (id bigserial PRIMARY KEY, name text, fingerprint text,"
        " dimensions integer);"
        "CREATE TABLE likeness.meta (revision bigint, model bigint, pseudonym_key text,"
        " audit_entries bigint, audit_hash text);"
        "CREATE TABLE likeness.audit (sequence bigint PRIMARY KEY, time text, actor text,"
        " action text, subject text, detail text, hash text);"
        "INSERT INTO likeness.models (name, fingerprint, dimensions) VALUES ('tiny', 'a', 4);"
        "INSERT INTO likeness.meta VALUES (0, 1, '', 0, '')");
  });
}

TEST_F(SharedConnectionTest, KeepsTheAuditChainWithWritersOnSeveralConnections) {
  SharedConnection connection(server_->uri());
  make_audit_tables(connection);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer)
    writers.emplace_back([this] {
      SharedConnection own(server_->uri());
      for (int i = 0; i < 25; ++i)
        own.change([](pqxx::transaction_base& work) {
          SharedMeta meta = read_shared_meta(work, MetaLock::exclusive);
          append_audit(work, meta, "tester", "enroll", "", "");
          ++meta.revision;
          write_shared_meta(work, meta);
        });
    });
  for (std::thread& writer : writers) writer.join();
  connection.read([](pqxx::transaction_base& work) {
    const SharedMeta meta = read_shared_meta(work, MetaLock::none);
    EXPECT_EQ(meta.revision, 100);
    EXPECT_EQ(meta.audit_entries, 100);
    EXPECT_TRUE(check_audit(meta, read_audit(work)).empty());
  });
}

TEST_F(SharedConnectionTest, AChangeSeesTheModelThatTheOneBeforeItChose) {
  SharedConnection connection(server_->uri());
  make_audit_tables(connection);
  std::thread second;
  std::string seen;
  connection.change([&](pqxx::transaction_base& work) {
    SharedMeta meta = read_shared_meta(work, MetaLock::exclusive);
    second = std::thread([&] {
      SharedConnection(server_->uri()).change([&](pqxx::transaction_base& later) {
        seen = read_shared_meta(later, MetaLock::exclusive).model.id;
      });
    });
    while (work.exec("SELECT FROM pg_locks WHERE NOT granted").empty())
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    meta.model_row = model_row(work, {"next", "b", 3});
    work.exec("DELETE FROM likeness.models WHERE name = 'tiny'");
    write_shared_meta(work, meta);
  });
  second.join();
  EXPECT_EQ(seen, "next");
}

TEST(SharedConnectionWithoutServer, GivesUpAfterSomeTries) {
  const std::string uri =
      "postgresql://anna:wrong-word@127.0.0.1:" + std::to_string(free_port()) + "/people";
  const auto start = std::chrono::steady_clock::now();
  const std::string message = message_of([&] { open_shared_gallery(uri); });
  EXPECT_GT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  EXPECT_NE(message.find("127.0.0.1"), std::string::npos) << message;
  expect_no_password(message);
  EXPECT_EQ(code_of([&] { open_shared_gallery(uri); }), ErrorCode::unavailable);
}

}  // namespace
}  // namespace likeness
