#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/picture_set.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

const std::string kPairs = "1\nAnn\t1\t2\nAnn\t1\tBo\t1\n";

TEST(PictureSet, TakesPicturesAndPeopleFromLists) {
  const std::vector<PairList> lists = {parse_pairs(kPairs, "a"),
                                       parse_pairs("1\nBo\t1\t2\nAnn\t2\tCy\t1\n", "b")};
  const PictureSet set = pictures_of_people(lists);
  EXPECT_EQ(set.pictures, (Names{"Ann/Ann_0001.jpg", "Ann/Ann_0002.jpg", "Bo/Bo_0001.jpg",
                                 "Bo/Bo_0002.jpg", "Cy/Cy_0001.jpg"}));
  EXPECT_EQ(set.people.at("Bo/Bo_0002.jpg"), "Bo");
  EXPECT_EQ(set.impostor_pairs(), 10 - 2);
}

TEST(PictureSet, AListWithoutNamesIsRefused) {
  const std::vector<PairList> lists = {parse_flagged_pairs("a.jpg b.jpg 1\n", "list")};
  EXPECT_EQ(code_of([&] { pictures_of_people(lists); }), ErrorCode::invalid_argument);
}

class PictureFolder : public testing::Test {
 protected:
  void add(const std::string& name) const {
    fs::create_directories((folder_.path() / name).parent_path());
    write_file(folder_.path() / name, "x");
  }
  TemporaryFolder folder_;
};

TEST_F(PictureFolder, TheFolderOfAPictureNamesItsPerson) {
  for (const char* name : {"Bo/1.jpg", "Ann/2.png", "Ann/1.JPG", "Ann/notes.txt", "x/Cy/1.webp",
                           ".hidden/1.jpg", "Ann/.2.jpg", "notes.txt"})
    add(name);
  const PictureSet set = pictures_in_folder(folder_.path());
  EXPECT_EQ(set.pictures, (Names{"Ann/1.JPG", "Ann/2.png", "Bo/1.jpg", "x/Cy/1.webp"}));
  EXPECT_EQ(set.people.at("Ann/2.png"), "Ann");
  EXPECT_EQ(set.people.at("x/Cy/1.webp"), "x/Cy");
}

TEST_F(PictureFolder, LinksToFoldersAreNotFollowed) {
  add("Ann/1.jpg");
  fs::create_directory_symlink(folder_.path(), folder_.path() / "Ann" / "circle");
  EXPECT_EQ(pictures_in_folder(folder_.path()).pictures.size(), 1U);
}

TEST_F(PictureFolder, WithoutPicturesOrPeopleItIsRefused) {
  EXPECT_EQ(code_of([&] { pictures_in_folder(folder_.path()); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { pictures_in_folder(folder_.path() / "none"); }), ErrorCode::not_found);
  add("1.jpg");
  const auto read = [&] { pictures_in_folder(folder_.path()); };
  EXPECT_EQ(code_of(read), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(read).find("1.jpg"), std::string::npos) << message_of(read);
}

TEST(PictureList, NamesOnePictureALine) {
  const PictureSet set = parse_picture_list("Bo/1.jpg\r\n\r\nAnn/x/2.jpg\n", "list");
  EXPECT_EQ(set.pictures, (Names{"Ann/x/2.jpg", "Bo/1.jpg"}));
  EXPECT_EQ(set.people.at("Ann/x/2.jpg"), "Ann/x");
}

TEST(PictureList, WithAHeaderItNamesThePeopleToo) {
  const PictureSet set = parse_picture_list("path,identity\n1.jpg,Ann\n2.jpg,Bo\n", "list");
  EXPECT_EQ(set.people.at("1.jpg"), "Ann");
  EXPECT_EQ(set.people.at("2.jpg"), "Bo");
  EXPECT_EQ(parse_picture_list("\xEF\xBB\xBFpath,identity\n\"a, b.jpg\",Ann\n", "list")
                .people.at("a, b.jpg"),
            "Ann");
}

TEST(PictureList, WhatIsWrongIsNamedWithItsLine) {
  const std::vector<std::vector<std::string>> cases = {
      {"", "no pictures"},
      {"path,identity\n", "no pictures"},
      {"1.jpg\n", "line 1"},
      {"Ann/1.jpg\nAnn/1.jpg\n", "line 2"},
      {"Ann/1.jpg\nAnn/../2.jpg\n", "line 2"},
      {"path,identity\n1.jpg,Ann,x\n", "line 2"},
      {"path,identity\n1.jpg\n", "line 2"},
      {"path,identity\n1.jpg,\n", "line 2"},
  };
  for (const auto& item : cases) {
    const auto parse = [&] { parse_picture_list(item[0], "list.txt"); };
    EXPECT_EQ(code_of(parse), ErrorCode::corrupt_file) << item[0];
    EXPECT_NE(message_of(parse).find(item[1]), std::string::npos) << message_of(parse);
  }
}

TEST_F(PictureFolder, ListsOfEitherKindAreRead) {
  const auto path = folder_.path() / "list.txt";
  write_file(path, kPairs);
  EXPECT_EQ(read_pictures(path).pictures.size(), 3U);
  write_file(path, "Ann/1.jpg\nBo/1.jpg\n");
  EXPECT_EQ(read_pictures(path).pictures.size(), 2U);
  write_file(path, "path,identity\r\n1.jpg,Ann\r\n");
  EXPECT_EQ(read_pictures(path).people.at("1.jpg"), "Ann");
  write_file(path, "a.jpg 1\nb.jpg 1\n");
  EXPECT_EQ(code_of([&] { read_pictures(path); }), ErrorCode::invalid_argument);
}

TEST_F(PictureFolder, NamesComeFromAListOfThemOrOfPictures) {
  const auto path = folder_.path() / "list.txt";
  using NameSet = std::set<std::string>;
  write_file(path, "7218\r\n\r\nAnn Berg\n");
  EXPECT_EQ(read_names(path), (NameSet{"7218", "Ann Berg"}));
  write_file(path, kPairs);
  EXPECT_EQ(read_names(path), (NameSet{"Ann", "Bo"})) << "its first line could be a name";
  write_file(path, "Ann/1.jpg\nBo/1.jpg\n");
  EXPECT_EQ(read_names(path), (NameSet{"Ann", "Bo"}));
  write_file(path, "path,identity\n1.jpg,Ann\n");
  EXPECT_EQ(read_names(path), (NameSet{"Ann"}));
  write_file(path, "a.jpg b.jpg 1\n");
  EXPECT_EQ(code_of([&] { read_names(path); }), ErrorCode::invalid_argument)
      << "whom they show is not said";
  write_file(path, "");
  EXPECT_EQ(code_of([&] { read_names(path); }), ErrorCode::corrupt_file);
  EXPECT_EQ(code_of([&] { read_names(folder_.path() / "none"); }), ErrorCode::not_found);
}

TEST(PictureSet, PeopleAreLeftOutByName) {
  const std::vector<PairList> lists = {parse_pairs(kPairs, "a")};
  const PictureSet set = without_people(pictures_of_people(lists), {"Bo", "nobody"});
  EXPECT_EQ(set.pictures, (Names{"Ann/Ann_0001.jpg", "Ann/Ann_0002.jpg"}));
  EXPECT_EQ(set.people.size(), 2U);
}

}  // namespace
}  // namespace likeness
