#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/sample_pictures.h"
#include "support/error_code.h"
#include "support/ordinary_user.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

constexpr std::array kFormats = {ImageFormat::png, ImageFormat::jpeg, ImageFormat::webp,
                                 ImageFormat::bmp, ImageFormat::tiff};

TEST(EncodeImage, IsExactInLosslessFormats) {
  const Image image = noise(37, 21, 3);
  for (const ImageFormat format : {ImageFormat::png, ImageFormat::bmp, ImageFormat::tiff})
    EXPECT_EQ(decode_image(encode_image(image, format), "picture"), image);
}

TEST(EncodeImage, KeepsColoursInTheOthers) {
  const Image image = color_squares();
  // JPEG keeps colour at full size from quality 90 on, so not even borders mix.
  EXPECT_LE(largest_difference(decode_image(encode_image(image, ImageFormat::jpeg), "a"), image),
            6);
  for (const ImageFormat format : {ImageFormat::jpeg, ImageFormat::webp})
    EXPECT_LE(difference_within_squares(decode_image(encode_image(image, format, 80), "a"), image),
              20);
}

TEST(EncodeImage, HoldsPicturesOfOnePixelAndOfOneRow) {
  for (const Image& image : {noise(1, 1, 3), noise(1, 1, 4), noise(1000, 1, 3)})
    for (const ImageFormat format : kFormats) {
      const Image decoded = decode_image(encode_image(image, format), "picture");
      EXPECT_EQ(decoded.width(), image.width());
      EXPECT_EQ(decoded.height(), 1);
    }
}

TEST(EncodeImage, KeepsAlphaOrFlattensItOverWhite) {
  const Image image = with_alpha(color_squares());
  EXPECT_EQ(decode_image(encode_image(image, ImageFormat::png), "picture"), image);
  EXPECT_EQ(decode_image(encode_image(image, ImageFormat::tiff), "picture"), image);
  EXPECT_EQ(decode_image(encode_image(image, ImageFormat::bmp), "picture"), without_alpha(image));
  EXPECT_EQ(decode_image(encode_image(image, ImageFormat::jpeg), "picture").channels(), 3);
  EXPECT_EQ(decode_image(encode_image(image, ImageFormat::webp), "picture").channels(), 4);
}

TEST(EncodeImage, SpendsBytesByQuality) {
  const Image image = noise(64, 64, 3);
  for (const ImageFormat format : {ImageFormat::jpeg, ImageFormat::webp})
    EXPECT_LT(encode_image(image, format, 20).size(), encode_image(image, format, 90).size());
  EXPECT_THROW(encode_image(image, ImageFormat::jpeg, 0), std::logic_error);
  EXPECT_THROW(encode_image(image, ImageFormat::jpeg, 101), std::logic_error);
  EXPECT_THROW(encode_image(Image(), ImageFormat::png), std::logic_error);
}

