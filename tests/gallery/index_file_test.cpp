#include <algorithm>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/gallery/vector_index.h>

#include "support/clustered_rows.h"
#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

class IndexFile : public testing::TestWithParam<IndexKind> {
 protected:
  IndexFile() : rows_(clustered_rows(1500, 13)), key_(32, 0x5a) {
    VectorIndex index = make();
    add_all(index, rows_);
    index.remove(17);
    index.save(hidden_, key_, "digest");
    index.save(clear_, {}, "digest");
  }
  VectorIndex make() const { return VectorIndex(kDimensions, {.kind = GetParam()}); }
  bool opens(const std::filesystem::path& path) const {
    const auto key =
        path == hidden_ ? std::span<const std::uint8_t>(key_) : std::span<const std::uint8_t>();
    return VectorIndex::load(path, key, "digest", kDimensions).has_value();
  }
  bool opens_with(const std::filesystem::path& path, const Bytes& content) const {
    write_file(path, content);
    return opens(path);
  }

  TemporaryFolder folder_;
  std::filesystem::path hidden_ = folder_.path() / "hidden.index";
  std::filesystem::path clear_ = folder_.path() / "clear.index";
  std::vector<Row> rows_;
  Bytes key_;
};
INSTANTIATE_TEST_SUITE_P(VectorIndex, IndexFile,
                         testing::Values(IndexKind::exact, IndexKind::graph), [](const auto& info) {
                           return info.param == IndexKind::exact ? "exact" : "graph";
                         });

TEST_P(IndexFile, ComesBackAsItWas) {
  VectorIndex original = make();
  add_all(original, rows_);
  original.remove(17);
  for (const auto& path : {hidden_, clear_}) {
    const Bytes key = path == hidden_ ? key_ : Bytes();
    auto loaded = VectorIndex::load(path, key, "digest", kDimensions);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->kind(), GetParam());
    EXPECT_EQ(loaded->size(), rows_.size() - 1);
    for (const Row& probe : probes_of(rows_, 30)) {
      const auto expected = original.nearest(probe, 7);
      const auto hits = loaded->nearest(probe, 7);
      EXPECT_EQ(ids_of(hits), ids_of(expected));
      EXPECT_EQ(hits[6].distance, expected[6].distance);
    }
    loaded->add(17, rows_[17]);
    EXPECT_EQ(loaded->nearest(rows_[17], 1)[0].id, 17);
    EXPECT_TRUE(loaded->remove(3));
  }
}

TEST_P(IndexFile, OpensForNoOtherKeyDigestOrSize) {
  Bytes other = key_;
  other[31] ^= 1;
  EXPECT_TRUE(VectorIndex::load(hidden_, key_, "digest", kDimensions));
  EXPECT_FALSE(VectorIndex::load(hidden_, other, "digest", kDimensions));
  EXPECT_FALSE(VectorIndex::load(hidden_, {}, "digest", kDimensions));
  EXPECT_FALSE(VectorIndex::load(clear_, key_, "digest", kDimensions));
  for (const auto& path : {hidden_, clear_}) {
    const Bytes key = path == hidden_ ? key_ : Bytes();
    EXPECT_FALSE(VectorIndex::load(path, key, "another", kDimensions));
    EXPECT_FALSE(VectorIndex::load(path, key, "digest", kDimensions + 1));
  }
  EXPECT_FALSE(VectorIndex::load(folder_.path() / "none", key_, "digest", kDimensions));
  EXPECT_FALSE(VectorIndex::load(folder_.path(), key_, "digest", kDimensions));
}

TEST_P(IndexFile, OpensForNoDamage) {
  for (const auto& path : {hidden_, clear_}) {
    const Bytes whole = read_file(path, 1 << 24);
    EXPECT_TRUE(opens_with(path, whole));
    for (const double part : {0.0, 0.0001, 0.1, 0.5, 0.99, 0.999999}) {
      const auto at = static_cast<std::size_t>(part * static_cast<double>(whole.size()));
      Bytes damaged = whole;
      damaged[at] ^= 4;
      EXPECT_FALSE(opens_with(path, damaged)) << path << " flipped at " << at;
      damaged = Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at));
      EXPECT_FALSE(opens_with(path, damaged)) << path << " of " << at << " bytes";
    }
    Bytes longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(opens_with(path, longer)) << path;
  }
}

// Chunks of two files, or of one in another order, must not pass as one file.
TEST_P(IndexFile, OpensForNoMixture) {
  const auto rows = clustered_rows(6000, 14);
  VectorIndex index = make();
  add_all(index, rows);
  index.save(hidden_, key_, "digest");
  const Bytes one = read_file(hidden_, 1 << 24);
  index.save(hidden_, key_, "digest");
  Bytes other = read_file(hidden_, 1 << 24);
  ASSERT_EQ(one.size(), other.size());
  ASSERT_GT(one.size(), std::size_t{1} << 20);
  std::copy(one.begin() + (1 << 19), one.end(), other.begin() + (1 << 19));
  EXPECT_FALSE(opens_with(hidden_, other));
  EXPECT_TRUE(opens_with(hidden_, one));
}

TEST_P(IndexFile, HidesTheNumbers) {
  const auto occurs_in = [&](const std::filesystem::path& path, const Row& row) {
    const Bytes whole = read_file(path, 1 << 24);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(row.data());
    return std::search(whole.begin(), whole.end(), bytes, bytes + 16) != whole.end();
  };
  EXPECT_TRUE(occurs_in(clear_, rows_[40]));  // or the test would look for the wrong thing
  for (const Row& row : {rows_[0], rows_[40], rows_[1499]}) EXPECT_FALSE(occurs_in(hidden_, row));
  EXPECT_FALSE(occurs_in(clear_, rows_[17])) << "it was removed";
}

TEST_P(IndexFile, SaysWhenItCannotBeWritten) {
  const VectorIndex index = make();
  EXPECT_EQ(code_of([&] { index.save(folder_.path() / "no" / "x", key_, "digest"); }),
            ErrorCode::write_failed);
}

}  // namespace
}  // namespace likeness
