/// likeness watch: who is on the photos that arrive in a folder?

#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <likeness/core/files.h>

#include "support/encodings.h"
#include "support/face_photos.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class Watch : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    people_folder("people");
    fs::create_directory(file("door"));
    enrol("woman0");
  }
  void enrol(const std::string& person) const {
    const Outcome outcome = run_likeness({"enroll", person, file("people/" + person + "/1.jpg"),
                                          "--gallery", file("gallery"), "--no-encryption"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  Arguments command(const Arguments& more = {}) const {
    Arguments arguments = {"watch", file("door"), "--gallery", file("gallery")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(Watch, NamesWhatArrivesAndSeesTheGalleryChange) {
  RunningProgram program(command());
  wait_until([&] { return has(program.out_so_far(), "waiting for photos"); });
  const std::string photo = text_of(file("people/woman0/2.jpg"));
  std::ofstream half(file("door/half.jpg"), std::ios::binary);
  half << photo.substr(0, photo.size() / 2) << std::flush;
  write_file(file("door/broken.jpg"), "no picture");
  wait_until([&] { return has(program.err_so_far(), "broken.jpg"); });
  EXPECT_FALSE(has(program.out_so_far() + program.err_so_far(), "half.jpg"));
  half << photo.substr(photo.size() / 2);
  half.close();
  wait_until([&] { return has(program.out_so_far(), "half.jpg: woman0 (distance"); });

  fs::copy_file(file("people/woman2/2.jpg"), file("door/before.jpg"));
  wait_until([&] { return has(program.out_so_far(), "before.jpg: unknown_person"); });
  enrol("woman2");
  fs::rename(file("people/woman2/2.jpg"), file("door/after.jpg"));
  wait_until([&] { return has(program.out_so_far(), "after.jpg: woman2 (distance"); });

  ::kill(program.id(), SIGINT);
  const Outcome outcome = program.wait();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(has(outcome.out, "3 photos, 3 faces, 1 of them nobody's; 1 files skipped"))
      << outcome.out;
}

TEST_F(Watch, OnceLooksAtWhatIsThere) {
  fs::copy_file(file("people/woman0/2.jpg"), file("door/a.jpg"));
  const Outcome outcome = run_likeness(command({"--once", "--json"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::size_t end = outcome.out.find('\n');
  const auto line = json_of(outcome.out.substr(0, end));
  EXPECT_EQ(line.at("faces").at(0).at("matches").at(0).at("subject"), "woman0");
  EXPECT_EQ(json_of(outcome.out.substr(end + 1)).at("summary").at("photos"), 1);
}

TEST_F(Watch, NeedsAFolder) {
  expect_json_error({"watch", file("nowhere"), "--gallery", file("gallery")}, "not_found",
                    "cannot be watched");
}

}  // namespace
}  // namespace likeness
