#pragma once

/// A cache with three small models and an npm that publishes them, for tests of ModelStore.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/core/progress.h>
#include <likeness/model/convert.h>
#include <likeness/model/store.h>

#include "support/environment.h"
#include "support/fake_npm.h"
#include "support/package_file.h"
#include "support/temporary_folder.h"
#include "support/tiny_weights.h"

namespace likeness {

inline constexpr char kSourcePath[] = "assets/MobileFaceNet.tflite";

/// Two models and their combination, all out of one package, "tiny-face" 1.2.3.
inline Manifest tiny_manifest(const Bytes& source) {
  const auto entry = [&](const std::string& id) {
    const Bytes converted = serialize_safetensors(
        {.tensors = convert_weights("mobilefacenet", {{"MobileFaceNet.tflite", source}}),
         .metadata = {{"model", id}, {"source", "tiny-face 1.2.3"}}});
    ModelEntry model;
    model.id = id;
    model.converter = "mobilefacenet";
    model.source = {"tiny-face",
                    "1.2.3",
                    {{kSourcePath, sha256(source), static_cast<std::int64_t>(source.size())}}};
    model.sha256 = sha256(converted);
    model.bytes = static_cast<std::int64_t>(converted.size());
    return model;
  };
  Manifest manifest{{entry("tiny"), entry("other")}};
  ModelEntry both;
  both.id = "both";
  both.parts = {"tiny", "other"};
  manifest.models.push_back(both);
  return manifest;
}

class Notes : public Progress {
 public:
  void begin(std::string_view task, std::int64_t total) override {
    tasks.emplace_back(task);
    total_ = total;
  }
  void update(std::int64_t done) override { done_ = done; }
  void note(std::string_view message) override { notes.emplace_back(message); }
  void end() override { ++ended; }
  bool complete() const { return done_ == total_; }

  std::vector<std::string> tasks;
  std::vector<std::string> notes;
  int ended = 0;

 private:
  std::int64_t total_ = 0;
  std::int64_t done_ = 0;
};

class Store : public testing::Test {
 protected:
  Store() { write_package(archive(), {{package_path(), content()}}); }

  std::filesystem::path archive() const { return folder_.path() / "published.tgz"; }
  static std::string package_path() { return std::string("package/") + kSourcePath; }
  std::string content() const { return {source_.begin(), source_.end()}; }
  std::string copy_script() const { return "cp '" + archive().string() + "' tiny-face-1.2.3.tgz"; }
  std::filesystem::path models() const { return store_.root() / "models"; }
  Bytes stored(const std::string& id) const { return read_file(store_.path(id), 1 << 24); }

  /// What is in the cache beside locks.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(models()))
      if (!entry.path().filename().string().starts_with(".lock-"))
        names.push_back(entry.path().filename().string());
    return names;
  }

  void damage(const std::string& id) const {
    Bytes bytes = stored(id);
    bytes.back() ^= 1;
    write_file(store_.path(id), bytes);
  }

  TemporaryFolder folder_;
  ScopedEnvironment online_{"LIKENESS_OFFLINE", std::nullopt};
  Bytes source_ = tiny_mobilefacenet();
  Manifest manifest_ = tiny_manifest(source_);
  ModelStore store_{folder_.path() / "cache", manifest_};
  FakeNpm npm_{copy_script()};
  Notes progress_;
};

}  // namespace likeness
