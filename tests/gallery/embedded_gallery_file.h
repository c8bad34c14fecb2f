#pragma once

/// A gallery in a file, for tests that look at what lies on the disk.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <likeness/gallery/embedded_gallery.h>
#include <sqlite3.h>

#include "gallery/gallery_contract.h"
#include "support/temporary_folder.h"

namespace likeness {

namespace fs = std::filesystem;

inline std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void put(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

inline std::string as_text(const Encoding& encoding) {
  return {reinterpret_cast<const char*>(encoding.data()), encoding.size() * sizeof(float)};
}

class EmbeddedGalleryFile : public testing::Test {
 protected:
  void create(const GalleryKey& key) {
    key_ = key;
    create_embedded_gallery(path_, key, kTinyModel);
  }
  std::unique_ptr<Gallery> opened() const { return open_embedded_gallery(path_, key_); }
  /// Everything that lies on the disk.
  std::string all_files() const {
    std::string all;
    for (const auto& entry : fs::directory_iterator(folder_.path())) all += content_of(entry);
    return all;
  }
  void execute(const char* sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  TemporaryFolder folder_;
  fs::path path_ = folder_.path() / "people.gallery";
  GalleryKey key_ = GalleryKey::passphrase("a long enough passphrase");
};

inline const Encoding kOdd = {0.48F, 0.6F, 0.64F, 0};

}  // namespace likeness
