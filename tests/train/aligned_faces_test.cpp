#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/train/aligned_faces.h>

#include "support/drawn_picture.h"
#include "support/error_code.h"
#include "support/recording_progress.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

constexpr int kSize = 24;

/// A data set of drawn pictures: those with a black first pixel have "no face".
class AlignFaces : public testing::Test {
 protected:
  AlignFaces() {
    for (int i = 0; i < 12; ++i) {
      const std::string name = i < 5 ? "Ann" : i < 11 ? "Bo" : "Cy";
      add(name, std::to_string(100 + i), picture(i));
    }
    add("Dee", "1", Image(30, 30));
    add("Bo", "100", Image(30, 30));
    write_file(data() / "Ann/broken.png", "no picture at all");
    dataset_.identities[0].pictures.emplace_back("Ann/broken.png");
  }

  fs::path data() const { return folder_.path() / "people"; }
  fs::path cache() const { return folder_.path() / "cache"; }

  /// Each with its own colours.
  static Image picture(int number) {
    Image image = drawn_picture(40 + number, 36);
    image.pixels()[0] = static_cast<std::uint8_t>(number + 1);
    return image;
  }

  void add(const std::string& identity, const std::string& name, const Image& image) {
    const std::string path = identity + "/" + name + ".png";
    fs::create_directories(data() / identity);
    write_image(data() / path, image);
    dataset_.root = data();
    if (dataset_.identities.empty() || dataset_.identities.back().name != identity) {
      const auto found = std::find_if(dataset_.identities.begin(), dataset_.identities.end(),
                                      [&](const Identity& each) { return each.name == identity; });
      if (found != dataset_.identities.end()) {
        found->pictures.push_back(path);
        return;
      }
      dataset_.identities.push_back({identity, {}});
    }
    dataset_.identities.back().pictures.push_back(path);
  }

  AlignmentRecipe recipe() {
    return {.detector = "test 1",
            .locate = [this](const Image& image) -> std::optional<Landmarks> {
              ++located_;
              most_threads_ = std::max(most_threads_.load(), at::get_num_threads());
              if (stop_after_ > 0 && located_ >= stop_after_) cancellation_->request();
              if (image.at(0, 0)[0] == 0) return std::nullopt;
              return Landmarks{{12, 12}, {24, 12}, {18, 18}, {14, 26}, {22, 26}};
            },
            .target = scaled_template(arcface_template(), kSize)};
  }

  AlignedFaces align(int threads = 2) { return align_in(cache(), threads); }
  AlignedFaces align_in(const fs::path& folder, int threads = 2) {
    return align_faces(dataset_, recipe(),
                       {.cache = folder, .threads = threads, .cancellation = &*cancellation_},
                       progress_);
  }
  fs::path file() { return cache_file(dataset_, recipe(), cache()); }
  fs::path partial() { return file().string() + ".partial"; }

  /// Stops the work in the middle, as if the user had pressed Ctrl-C.
  void align_in_part(int pictures) {
    stop_after_ = located_ + pictures;
    EXPECT_EQ(code_of([&] { align(1); }), ErrorCode::cancelled);
    stop_after_ = 0;
    cancellation_.emplace();
  }

  static Bytes content(const fs::path& path) { return read_file(path, std::size_t{1} << 30); }

  TemporaryFolder folder_;
  FaceDataset dataset_;
  RecordingProgress progress_;
  std::optional<Cancellation> cancellation_{std::in_place};
  std::atomic<int> located_ = 0;
  std::atomic<int> most_threads_ = 0;
  int stop_after_ = 0;
};

