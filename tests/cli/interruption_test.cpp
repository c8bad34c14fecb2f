/// Batches that do not come to their end: Ctrl-C, a full disk, a reader that leaves.

#include <csignal>
#include <filesystem>
#include <functional>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/encodings.h"
#include "support/face_photos.h"
#include "support/tiny_disk.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class Interruption : public RealFaces {
 protected:
  /// Photos 001.bmp … in a folder "album", hard links to one. Number `pipe` is a pipe instead, at
  /// which the program waits.
  void make_album(int count, int pipe) {
    const std::string photo = portrait_file(kAnnaOnce, "photo.bmp");
    fs::create_directory(file("album"));
    for (int i = 1; i <= count; ++i) {
      const std::string name = file("album/" + std::to_string(1000 + i).substr(1) + ".bmp");
      if (i == pipe)
        ASSERT_EQ(::mkfifo((pipe_ = name).c_str(), 0600), 0);
      else
        fs::create_hard_link(photo, name);
    }
  }

  /// Waits for `begun`, sends the signal, and lets the program have the photo at which it waits.
  Outcome interrupt(RunningProgram& program, int signal, const std::function<bool()>& begun) const {
    wait_until(begun);
    ::kill(program.id(), signal);
    int pipe = -1;
    wait_until([&] { return (pipe = ::open(pipe_.c_str(), O_WRONLY | O_NONBLOCK)) >= 0; });
    ::fcntl(pipe, F_SETFL, 0);
    const Bytes photo = read_file(file("photo.bmp"), 1 << 20);
    for (std::size_t written = 0; written < photo.size();) {
      const ssize_t count = ::write(pipe, photo.data() + written, photo.size() - written);
      if (count <= 0) break;
      written += static_cast<std::size_t>(count);
    }
    ::close(pipe);
    return program.wait();
  }

 private:
  std::string pipe_;
};

class FullDisk : public RealFaces {
 protected:
  /// `count` photos of one face.
  std::vector<std::string> photos(int count) const {
    return std::vector<std::string>(count, portrait_file(kAnnaOnce, "photo.bmp"));
  }
  Outcome embed(int count, const std::string& output) const {
    std::vector<std::string> arguments = {"embed", "-o", output, "--model", "mobilefacenet", "-q"};
    for (const std::string& photo : photos(count)) arguments.push_back(photo);
    return run_likeness(arguments);
  }
};

TEST_F(Interruption, CtrlCKeepsTheEncodingsThatWereFinished) {
  // Eight photos are encoded at a time; the pipe is among the second eight.
  make_album(200, 9);
  for (const char* output : {"faces.npy", "faces.jsonl"}) {
    RunningProgram program(
        {"embed", file("album"), "-o", file(output), "--model", "mobilefacenet", "--threads", "2"});
    const Outcome outcome =
        interrupt(program, SIGINT, [&] { return has(program.err_so_far(), "Encoding faces\n"); });
    EXPECT_EQ(outcome.exit_code, 130) << outcome.err;
    EXPECT_TRUE(has(outcome.err, "likeness: error: stopped after ")) << outcome.err;
    EXPECT_TRUE(has(outcome.err, " of 200 photos")) << outcome.err;
    const std::size_t kept = std::string_view(output).ends_with(".npy")
                                 ? read_npy(file(output)).rows()
                                 : json_lines(text_of(file(output))).size();
    EXPECT_TRUE(kept == 8 || kept == 16) << kept << " encodings";
    EXPECT_TRUE(has(outcome.out, std::to_string(kept) + " encodings of")) << outcome.out;
  }
  EXPECT_EQ(read_table(file("faces.npy.txt")).size(), read_npy(file("faces.npy")).rows());
}

TEST_F(Interruption, SigtermEndsAListOfFacesProperly) {
  make_album(200, 2);
  RunningProgram program({"detect", file("album"), "--json", "--threads", "2"});
  const Outcome outcome =
      interrupt(program, SIGTERM, [&] { return has(program.out_so_far(), "001.bmp"); });
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_EQ(json_of(outcome.err).at("error").at("code"), "cancelled") << outcome.err;
  const Json photos = json_of(outcome.out);
  EXPECT_TRUE(photos.size() == 1 || photos.size() == 2) << photos.size() << " photos";
}

TEST_F(Interruption, AReaderWhoLeavesEndsABatchQuietly) {
  const std::string anna = portrait_file(kAnnaOnce, "anna.png");
  for (const char* command : {"embed", "detect"}) {
    std::vector<std::string> arguments = {command, anna, anna, "--quiet"};
    if (std::string_view(command) == "embed") arguments.insert(arguments.end(), {"-o", "-"});
    const Outcome outcome = run_likeness(arguments, {.nobody_reads = true});
    EXPECT_EQ(outcome.exit_code, 141) << command;
    EXPECT_EQ(outcome.err, "") << command;
  }
}

TEST_F(FullDisk, IsAnErrorForEveryOutput) {
  for (const char* output : {"full.npy", "full.jsonl"}) {
    std::filesystem::create_symlink("/dev/full", file(output));
    const Outcome outcome = embed(1, file(output));
    EXPECT_EQ(outcome.exit_code, 2) << output;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(has(outcome.err, std::string(output) + ": No space left on device")) << outcome.err;
  }
  const Outcome printed = run_likeness({"embed", file("photo.bmp"), "-o", "-", "--json"},
                                       {.standard_output = "/dev/full"});
  EXPECT_EQ(printed.exit_code, 2);
  EXPECT_EQ(json_of(printed.err).at("error").at("code"), "write_failed") << printed.err;
}

TEST_F(FullDisk, KeepsTheOldFileAndNoHalfOfTheNewOne) {
  const TinyDisk disk;
  LIKENESS_SKIP_WHEN(disk.error());
  const std::string output = (disk.path() / "faces.jsonl").string();
  write_file(output, std::string_view("of last week"));
  const Outcome outcome = embed(40, output);  // 4 KB a face
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_TRUE(has(outcome.err, "faces.jsonl: No space left on device")) << outcome.err;
  EXPECT_EQ(text_of(output), "of last week");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(disk.path()), {}), 1)
      << "a temporary file is left";

  const Outcome drawn = run_likeness({"verify", file("photo.bmp"), file("photo.bmp"), "--explain",
                                      (disk.path() / "why.png").string()});
  EXPECT_EQ(drawn.exit_code, 2);
  EXPECT_TRUE(has(drawn.err, "why.png: No space left on device")) << drawn.err;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(disk.path()), {}), 1);
}

}  // namespace
}  // namespace likeness
