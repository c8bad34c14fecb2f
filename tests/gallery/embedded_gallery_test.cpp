/// What an embedded gallery promises beyond the contract of all galleries: encryption, erasure,
/// damage that is found. Crashes and company: embedded_company_test.cpp.

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gallery/embedded_gallery_file.h"
#include "support/error_code.h"

namespace likeness {
namespace {

TEST_F(EmbeddedGalleryFile, HidesNamesSourcesAndEncodings) {
  create(create_key_file(folder_.path() / "key"));
  opened()->enroll(std::vector<Enrolment>{{"Annabelle Quince", {example_of(1, kOdd)}}}, "me");
  const std::string encrypted = all_files();
  EXPECT_EQ(encrypted.find("Quince"), std::string::npos);
  EXPECT_EQ(encrypted.find("1.jpg"), std::string::npos);
  EXPECT_EQ(encrypted.find(digest_of(1)), std::string::npos);
  EXPECT_EQ(encrypted.find(as_text(kOdd)), std::string::npos);
}

TEST_F(EmbeddedGalleryFile, ShowsThemWithoutEncryption) {
  create({});
  opened()->enroll(std::vector<Enrolment>{{"Annabelle Quince", {example_of(1, kOdd)}}}, "me");
  const std::string clear = all_files();
  EXPECT_NE(clear.find("Quince"), std::string::npos);
  EXPECT_NE(clear.find(as_text(kOdd)), std::string::npos);
}

TEST_F(EmbeddedGalleryFile, ErasureReachesTheFileAndItsLog) {
  create({});
  Bytes crop(5000);
  for (std::size_t i = 0; i < crop.size(); ++i) crop[i] = static_cast<std::uint8_t>(i * 37 % 251);
  const std::string face(crop.begin() + 2000, crop.begin() + 2100);
  const auto gallery = opened();
  gallery->enroll(std::vector<Enrolment>{{"Annabelle Quince", {example_of(1, kOdd, crop)}},
                                         {"Berta", {example_of(2, kEast)}}},
                  "me");
  ASSERT_NE(all_files().find(face), std::string::npos);
  EXPECT_EQ(gallery->remove("Annabelle Quince", "me"), 1);
  const std::string rest = all_files();
  EXPECT_EQ(rest.find("Quince"), std::string::npos);
  EXPECT_EQ(rest.find(as_text(kOdd)), std::string::npos);
  EXPECT_EQ(rest.find(face), std::string::npos);
  EXPECT_NE(rest.find("Berta"), std::string::npos);
  ASSERT_EQ(gallery->nearest(kOdd, 5).size(), 1U);
  EXPECT_TRUE(gallery->check().faults.empty());
}

TEST_F(EmbeddedGalleryFile, OpensWithItsOwnKeyOnly) {
  const GalleryKey file_key = create_key_file(folder_.path() / "key");
  create(file_key);
  const auto opened_with = [&](const GalleryKey& key) {
    return code_of([&] { open_embedded_gallery(path_, key); });
  };
  EXPECT_EQ(opened_with(create_key_file(folder_.path() / "other")), ErrorCode::wrong_key);
  EXPECT_EQ(opened_with(GalleryKey::passphrase("x")), ErrorCode::wrong_key);
  EXPECT_EQ(opened_with({}), ErrorCode::wrong_key);
  EXPECT_EQ(embedded_gallery_protection(path_), GalleryKey::Kind::key_file);
}

TEST_F(EmbeddedGalleryFile, AKeyFileIsForItsOwnerAlone) {
  const fs::path key = folder_.path() / "key";
  const GalleryKey made = create_key_file(key);
  EXPECT_EQ(made.secret, read_key_file(key).secret);
  EXPECT_EQ(code_of([&] { create_key_file(key); }), ErrorCode::already_exists);
  fs::permissions(key, fs::perms::group_read, fs::perm_options::add);
  EXPECT_EQ(code_of([&] { read_key_file(key); }), ErrorCode::wrong_key);
  put(folder_.path() / "short", "abc\n");
  fs::permissions(folder_.path() / "short", fs::perms::owner_read);
  EXPECT_EQ(code_of([&] { read_key_file(folder_.path() / "short"); }), ErrorCode::wrong_key);
}

TEST_F(EmbeddedGalleryFile, ANewKeyTakesThePlaceOfTheOldOne) {
  create(GalleryKey::passphrase("old"));
  opened()->enroll(std::vector<Enrolment>{{"Anna", {example_of(1, kOdd, {1, 2, 3})}}}, "me");
  const GalleryKey next = create_key_file(folder_.path() / "key");
  change_gallery_key(path_, key_, next, "me");
  EXPECT_EQ(code_of([&] { opened(); }), ErrorCode::wrong_key);
  key_ = next;
  const auto gallery = opened();
  EXPECT_TRUE(gallery->check().faults.empty());
  EXPECT_TRUE(gallery->has_source("Anna", digest_of(1)));
  EXPECT_EQ(gallery->audit_log().back().action, "change-key");
  gallery->visit([](const StoredExample& stored) {
    EXPECT_EQ(stored.encoding, kOdd);
    EXPECT_EQ(stored.crop, (Bytes{1, 2, 3}));
  });
}

TEST_F(EmbeddedGalleryFile, RefusesWhatIsNoGallery) {
  const auto refused = [&] { return code_of([&] { opened(); }); };
  EXPECT_EQ(refused(), ErrorCode::not_found);
  put(path_, std::string(100'000, 'x'));
  EXPECT_EQ(refused(), ErrorCode::unsupported_format);
  put(path_, "");
  EXPECT_EQ(refused(), ErrorCode::unsupported_format);
  fs::remove(path_);
  execute("CREATE TABLE songs(title TEXT)");
  EXPECT_EQ(refused(), ErrorCode::unsupported_format);
  EXPECT_EQ(code_of([&] { create(key_); }), ErrorCode::unsupported_format);
  fs::remove(path_);
  fs::create_directory(path_);
  EXPECT_EQ(refused(), ErrorCode::unreadable);
}

TEST_F(EmbeddedGalleryFile, RefusesTheTablesOfANewerVersion) {
  create({});
  execute("PRAGMA user_version = 99");
  EXPECT_EQ(code_of([&] { opened(); }), ErrorCode::unsupported_format);
}

TEST_F(EmbeddedGalleryFile, RefusesAnotherModel) {
  create({});
  EXPECT_NO_THROW(create_embedded_gallery(path_, {}, kTinyModel));
  EXPECT_EQ(code_of([&] { create_embedded_gallery(path_, {}, kNextModel); }),
            ErrorCode::already_exists);
}

TEST_F(EmbeddedGalleryFile, AuditNamesChangedCells) {
  create(key_);
  opened()->enroll(
      std::vector<Enrolment>{{"Anna", {example_of(1, kOdd)}}, {"Berta", {example_of(2, kEast)}}},
      "me");
  // Two encodings change places: each is whole, neither is where it belongs.
  execute(
      "UPDATE encodings SET encoding = (SELECT encoding FROM encodings AS other "
      "WHERE other.example = 3 - encodings.example)");
  const GalleryCheck check = opened()->check();
  ASSERT_EQ(check.faults.size(), 1U);
  EXPECT_NE(check.faults[0].find("encoding 1"), std::string::npos) << check.faults[0];
  EXPECT_EQ(code_of([&] { opened()->nearest(kEast, 1); }), ErrorCode::corrupt_file);
}

TEST_F(EmbeddedGalleryFile, AuditSeesAChangedAndACutLog) {
  create({});
  opened()->record("me", "look", "Anna", "one");
  opened()->record("me", "look", "Anna", "two");
  ASSERT_TRUE(opened()->check().faults.empty());
  execute("UPDATE audit SET actor = 'you' WHERE sequence = 1");
  EXPECT_EQ(opened()->check().faults.size(), 1U);
  execute("UPDATE audit SET actor = 'me' WHERE sequence = 1; DELETE FROM audit WHERE sequence = 2");
  EXPECT_EQ(opened()->check().faults.size(), 1U);
}

TEST_F(EmbeddedGalleryFile, SurvivesAnyDamage) {
  create({});
  {
    const auto gallery = opened();
    for (int i = 0; i < 40; ++i)
      gallery->enroll(
          std::vector<Enrolment>{{"Person " + std::to_string(i), {example_of(i, kOdd)}}}, "me");
  }
  const std::string sound = content_of(path_);
  Random random(1);
  int found = 0;
  for (int round = 0; round < 60; ++round) {
    std::string damaged = sound;
    if (round % 3 == 0) damaged.resize(random.below(sound.size()));
    for (int i = 0; round % 3 != 0 && i < 8; ++i)
      damaged[random.below(damaged.size())] ^= static_cast<char>(1U << random.below(8));
    for (const char* tail : {"-wal", "-shm"}) fs::remove(path_.string() + tail);
    put(path_, damaged);
    try {
      const auto gallery = opened();
      found += gallery->check().faults.empty() ? 0 : 1;
      gallery->nearest(kEast, 3);
      gallery->subjects();
    } catch (const Error&) {
      ++found;
    }
  }
  EXPECT_GT(found, 30);  // the rest hit unused bytes
}

TEST_F(EmbeddedGalleryFile, AReadOnlyFolderCanBeSearched) {
  create({});
  opened()->enroll(std::vector<Enrolment>{{"Anna", {example_of(1, kOdd)}}}, "me");
  const pid_t child = ::fork();
  if (child == 0) {  // as somebody who may not write there
    fs::permissions(folder_.path(), fs::perms::others_read | fs::perms::others_exec,
                    fs::perm_options::add);
    fs::permissions(path_, fs::perms::others_read, fs::perm_options::add);
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(9);
    try {
      const auto gallery = opened();
      if (gallery->nearest(kOdd, 1).size() != 1) ::_exit(1);
      const ErrorCode code = code_of([&] { gallery->remove("Anna", "me"); });
      ::_exit(code == ErrorCode::write_failed ? 0 : 2);
    } catch (const std::exception& error) {
      std::fputs(error.what(), stderr);
      ::_exit(3);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(EmbeddedGalleryFile, ASearchFollowsTheChangesOfOthers) {
  create(key_);
  const auto reader = opened();
  const auto writer = opened();
  EXPECT_TRUE(reader->nearest(kEast, 3).empty());
  writer->enroll(
      std::vector<Enrolment>{{"Anna", {example_of(1, kEast)}}, {"Berta", {example_of(2, kNorth)}}},
      "me");
  EXPECT_EQ(reader->nearest(kEast, 1).at(0).subject, "Anna");
  writer->rename("Anna", "Anne", "me");
  EXPECT_EQ(reader->nearest(kEast, 1).at(0).subject, "Anne");
  writer->remove("Anne", "me");
  ASSERT_EQ(reader->nearest(kEast, 3).size(), 1U);
  EXPECT_EQ(reader->nearest(kEast, 3).at(0).subject, "Berta");
}

}  // namespace
}  // namespace likeness