TEST_F(AlignFaces, EveryFaceIsARowInTheOrderOfTheDataSet) {
  const AlignedFaces faces = align();
  ASSERT_EQ(faces.size(), 12);
  EXPECT_EQ(faces.pixels.sizes(), (at::IntArrayRef{12, kSize, kSize, 3}));
  EXPECT_EQ(faces.pixels.scalar_type(), at::kByte);
  EXPECT_EQ(faces.identities, (Names{"Ann", "Bo", "Cy"}));
  EXPECT_EQ(faces.labels, (std::vector<std::int64_t>{0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2}));
  EXPECT_EQ(faces.face_counts(), (std::vector<std::int64_t>{5, 6, 1}));
  EXPECT_EQ(faces.pictures[5], "Bo/105.png");
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(faces.rows[static_cast<std::size_t>(i)], i);
    const Landmarks landmarks{{12, 12}, {24, 12}, {18, 18}, {14, 26}, {22, 26}};
    EXPECT_EQ(faces.crop(i), align_face(picture(i), landmarks, recipe().target)) << i;
  }
  EXPECT_EQ(progress_.total, 15);
  EXPECT_EQ(progress_.done, 15);
}

TEST_F(AlignFaces, PicturesWithoutAFaceAndBrokenOnesAreSkippedAndNamed) {
  const AlignedFaces faces = align();
  ASSERT_EQ(faces.skipped.size(), 3U);
  EXPECT_EQ(faces.skipped[0].picture, "Ann/broken.png");
  EXPECT_NE(faces.skipped[0].reason.find("broken.png"), std::string::npos);
  EXPECT_EQ(faces.skipped[1].picture, "Bo/100.png");
  EXPECT_EQ(faces.skipped[1].reason, "no face");
  EXPECT_EQ(faces.skipped[2].picture, "Dee/1.png");
  EXPECT_EQ(progress_.notes_with("2 pictures show no face (Bo/100.png, Dee/1.png): skipped").size(),
            1U);
  EXPECT_EQ(progress_.notes_with("1 picture cannot be decoded").size(), 1U);
}

TEST_F(AlignFaces, TheSecondTimeTheFileIsMappedAndNothingIsDecoded) {
  const AlignedFaces first = align();
  const int before = located_;
  const AlignedFaces second = align();
  EXPECT_EQ(located_, before);
  EXPECT_TRUE(first.pixels.equal(second.pixels));
  EXPECT_EQ(first.labels, second.labels);
  EXPECT_EQ(first.pictures, second.pictures);
  EXPECT_EQ(second.skipped.size(), 3U);
  EXPECT_FALSE(fs::exists(partial()));
}

TEST_F(AlignFaces, TheFileIsTheSameWhateverTheThreads) {
  align(1);
  align_in(folder_.path() / "other", 4);
  EXPECT_EQ(content(file()), content(cache_file(dataset_, recipe(), folder_.path() / "other")));
}

TEST_F(AlignFaces, ACancelledRunGoesOnWhereItStopped) {
  align_in_part(5);
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_TRUE(fs::exists(partial()));
  const int before = located_;
  const AlignedFaces faces = align(1);
  EXPECT_EQ(faces.size(), 12);
  EXPECT_EQ(located_ - before, 14 - 5);
  EXPECT_EQ(progress_.notes_with("going on after").size(), 1U);
  align_in(folder_.path() / "other");
  EXPECT_EQ(content(file()), content(cache_file(dataset_, recipe(), folder_.path() / "other")));
}

TEST_F(AlignFaces, ARunThatWasKilledWhileItWroteGoesOnToTheSameFile) {
  align_in(folder_.path() / "other");
  const Bytes expected = content(cache_file(dataset_, recipe(), folder_.path() / "other"));
  align_in_part(8);
  const Bytes written = content(partial());
  // Wherever the end was torn off: inside the header, a record's header, its pixels, its checksum.
  for (std::size_t bytes = 0; bytes < written.size(); bytes += 397) {
    fs::remove(file());
    write_file(partial(), std::span(written).first(bytes));
    align();
    ASSERT_EQ(content(file()), expected) << bytes;
  }
}

