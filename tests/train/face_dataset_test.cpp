#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/train/face_dataset.h>

#include "support/error_code.h"
#include "support/recording_progress.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

using Names = std::vector<std::string>;

class FaceDatasetTest : public testing::Test {
 protected:
  /// Content makes a file a copy of another or not; it is no picture, and need not be one.
  void add(const std::string& path, const std::string& content) {
    const auto file = folder_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    write_file(file, content);
  }

  FaceDataset read() { return read_face_dataset(folder_.path(), progress_); }

  static Names names(const FaceDataset& dataset) {
    Names result;
    for (const Identity& identity : dataset.identities) result.push_back(identity.name);
    return result;
  }

  TemporaryFolder folder_;
  RecordingProgress progress_;
};

TEST_F(FaceDatasetTest, AFolderOfFoldersIsOneIdentityEach) {
  add("Bo/b.PNG", "1");
  add("Bo/a.jpg", "22");
  add("Ann Lee/x.jpeg", "333");
  add("Ann Lee/y.webp", "4444");
  const FaceDataset dataset = read();
  EXPECT_EQ(dataset.root, folder_.path());
  EXPECT_EQ(names(dataset), (Names{"Ann Lee", "Bo"}));
  EXPECT_EQ(dataset.identities[0].pictures, (Names{"Ann Lee/x.jpeg", "Ann Lee/y.webp"}));
  EXPECT_EQ(dataset.identities[1].pictures, (Names{"Bo/a.jpg", "Bo/b.PNG"}));
  EXPECT_EQ(dataset.picture_count(), 4);
  EXPECT_TRUE(progress_.notes.empty());
}

TEST_F(FaceDatasetTest, WhatIsNoPictureIsPassedOverAndSaidOnce) {
  add("Ann/1.jpg", "1");
  add("Ann/2.jpg", "22");
  add("Ann/notes.txt", "x");
  add("Ann/.hidden.jpg", "x");
  add("Bo/1.jpg", "333");
  add("Bo/2.jpg", "4444");
  add("readme.md", "x");
  add("Empty/list.csv", "x");
  add(".cache/1.jpg", "x");
  EXPECT_EQ(names(read()), (Names{"Ann", "Bo"}));
  EXPECT_EQ(
      progress_.notes,
      (Names{"3 files that are no pictures (Ann/notes.txt, Empty/list.csv, readme.md) passed over",
             "1 folder without a picture (Empty) passed over"}));
}

TEST_F(FaceDatasetTest, IdentitiesWithASinglePictureAreKeptAndSaidOnce) {
  for (const char* name : {"A", "B", "C", "D", "E"})
    add(std::string(name) + "/1.jpg", std::string("x") + name);
  add("E/2.jpg", "yyy");
  EXPECT_EQ(read().identities.size(), 5U);
  ASSERT_EQ(progress_.notes.size(), 1U);
  EXPECT_EQ(progress_.notes[0],
            "4 identities with a single picture (A, B, C, …): kept for negatives only");
}

TEST_F(FaceDatasetTest, ACopyUnderOneNameIsUsedOnce) {
  add("Ann/1.jpg", "same");
  add("Ann/2.jpg", "same");
  add("Ann/3.jpg", "else");
  add("Bo/1.jpg", "1");
  add("Bo/2.jpg", "2");
  const FaceDataset dataset = read();
  EXPECT_EQ(dataset.identities[0].pictures, (Names{"Ann/1.jpg", "Ann/3.jpg"}));
  ASSERT_EQ(progress_.notes.size(), 1U);
  EXPECT_EQ(progress_.notes[0],
            "1 picture lies (Ann/1.jpg = Ann/2.jpg) under its name more than once: used once");
}

TEST_F(FaceDatasetTest, ACopyUnderTwoNamesIsLeftOutOfBothAndReported) {
  add("Ann/1.jpg", "same");
  add("Ann/2.jpg", "1");
  add("Bo/1.jpg", "2");
  add("Bo/2.jpg", "same");
  add("Cy/1.jpg", "same");
  const FaceDataset dataset = read();
  EXPECT_EQ(names(dataset), (Names{"Ann", "Bo"}));
  EXPECT_EQ(dataset.identities[0].pictures, Names{"Ann/2.jpg"});
  EXPECT_EQ(dataset.identities[1].pictures, Names{"Bo/1.jpg"});
  ASSERT_EQ(progress_.notes_with("Ann/1.jpg = Bo/2.jpg = Cy/1.jpg").size(), 1U);
  EXPECT_EQ(progress_.notes_with("several names").size(), 1U);
}