TEST(EncodeImage, SaysWhenAFormatCannotHoldTheSize) {
  const auto call = [] { encode_image(Image(16'384, 1), ImageFormat::webp); };
  EXPECT_EQ(code_of(call), ErrorCode::too_large);
  EXPECT_NE(message_of(call).find("16383"), std::string::npos);
}

TEST(FormatFromPath, GoesByTheEnding) {
  EXPECT_EQ(format_from_path("a.PNG"), ImageFormat::png);
  EXPECT_EQ(format_from_path("a.b/c.jpeg"), ImageFormat::jpeg);
  EXPECT_EQ(format_from_path("a.JpG"), ImageFormat::jpeg);
  EXPECT_EQ(format_from_path("a.webp"), ImageFormat::webp);
  EXPECT_EQ(format_from_path("a.bmp"), ImageFormat::bmp);
  EXPECT_EQ(format_from_path("a.tif"), ImageFormat::tiff);
  EXPECT_EQ(format_from_path("a.tiff"), ImageFormat::tiff);
  for (const char* path : {"a", "a.gif", "a.png/", "png", ".png", ""}) {
    EXPECT_FALSE(has_image_ending(path)) << path;
    EXPECT_EQ(code_of([&] { format_from_path(path); }), ErrorCode::invalid_argument) << path;
  }
}

TEST(WriteImage, MakesAFileThatReadImageReads) {
  const TemporaryFolder folder;
  const Image image = noise(11, 7, 3);
  for (const char* name :
       {"plain.png", "with space.png", "Zoë und 李雷.png", "-.png", "a.b.TIFF"}) {
    const auto path = folder.path() / name;
    write_image(path, image);
    EXPECT_EQ(read_image(path), image) << name;
  }
}

TEST(WriteImage, SaysWhyItCannotWrite) {
  const TemporaryFolder folder;
  const Image image(2, 2);
  EXPECT_EQ(code_of([&] { write_image(folder.path() / "none" / "a.png", image); }),
            ErrorCode::write_failed);
  EXPECT_EQ(code_of([&] { write_image(folder.path() / "a.xyz", image); }),
            ErrorCode::invalid_argument);
  // A disk that is always full, under a name with an ending.
  const auto full = folder.path() / "full.png";
  std::filesystem::create_symlink("/dev/full", full);
  EXPECT_EQ(code_of([&] { write_image(full, image); }), ErrorCode::write_failed);
}

TEST(ReadImage, SaysWhatIsWrongWithThePath) {
  const TemporaryFolder folder;
  EXPECT_EQ(code_of([&] { read_image(folder.path() / "none.png"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { read_image(folder.path()); }), ErrorCode::unreadable);
  const auto empty = folder.path() / "empty.jpg";
  std::ofstream(empty).close();
  EXPECT_EQ(code_of([&] { read_image(empty); }), ErrorCode::corrupt_file);
  EXPECT_EQ(message_of([&] { read_image(empty); }), empty.string() + ": the file is empty");
}

TEST(ReadImage, NamesAFileThatMayNotBeRead) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "secret.png";
  write_image(path, Image(2, 2));
  std::filesystem::permissions(path, std::filesystem::perms::none);
  const OrdinaryUser user(folder.path());
  EXPECT_EQ(code_of([&] { read_image(path); }), ErrorCode::unreadable);
}

TEST(ReadImage, GoesByTheContentAndNotByTheName) {
  const TemporaryFolder folder;
  const Image image = noise(5, 5, 3);
  const auto path = folder.path() / "in truth a PNG.jpg";
  write_file(path, encode_image(image, ImageFormat::png));
  EXPECT_EQ(read_image(path), image);
}

TEST(ReadImage, ReadsStandardInput) {
  const TemporaryFolder folder;
  const Image image = noise(5, 5, 3);
  const auto path = folder.path() / "input";
  write_file(path, encode_image(image, ImageFormat::png));
  const int saved = ::dup(STDIN_FILENO);
  const int file = ::open(path.c_str(), O_RDONLY);
  ::dup2(file, STDIN_FILENO);
  const Image result = read_image("-");
  const std::string message = message_of([] { read_image("-"); });  // nothing is left
  ::dup2(saved, STDIN_FILENO);
  ::close(file);
  ::close(saved);
  EXPECT_EQ(result, image);
  EXPECT_EQ(message, "standard input: the file is empty");
}

TEST(DecodeImage, HoldsItsLimits) {
  const Bytes bytes = encode_image(Image(40, 30), ImageFormat::png);
  const auto code = [&](const DecodeLimits& limits) {
    return code_of([&] { decode_image(bytes, "a.png", limits); });
  };
  EXPECT_EQ(code({.max_bytes = bytes.size() - 1}), ErrorCode::too_large);
  EXPECT_EQ(code({.max_pixels = 1199}), ErrorCode::too_large);
  EXPECT_EQ(code({.max_dimension = 39}), ErrorCode::too_large);
  EXPECT_EQ(decode_image(bytes, "a.png",
                         {.max_bytes = bytes.size(), .max_pixels = 1200, .max_dimension = 40}),
            Image(40, 30));
  const TemporaryFolder folder;
  write_file(folder.path() / "a.png", bytes);
  EXPECT_EQ(code_of([&] { read_image(folder.path() / "a.png", {.max_bytes = 10}); }),
            ErrorCode::too_large);
}

TEST(DecodeImage, IsSafeInManyThreads) {
  std::vector<Bytes> files;
  std::vector<Image> expected;
  for (const ImageFormat format : kFormats) {
    files.push_back(encode_image(color_squares(), format));
    expected.push_back(decode_image(files.back(), "picture"));
  }
  std::vector<int> failures(8);
  {
    std::vector<std::jthread> threads;
    for (int& count : failures)
      threads.emplace_back([&files, &expected, &count] {
        for (std::size_t i = 0; i < 100; ++i)
          if (decode_image(files[i % files.size()], "picture") != expected[i % files.size()])
            ++count;
      });
  }
  for (const int count : failures) EXPECT_EQ(count, 0);
}

}  // namespace
}  // namespace likeness
