/// Paintings that are stopped or killed, and go on.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>

#include "style/short_painting.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Asks for a stop after some updates.
class Stopper : public Progress {
 public:
  Stopper(Cancellation& cancellation, std::int64_t after)
      : cancellation_(cancellation), after_(after) {}
  void update(std::int64_t done) override {
    if (done >= after_) cancellation_.request();
  }

 private:
  Cancellation& cancellation_;
  std::int64_t after_;
};

class PaintingStates : public testing::Test {
 protected:
  fs::path file(const char* name) const { return folder_.path() / name; }

  TemporaryFolder folder_;
};

TEST_F(PaintingStates, StoppedAndResumedItEndsWhereItWouldHaveEnded) {
  for (const PictureMethod method : {PictureMethod::lbfgs, PictureMethod::adam}) {
    StyliseOptions options = short_run();
    options.optimiser.method = method;
    options.iterations = 20;
    options.coarsest = 32;  // two sizes: 32 and 64
    options.views = 4;      // in the last step
    options.state = file("painting.state");
    const Image content = picture_of(64, 64, 1);
    const std::vector<StyleSource> styles = {{.picture = picture_of(64, 64, 2)}};
    const StyliseResult straight = paint(content, styles, options);
    EXPECT_FALSE(fs::exists(options.state));
    for (const std::int64_t after : {3, 15, 19}) {
      Cancellation cancellation;
      Stopper stopper(cancellation, after);
      const PerceptualNetwork network = tiny_network(true);
      const StyliseResult stopped =
          stylise(network, content, styles, options, stopper, &cancellation);
      EXPECT_TRUE(stopped.cancelled);
      EXPECT_EQ(stopped.iterations, after);
      EXPECT_EQ(stopped.picture.width(), 64);
      ASSERT_TRUE(fs::exists(options.state));
      StyliseOptions on = options;
      on.resume = true;
      const StyliseResult resumed = paint(content, styles, on);
      EXPECT_EQ(resumed.picture, straight.picture) << to_string(method) << " after " << after;
      EXPECT_EQ(resumed.iterations, 20);
      EXPECT_FALSE(fs::exists(options.state));
    }
  }
}

/// Copies a file after some updates: what a process leaves that is killed there.
class Copier : public Progress {
 public:
  Copier(fs::path from, fs::path to, std::int64_t after)
      : from_(std::move(from)), to_(std::move(to)), after_(after) {}
  void update(std::int64_t done) override {
    if (done == after_) fs::copy_file(from_, to_);
  }

 private:
  fs::path from_;
  fs::path to_;
  std::int64_t after_;
};

TEST_F(PaintingStates, KilledItGoesOnFromTheStateThatWasWrittenOnTheWay) {
  StyliseOptions options = short_run();
  options.iterations = 20;
  options.coarsest = 32;  // two sizes: 32 and 64
  options.state = file("painting.state");
  const Image content = picture_of(64, 64, 1);
  const std::vector<StyleSource> styles = {{.picture = picture_of(64, 64, 2)}};
  Copier none(options.state, file("none.state"), 12);
  EXPECT_THROW(stylise(tiny_network(true), content, styles, options, none, nullptr),
               fs::filesystem_error);  // nothing is written unless it is asked for
  options.state_every = 1e-9;
  for (const std::int64_t after : {1, 12}) {
    const fs::path left = file("left.state");
    Copier copier(options.state, left, after);
    const StyliseResult straight =
        stylise(tiny_network(true), content, styles, options, copier, nullptr);
    EXPECT_FALSE(fs::exists(options.state));
    ASSERT_TRUE(fs::exists(left));
    StyliseOptions on = options;
    on.state = left;
    on.resume = true;
    const StyliseResult resumed = paint(content, styles, on);
    EXPECT_EQ(resumed.picture, straight.picture) << after;
    EXPECT_EQ(resumed.iterations, 20);
    int painted = 0;
    for (const StyleLevel& level : resumed.levels) painted += level.iterations;
    EXPECT_LT(painted, 20);
    EXPECT_FALSE(fs::exists(left));
  }
}

TEST_F(PaintingStates, AStateOfAnotherPaintingIsRefused) {
  StyliseOptions options = short_run();
  options.state = file("painting.state");
  Cancellation cancellation;
  cancellation.request();
  Progress silent;
  const Image content = picture_of(32, 32, 1);
  const std::vector<StyleSource> styles = {{.picture = picture_of(32, 32, 2)}};
  const PerceptualNetwork network = tiny_network(true);
  stylise(network, content, styles, options, silent, &cancellation);
  options.resume = true;
  options.weights.style = 31;
  try {
    paint(content, styles, options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_NE(std::string(error.what()).find("weights was 1 30"), std::string::npos)
        << error.what();
  }
  write_file(options.state, "broken");
  EXPECT_THROW(paint(content, styles, options), Error);
  options.state = file("none.state");
  EXPECT_THROW(paint(content, styles, options), Error);
}

}  // namespace
}  // namespace likeness