TEST_F(FaceDatasetTest, DuplicatesAreListedWithTheirNames) {
  add("Ann/1.jpg", "same");
  add("Bo/2.jpg", "same");
  add("Bo/3.jpg", "also");
  add("Bo/4.jpg", "also");
  FaceDataset dataset{.root = folder_.path(),
                      .identities = {{"Ann", {"Ann/1.jpg"}},
                                     {"Bo", {"Bo/2.jpg", "Bo/3.jpg", "Bo/4.jpg", "Bo/gone.jpg"}}}};
  const auto duplicates = remove_duplicates(dataset, progress_);
  ASSERT_EQ(duplicates.size(), 2U);
  EXPECT_EQ(duplicates[0].pictures, (Names{"Ann/1.jpg", "Bo/2.jpg"}));
  EXPECT_EQ(duplicates[0].identities, (Names{"Ann", "Bo"}));
  EXPECT_EQ(duplicates[1].pictures, (Names{"Bo/3.jpg", "Bo/4.jpg"}));
  EXPECT_EQ(duplicates[1].identities, Names{"Bo"});
  EXPECT_EQ(names(dataset), Names{"Bo"});
  EXPECT_EQ(dataset.identities[0].pictures, (Names{"Bo/3.jpg", "Bo/gone.jpg"}));
}

TEST_F(FaceDatasetTest, AnEmptyFolderSaysWhatIsExpected) {
  EXPECT_EQ(code_of([&] { read(); }), ErrorCode::invalid_argument);
  EXPECT_NE(message_of([&] { read(); }).find("no pictures"), std::string::npos);
  EXPECT_NE(message_of([&] { read(); }).find("/ANNA/1.jpg"), std::string::npos);
}

TEST_F(FaceDatasetTest, PicturesInTheFolderItselfAreNoIdentity) {
  add("1.jpg", "1");
  EXPECT_EQ(code_of([&] { read(); }), ErrorCode::invalid_argument);
  EXPECT_NE(message_of([&] { read(); }).find("lie in the folder itself"), std::string::npos);
}

TEST_F(FaceDatasetTest, OneIdentityIsTooFew) {
  add("Ann/1.jpg", "1");
  add("Ann/2.jpg", "2");
  EXPECT_EQ(code_of([&] { read(); }), ErrorCode::invalid_argument);
  EXPECT_NE(message_of([&] { read(); }).find("only one identity, 'Ann'"), std::string::npos);
  add("Bo/1.jpg", "1");
  EXPECT_NE(message_of([&] { read(); }).find("fewer than two identities are left"),
            std::string::npos);
}

TEST_F(FaceDatasetTest, AMissingFolderIsNotFound) {
  const auto read_missing = [&] { read_face_dataset(folder_.path() / "none", progress_); };
  EXPECT_EQ(code_of(read_missing), ErrorCode::not_found);
}

TEST_F(FaceDatasetTest, CanBeCancelled) {
  add("Ann/1.jpg", "1");
  add("Bo/1.jpg", "2");
  Cancellation cancellation;
  cancellation.request();
  EXPECT_EQ(code_of([&] { read_face_dataset(folder_.path(), progress_, &cancellation); }),
            ErrorCode::cancelled);
}

TEST_F(FaceDatasetTest, AListNamesPicturesFromItsOwnFolder) {
  add("photos/1.jpg", "1");
  add("photos/2.jpg", "2");
  add("photos/3.jpg", "3");
  add("list.csv", "path,identity\nphotos/2.jpg,Ann\nphotos/1.jpg,Ann\n" +
                      (folder_.path() / "photos/3.jpg").string() + ",\"Lee, Bo\"\n");
  const FaceDataset dataset = read_face_dataset(folder_.path() / "list.csv", progress_);
  EXPECT_EQ(dataset.root, folder_.path());
  EXPECT_EQ(names(dataset), (Names{"Ann", "Lee, Bo"}));
  EXPECT_EQ(dataset.identities[0].pictures, (Names{"photos/1.jpg", "photos/2.jpg"}));
  EXPECT_TRUE(std::filesystem::equivalent(dataset.root / dataset.identities[1].pictures[0],
                                          folder_.path() / "photos/3.jpg"));
}

TEST_F(FaceDatasetTest, AListThatNamesAMissingPictureIsAnErrorThatNamesIt) {
  add("list.csv", "1.jpg,Ann\n2.jpg,Bo\n");
  const auto read_list = [&] { read_face_dataset(folder_.path() / "list.csv", progress_); };
  EXPECT_EQ(code_of(read_list), ErrorCode::not_found);
  EXPECT_NE(message_of(read_list).find("1.jpg"), std::string::npos);
}

