#include "gallery/server_address.h"

#include <gtest/gtest.h>
#include <likeness/gallery/shared_gallery.h>

#include "support/error_code.h"

namespace likeness {
namespace {

TEST(ServerAddress, IsToldFromAFile) {
  EXPECT_TRUE(is_shared_gallery("postgresql://host/people"));
  EXPECT_TRUE(is_shared_gallery("postgres://host/people"));
  EXPECT_FALSE(is_shared_gallery("people.gallery"));
  EXPECT_FALSE(is_shared_gallery("/folder/postgresql://x"));
}

TEST(ServerAddress, IsNamedWithoutTheAccount) {
  const ServerAddress address("postgresql://anna:secret@host:5433/people?sslmode=verify-full");
  EXPECT_EQ(address.name(), "'host:5433/people'");
  EXPECT_EQ(address.uri(),
            "postgresql://anna:secret@host:5433/people?sslmode=verify-full&connect_timeout=10");
}

TEST(ServerAddress, KeepsAGivenTimeout) {
  EXPECT_EQ(ServerAddress("postgresql://host/x?connect_timeout=3").uri(),
            "postgresql://host/x?connect_timeout=3");
  EXPECT_EQ(ServerAddress("postgresql://host/x").uri(), "postgresql://host/x?connect_timeout=10");
}

TEST(ServerAddress, TakesEveryFormOfThePasswordOutOfMessages) {
  const ServerAddress address("postgresql://anna:a%40b%2Fc@host/x?password=other");
  EXPECT_EQ(address.without_password("got a@b/c, a%40b%2Fc\nand other\n"), "got ***, *** and ***");
}

TEST(ServerAddress, RefusesWhatWouldBeMisreadWithoutShowingIt) {
  for (const char* uri :
       {"postgresql://anna:se@cret@host/x", "postgresql://anna:se/cret@host/x",
        "postgresql://anna:se%cret@host/x", "postgresql://host:secret/x",
        "postgresql://host/x?secret", "postgresql://host/x y", "host=x password=secret"}) {
    const auto read = [&] { ServerAddress{uri}; };
    EXPECT_EQ(code_of(read), ErrorCode::invalid_argument) << uri;
    EXPECT_EQ(message_of(read).find("cret"), std::string::npos) << message_of(read);
  }
}

}  // namespace
}  // namespace likeness
