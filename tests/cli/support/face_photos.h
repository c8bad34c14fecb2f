#pragma once

/// Real faces for the tests: the photos of the demonstration, and pictures made of them.

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/image/image.h>

#include "support/program.h"

namespace likeness {

/// A part of a photo with one face.
struct Portrait {
  int sample;  ///< of demo/photos/sampleN.jpg
  int x, y, width, height;
};

/// One woman in two photos, another in a third.
extern const Portrait kAnnaOnce;
extern const Portrait kAnnaAgain;
extern const Portrait kBerta;
/// Twelve faces, some of them of one woman.
extern const std::vector<Portrait> kTwelveFaces;

/// Tests of this fixture are skipped, and say so, where weights or photos are missing.
class RealFaces : public ::testing::Test {
 protected:
  void SetUp() override;

  std::string sample(int number) const;
  Image portrait(const Portrait& portrait) const;
  /// The portrait as a file NAME in folder(); the format follows its ending.
  std::string portrait_file(const Portrait& portrait, const std::string& name) const;
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
  const std::filesystem::path& folder() const { return folder_.path(); }

  /// `likeness verify A B … --json`; a test failure unless it gave a verdict.
  nlohmann::json verify(const std::string& a, const std::string& b,
                        const std::vector<std::string>& more = {}) const;
  /// The faces that `likeness detect PATH --json` finds.
  nlohmann::json detect(const std::string& path) const;

 private:
  TemporaryFolder folder_;
};

}  // namespace likeness