TEST_F(AlignFaces, ADamagedRecordIsNotBelieved) {
  align_in(folder_.path() / "other");
  const Bytes expected = content(cache_file(dataset_, recipe(), folder_.path() / "other"));
  align_in_part(6);
  const Bytes written = content(partial());
  for (std::size_t byte = 0; byte < written.size(); byte += 251) {
    fs::remove(file());
    Bytes damaged = written;
    damaged[byte] ^= 0x10;
    write_file(partial(), damaged);
    align();
    ASSERT_EQ(content(file()), expected) << byte;
  }
}

TEST_F(AlignFaces, ADamagedCacheFileIsReportedAndMadeAgain) {
  align();
  const Bytes sound = content(file());
  const std::size_t first_crop = sound.size() - 12 * kSize * kSize * 3;
  for (const std::size_t byte :
       {std::size_t{0}, std::size_t{9}, std::size_t{40}, std::size_t{100}}) {
    ASSERT_LT(byte, first_crop);
    Bytes damaged = sound;
    damaged[byte] ^= 0x10;
    write_file(file(), damaged);
    progress_.notes.clear();
    align();
    EXPECT_EQ(progress_.notes_with("made again").size(), 1U) << byte;
    EXPECT_EQ(content(file()), sound) << byte;
  }
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{50}, first_crop, sound.size() - 1}) {
    write_file(file(), std::span(sound).first(bytes));
    progress_.notes.clear();
    align();
    EXPECT_EQ(progress_.notes_with("made again").size(), 1U) << bytes;
    EXPECT_EQ(content(file()), sound) << bytes;
  }
}

TEST_F(AlignFaces, EverythingThatThePixelsDependOnIsPartOfTheKey) {
  const std::string key = cache_key(dataset_, recipe());
  EXPECT_EQ(cache_key(dataset_, recipe()), key);
  const auto with = [&](const auto& change) {
    AlignmentRecipe changed = recipe();
    change(changed);
    return cache_key(dataset_, changed);
  };
  EXPECT_NE(with([](AlignmentRecipe& r) { r.detector = "test 2"; }), key);
  EXPECT_NE(with([](AlignmentRecipe& r) { r.target.size += 1; }), key);
  EXPECT_NE(with([](AlignmentRecipe& r) { r.target.points[3].y += 1e-5F; }), key);

  FaceDataset renamed = dataset_;
  renamed.identities[1].name = "Bob";
  EXPECT_NE(cache_key(renamed, recipe()), key);
  FaceDataset fewer = dataset_;
  fewer.identities[1].pictures.pop_back();
  EXPECT_NE(cache_key(fewer, recipe()), key);

  const fs::path picture = data() / "Ann/100.png";
  const auto changed = fs::last_write_time(picture);
  fs::last_write_time(picture, changed + std::chrono::seconds(1));
  EXPECT_NE(cache_key(dataset_, recipe()), key);
  fs::last_write_time(picture, changed);
  EXPECT_EQ(cache_key(dataset_, recipe()), key);
}

TEST_F(AlignFaces, TheFileIsNamedAfterTheDataSet) {
  EXPECT_TRUE(file().filename().string().starts_with("people-")) << file();
  EXPECT_TRUE(file().filename().string().ends_with(".faces")) << file();
}

TEST_F(AlignFaces, TwoAtOnceDoTheWorkOnce) {
  std::vector<AlignedFaces> results(2);
  {
    std::vector<std::jthread> threads;
    for (AlignedFaces& result : results)
      threads.emplace_back([&] {
        Progress silent;
        result = align_faces(dataset_, recipe(), {.cache = cache(), .threads = 1}, silent);
      });
  }
  EXPECT_EQ(located_, 14);
  EXPECT_TRUE(results[0].pixels.equal(results[1].pixels));
}

