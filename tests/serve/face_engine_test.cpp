#include "serve/face_engine.h"

#include <filesystem>
#include <future>
#include <thread>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <likeness/gallery/face_crop.h>
#include <sys/resource.h>

#include "serve/face_service.h"
#include "serve/problem_of.h"
#include "support/drawn_picture.h"
#include "support/error_code.h"

namespace likeness::serve {
namespace {

using namespace std::chrono_literals;

class FaceEngineTest : public FaceService {
 protected:
  static PhotoAnswer look(FaceEngine& engine, const PhotoRequest& photo) {
    return engine.look({photo}, in_a_minute()).at(0);
  }
};

TEST_F(FaceEngineTest, SeesWhatTheBareNetworksSee) {
  const auto engine = this->engine();
  const FaceDetector detector(store_, c10::kCPU);
  const FaceEncoder encoder(store_, "duo", c10::kCPU);
  const std::string bytes = as_jpeg(side_by_side(kTwelveFaces, 4, 200, 250));
  const Image image =
      decode_image({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "photo");
  const std::vector<Face> faces = detector.detect(image);
  const PhotoAnswer answer =
      look(*engine, {.bytes = bytes, .name = "photo", .encode = WantedFaces::all, .quality = true});
  EXPECT_EQ(engine->model(), "duo");
  EXPECT_EQ(answer.width, 800);
  EXPECT_EQ(answer.height, 750);
  ASSERT_EQ(answer.faces.size(), faces.size());
  ASSERT_EQ(answer.encodings.size(), faces.size());
  ASSERT_EQ(answer.quality.size(), faces.size());
  EXPECT_TRUE(answer.crops.empty());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    EXPECT_GT(intersection_over_union(answer.faces[i].box, faces[i].box), 0.99);
    EXPECT_EQ(answer.encoded[i], i);
    EXPECT_EQ(answer.encodings[i].size(), static_cast<std::size_t>(engine->dimensions()));
    EXPECT_LT(squared_distance(answer.encodings[i], encoder.encode(image, faces[i])), 1e-3);
    EXPECT_GT(answer.quality[i].score, 0);
  }
}

TEST_F(FaceEngineTest, DoesWhatIsWantedOfAPhoto) {
  const auto engine = this->engine();
  const std::string group = as_jpeg(side_by_side(kTwelveFaces, 4, 200, 250));
  const PhotoAnswer none = look(*engine, {.bytes = group, .name = "photo"});
  EXPECT_EQ(none.faces.size(), kTwelveFaces.size());
  EXPECT_TRUE(none.encodings.empty() && none.quality.empty() && none.crops.empty());
  const PhotoAnswer main =
      look(*engine, {.bytes = group, .name = "photo", .encode = WantedFaces::main, .crops = true});
  ASSERT_EQ(main.encodings.size(), 1U);
  ASSERT_EQ(main.crops.size(), 1U);
  EXPECT_EQ(main.encoded.at(0), main_face(main.faces, main.width, main.height));
  EXPECT_FALSE(face_crop_from_bytes(main.crops[0]).picture.empty());
  EXPECT_TRUE(look(*engine, {.bytes = group, .name = "photo", .min_score = 1}).faces.empty());
  EXPECT_TRUE(engine->look({}, in_a_minute()).empty());
}

TEST_F(FaceEngineTest, NobodyInThePictureIsAnErrorOnlyWhereAFaceIsNeeded) {
  const auto engine = this->engine();
  const std::string scene = empty_scene();
  EXPECT_TRUE(
      look(*engine, {.bytes = scene, .name = "b", .encode = WantedFaces::all}).encodings.empty());
  const auto need = [&] {
    look(*engine, {.bytes = scene, .name = "b", .encode = WantedFaces::main});
  };
  EXPECT_EQ(code_of(need), ErrorCode::no_face);
  EXPECT_EQ(message_of(need).substr(0, 3), "b: ");
}

TEST_F(FaceEngineTest, BadPhotosAreNamed) {
  const auto engine = this->engine({.workers = 1, .limits = {.max_pixels = 300'000}});
  const std::string photo = as_jpeg(kAnnaOnce);
  const auto refusal = [&](const std::string& bytes) {
    return code_of([&] { look(*engine, {.bytes = bytes, .name = "photo"}); });
  };
  EXPECT_EQ(refusal("no picture"), ErrorCode::unsupported_format);
  EXPECT_EQ(refusal(photo.substr(0, photo.size() / 2)), ErrorCode::corrupt_file);
  EXPECT_EQ(refusal(""), ErrorCode::corrupt_file);
  EXPECT_EQ(refusal(as_jpeg(Image(600, 600))), ErrorCode::too_large);
  EXPECT_EQ(look(*engine, {.bytes = photo, .name = "photo"}).faces.size(), 1U);
}

TEST_F(FaceEngineTest, ManyClientsGetEachTheirOwn) {
  const auto engine = this->engine();
  const FaceEncoder encoder(store_, "duo", c10::kCPU);
  const std::vector<std::string> photos = {as_jpeg(kAnnaOnce), as_jpeg(kCarlaOnce), as_jpeg(kBerta),
                                           "no picture", empty_scene()};
  const auto ask = [&](std::size_t which) {
    return look(*engine, {.bytes = photos[which], .name = "photo", .encode = WantedFaces::main});
  };
  std::vector<Encoding> expected;
  for (std::size_t i = 0; i < 3; ++i) expected.push_back(ask(i).encodings.at(0));
  std::vector<std::thread> clients;
  for (std::size_t client = 0; client < 8; ++client)
    clients.emplace_back([&, client] {
      for (std::size_t turn = 0; turn < 5; ++turn) {
        const std::size_t which = (client + turn) % photos.size();
        if (which < 3)
          EXPECT_LT(squared_distance(ask(which).encodings.at(0), expected[which]), 1e-6);
        else
          EXPECT_EQ(code_of([&] { ask(which); }),
                    which == 3 ? ErrorCode::unsupported_format : ErrorCode::no_face);
      }
    });
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(engine->waiting(), 0U);
}

/// A picture that keeps a worker busy for long.
std::string large_picture() {
  return as_jpeg(drawn_picture(4000, 3000));
}

TEST_F(FaceEngineTest, ALongRequestIsGivenUpAtItsDeadlineAndTheNextOneIsServed) {
  const auto engine = this->engine({.workers = 1});
  const std::string large = large_picture();
  const std::string photo = as_jpeg(kAnnaOnce);
  const PhotoRequest slow = {.bytes = large, .name = "photo"};
  const auto late = [&](FaceEngine::Clock::duration patience) {
    return problem_of([&] { engine->look({slow, slow}, FaceEngine::Clock::now() + patience); });
  };
  EXPECT_EQ(late(1ms).code(), "timeout");
  EXPECT_EQ(late(-1s).code(), "timeout");
  EXPECT_EQ(late(-1s).status(), 503);
  EXPECT_EQ(look(*engine, {.bytes = photo, .name = "photo"}).faces.size(), 1U);
}

TEST_F(FaceEngineTest, AFullQueueIsBusyAndStoppingEndsWhatWaits) {
  auto engine = this->engine({.workers = 1, .queue = 1});
  const std::string large = large_picture();
  const std::string photo = as_jpeg(kAnnaOnce);
  const auto later = [&](const std::string& bytes) {
    return std::async(std::launch::async, [&, &engine = *engine] {
      return look(engine, {.bytes = bytes, .name = "photo"});
    });
  };
  auto worked_on = later(large);
  while (engine->working() == 0) std::this_thread::yield();
  auto waiting = later(photo);
  while (engine->waiting() == 0) std::this_thread::yield();
  EXPECT_EQ(problem_of([&] { look(*engine, {.bytes = photo, .name = "photo"}); }).code(), "busy");
  engine.reset();
  EXPECT_EQ(worked_on.get().width, 4000);
  EXPECT_EQ(problem_of([&] { waiting.get(); }).code(), "stopping");
}

TEST_F(FaceEngineTest, WorkersGiveWayAndLeaveTheCallersThreadsAlone) {
  at::set_num_threads(2);
  const int own = ::getpriority(PRIO_PROCESS, 0);
  if (own >= 15) GTEST_SKIP() << "the tests run at the lowest priority already";
  const auto engine = this->engine({.workers = 3});
  EXPECT_EQ(at::get_num_threads(), 2);
  int nicer = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task"))
    nicer += ::getpriority(PRIO_PROCESS, static_cast<id_t>(std::stoul(task.path().filename()))) ==
                     own + 5
                 ? 1
                 : 0;
  EXPECT_GE(nicer, 3);  // and what is left of earlier tests
}

}  // namespace
}  // namespace likeness::serve
