/// The client of CompreFace (npm: @exadel/compreface-js-sdk), as it is published, against
/// `likeness serve`; what it does is in tests/serve/compreface/run.mjs.

#include <array>
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>
#include <likeness/image/codec.h>

#include "support/face_photos.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

struct Ended {
  int status = -1;
  std::string output;
};

Ended run_shell(const std::string& command) {
  Ended ended;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ended;
  std::array<char, 4096> piece{};
  for (std::size_t n = 0; (n = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
    ended.output.append(piece.data(), n);
  ended.status = ::pclose(pipe);
  return ended;
}

class CompreFaceClient : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    if (!fs::exists(client() / "node_modules/@exadel/compreface-js-sdk/package.json"))
      GTEST_SKIP() << "no client of CompreFace: the test fetch_compreface_client installs it (npm, "
                      "network)";
  }

  static fs::path client() { return LIKENESS_COMPREFACE_CLIENT_DIR; }
};

TEST_F(CompreFaceClient, WorksUnmodified) {
  portrait_file(kAnnaOnce, "anna1.jpg");
  portrait_file(kAnnaAgain, "anna2.jpg");
  portrait_file(kCarlaOnce, "carla1.jpg");
  portrait_file(kCarlaAgain, "carla2.jpg");
  group_file("group.jpg");
  write_image(file("empty.png"), Image(320, 240));
  const Ended ended = run_shell("cd '" + folder().string() + "' && node '" +
                                (client() / "run.mjs").string() + "' " LIKENESS_PROGRAM);
  EXPECT_EQ(ended.status, 0) << ended.output;
  EXPECT_NE(ended.output.find("all of it"), std::string::npos) << ended.output;
}

}  // namespace
}  // namespace likeness
