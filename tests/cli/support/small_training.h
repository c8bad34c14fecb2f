#pragma once

/// Training on the portraits of the sample photos, for tests.

#include <filesystem>
#include <string>
#include <vector>

#include <likeness/model/store.h>

#include "support/face_photos.h"

namespace likeness {

/// Ten women with two pictures each, in the layout of every face set, and a cache with the user's
/// weights whose faces are the test's own.
class SmallTraining : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    people_folder("data");
    std::filesystem::create_directories(file("cache"));
    std::filesystem::create_directory_symlink(ModelStore().root() / "models", file("cache/models"));
  }

  Surroundings surroundings() const {
    Surroundings own;
    own.environment["LIKENESS_CACHE"] = file("cache");
    return own;
  }
  std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
    return command_from("none", more);
  }
  std::vector<std::string> command_from(const std::string& init,
                                        const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"train",
                                          "siamese",
                                          "--data",
                                          file("data"),
                                          "--init",
                                          init,
                                          "--size",
                                          "32",
                                          "--p",
                                          "3",
                                          "--k",
                                          "2",
                                          "--dimensions",
                                          "16",
                                          "--out",
                                          file("run"),
                                          "--validation",
                                          "0.25",
                                          "--validate-every",
                                          "2",
                                          "--checkpoint-every",
                                          "2",
                                          "--warm-up",
                                          "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  Outcome train(const std::vector<std::string>& more = {}) const {
    return run_likeness(command(more), surroundings());
  }
};

}  // namespace likeness