TEST(FaceList, GroupsByIdentityWithOrWithoutHeader) {
  for (const char* header : {"", "path,identity\n"}) {
    const FaceDataset dataset = parse_face_list(
        std::string(header) + "b.jpg,Bo\na.jpg,Ann\nc.jpg,Bo\nb.jpg,Bo\n", "l", "r");
    ASSERT_EQ(dataset.identities.size(), 2U);
    EXPECT_EQ(dataset.identities[0].name, "Ann");
    EXPECT_EQ(dataset.identities[1].pictures, (Names{"b.jpg", "c.jpg"}));
  }
}

TEST(FaceList, WhatIsWrongIsNamedWithItsLine) {
  for (const std::string& line :
       {std::string("a.jpg"), std::string("a.jpg,Ann,x"), std::string(",Ann"),
        std::string("a.jpg,"), std::string("\"a.jpg,Ann"), std::string("a\0.jpg,Ann", 10)}) {
    const auto parse = [&] { parse_face_list("x.jpg,Ann\n" + line + "\n", "list.csv", "."); };
    EXPECT_EQ(code_of(parse), ErrorCode::corrupt_file) << line;
    EXPECT_NE(message_of(parse).find("list.csv, line 2"), std::string::npos) << message_of(parse);
  }
}

TEST(FaceDatasetSubset, LeavesIdentitiesOutByName) {
  const FaceDataset dataset{.root = ".", .identities = {{"A", {"1"}}, {"B", {"2"}}, {"C", {"3"}}}};
  const Names names = {"B", "Z"};
  const FaceDataset rest = without_identities(dataset, names);
  ASSERT_EQ(rest.identities.size(), 2U);
  EXPECT_EQ(rest.identities[1].name, "C");
}

class SplitIdentities : public testing::Test {
 protected:
  SplitIdentities() {
    for (int i = 0; i < 100; ++i) {
      names_.push_back("person " + std::to_string(100 + i));
      counts_.push_back(i % 10 == 0 ? 1 : 3);
    }
  }

  Names names_;
  std::vector<std::int64_t> counts_;
};

TEST_F(SplitIdentities, SharesOutThoseWithSeveralPicturesAndLosesNobody) {
  const IdentitySplit split = split_identities(names_, counts_, 0.2, 1);
  EXPECT_EQ(split.validation.size(), 18U);
  EXPECT_EQ(split.train.size(), 82U);
  std::set<std::string> all(split.train.begin(), split.train.end());
  all.insert(split.validation.begin(), split.validation.end());
  EXPECT_EQ(all.size(), 100U);
  EXPECT_TRUE(std::is_sorted(split.train.begin(), split.train.end()));
  for (const std::string& name : split.validation) EXPECT_NE(name.back(), '0');
}

TEST_F(SplitIdentities, DependsOnTheSeedAndNotOnTheOrder) {
  const IdentitySplit split = split_identities(names_, counts_, 0.2, 1);
  EXPECT_NE(split_identities(names_, counts_, 0.2, 2).validation, split.validation);
  std::reverse(names_.begin(), names_.end());
  std::reverse(counts_.begin(), counts_.end());
  EXPECT_EQ(split_identities(names_, counts_, 0.2, 1).validation, split.validation);
}

TEST_F(SplitIdentities, MovesHardlyAnyoneWhenSomeoneLeaves) {
  const IdentitySplit before = split_identities(names_, counts_, 0.2, 1);
  names_.pop_back();
  counts_.pop_back();
  const IdentitySplit after = split_identities(names_, counts_, 0.2, 1);
  Names both;
  std::set_intersection(before.validation.begin(), before.validation.end(),
                        after.validation.begin(), after.validation.end(), std::back_inserter(both));
  EXPECT_GE(both.size(), after.validation.size() - 1);
}

TEST_F(SplitIdentities, BothPartsNeedTwoIdentities) {
  EXPECT_EQ(split_identities(names_, counts_, 0.001, 1).validation.size(), 2U);
  for (const double share : {0.0, 1.0, -1.0, 0.99})
    EXPECT_EQ(code_of([&] { split_identities(names_, counts_, share, 1); }),
              ErrorCode::invalid_argument)
        << share;
  const Names three = {"A", "B", "C"};
  const std::vector<std::int64_t> two = {2, 2, 2};
  EXPECT_EQ(code_of([&] { split_identities(three, two, 0.5, 1); }), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace likeness