TEST_F(AlignFaces, WorksWithOneTensorThreadEachAndGivesTheCallersSettingBack) {
  const int before = at::get_num_threads();
  at::set_num_threads(3);
  align();
  EXPECT_EQ(most_threads_, 1);
  EXPECT_EQ(at::get_num_threads(), 3);
  at::set_num_threads(before);
}

TEST_F(AlignFaces, AnErrorOfTheDetectorStopsTheWorkAndKeepsWhatIsDone) {
  AlignmentRecipe failing = recipe();
  failing.locate = [inner = failing.locate, this](const Image& image) {
    if (located_ == 4) throw Error(ErrorCode::unavailable, "the device went away");
    return inner(image);
  };
  EXPECT_EQ(
      code_of([&] { align_faces(dataset_, failing, {.cache = cache(), .threads = 1}, progress_); }),
      ErrorCode::unavailable);
  align(1);
  EXPECT_EQ(located_, 14);
}

TEST_F(AlignFaces, ADataSetWithoutAFaceIsAnError) {
  AlignmentRecipe blind = recipe();
  blind.locate = [](const Image&) { return std::nullopt; };
  EXPECT_EQ(code_of([&] { align_faces(dataset_, blind, {.cache = cache()}, progress_); }),
            ErrorCode::no_face);
}

TEST_F(AlignFaces, AMissingPictureIsAnErrorThatNamesIt) {
  fs::remove(data() / "Bo/107.png");
  EXPECT_EQ(code_of([&] { align(); }), ErrorCode::not_found);
  EXPECT_NE(message_of([&] { align(); }).find("107.png"), std::string::npos);
}

TEST_F(AlignFaces, AFolderThatCannotBeMadeIsAnError) {
  write_file(folder_.path() / "file", "x");
  EXPECT_EQ(code_of([&] { align_in(folder_.path() / "file" / "cache"); }), ErrorCode::write_failed);
}

TEST_F(AlignFaces, SubsetsShareThePixelsAndCountTheirLabelsAnew) {
  const AlignedFaces faces = align();
  const Names names = {"Bo", "Nobody"};
  const AlignedFaces only = only_identities(faces, names);
  EXPECT_EQ(only.pixels.data_ptr(), faces.pixels.data_ptr());
  EXPECT_EQ(only.identities, Names{"Bo"});
  EXPECT_EQ(only.rows, (std::vector<std::int64_t>{5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(only.labels, (std::vector<std::int64_t>(6, 0)));
  EXPECT_EQ(only.pictures[0], "Bo/105.png");
  EXPECT_EQ(only.crop(0), faces.crop(5));

  const AlignedFaces rest = without_identities(faces, names);
  EXPECT_EQ(rest.identities, (Names{"Ann", "Cy"}));
  EXPECT_EQ(rest.labels, (std::vector<std::int64_t>{0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(rest.rows.back(), 11);
  EXPECT_EQ(only_identities(rest, rest.identities).rows, rest.rows);
  EXPECT_EQ(without_identities(rest, rest.identities).size(), 0);
}

TEST(AlignmentTemplates, AScaledTemplateShowsTheSameView) {
  const AlignmentTemplate half = scaled_template(arcface_template(), 56);
  EXPECT_EQ(half.size, 56);
  // The centre of the picture, between the pixels 55 and 56 before, 27 and 28 after.
  EXPECT_NEAR(half.points[2].x, (56.0252 + 0.5) / 2 - 0.5, 1e-4);
  EXPECT_EQ(scaled_template(arcface_template(), 112).points, arcface_template().points);
}

TEST(AlignmentTemplates, AMarginMovesThePointsAndKeepsTheirDistances) {
  const AlignmentTemplate wide = with_margin(arcface_template(), 12);
  EXPECT_EQ(wide.size, 136);
  EXPECT_FLOAT_EQ(wide.points[0].x, arcface_template().points[0].x + 12);
  EXPECT_FLOAT_EQ(wide.points[4].y, arcface_template().points[4].y + 12);
}

}  // namespace
}  // namespace likeness
