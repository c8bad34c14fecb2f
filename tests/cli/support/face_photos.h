#pragma once

/// Real faces for the tests of the program: the photos of the demonstration, and pictures made of
/// them.

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/image/image.h>

#include "support/portraits.h"
#include "support/program.h"

namespace likeness {

/// Width and height of a face's place in RealFaces::group().
inline constexpr int kPlaceWidth = 200;
inline constexpr int kPlaceHeight = 250;
inline constexpr int kPlacesInARow = 4;

/// Tests of this fixture are skipped, and say so, where weights or photos are missing.
class RealFaces : public ::testing::Test {
 protected:
  void SetUp() override;

  /// The portrait as a file NAME in folder(), half as large; the format follows its ending.
  std::string portrait_file(const Portrait& portrait, const std::string& name) const;
  /// kTwelveFaces in one picture NAME, in places of kPlaceWidth × kPlaceHeight pixels.
  std::string group_file(const std::string& name) const;
  /// kTwelveFaces with two pictures each, NAME/womanN/1.jpg and 2.jpg, the second closer: the
  /// layout of every face set.
  void people_folder(const std::string& name) const;
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
  const std::filesystem::path& folder() const { return folder_.path(); }

  /// `likeness verify A B … --json`; a test failure unless it gave a verdict that fits its exit
  /// code.
  nlohmann::json verify(const std::string& a, const std::string& b,
                        const std::vector<std::string>& more = {},
                        const Surroundings& surroundings = {}) const;
  /// The faces that `likeness detect PATH … --json` finds, from left to right.
  nlohmann::json detect(const std::string& path, const std::vector<std::string>& more = {}) const;

 private:
  TemporaryFolder folder_;
};

/// The index of the face of `faces`, as detect gives them, whose box has its centre in the
/// rectangle; -1 when there is none.
int face_within(const nlohmann::json& faces, int x, int y, int width, int height);

/// face_within of the place of kTwelveFaces[number] in RealFaces::group_file.
int face_of_group(const nlohmann::json& faces, int number);

}  // namespace likeness
