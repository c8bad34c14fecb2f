/// What serve_bench measures of speed: verify under load, and overload.

#include "serve_measures.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <ATen/Parallel.h>
#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>

#include "machine_watch.h"
#include "served_program.h"

namespace likeness::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

std::string at_640(const std::filesystem::path& path) {
  const Image photo = read_image(path);
  const double scale = 640.0 / std::max(photo.width(), photo.height());
  const Bytes bytes = encode_image(resize(photo, static_cast<int>(photo.width() * scale),
                                          static_cast<int>(photo.height() * scale)),
                                   ImageFormat::jpeg, 90);
  return {bytes.begin(), bytes.end()};
}

namespace {

/// Work that was done, and the time that it took.
struct Rate {
  double done = 0;
  double seconds = 0;

  double a_second() const { return done / seconds; }
  void operator+=(const Rate& more) {
    done += more.done;
    seconds += more.seconds;
  }
};

/// The library alone, comparing on one thread a core.
class BareLibrary {
 public:
  Rate compare(const Scene& scene, double seconds) const {
    std::atomic<std::size_t> done = 0;
    const Clock::time_point start = Clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < core_count(); ++i)
      threads.emplace_back([&] {
        at::set_num_threads(1);
        for (; seconds_since(start) < seconds; ++done) compare_once(scene);
      });
    for (std::thread& thread : threads) thread.join();
    return {.done = static_cast<double>(done), .seconds = seconds_since(start)};
  }

 private:
  void compare_once(const Scene& scene) const {
    std::vector<AlignedFace> faces;
    for (const std::string* photo : {&scene.a, &scene.b}) {
      const Image image = decode_image(
          std::span(reinterpret_cast<const std::uint8_t*>(photo->data()), photo->size()), "photo");
      const auto found = detector_.detect(image);
      faces.push_back(
          encoder_.align(image, found[main_face(found, image.width(), image.height())]));
    }
    const auto encodings = encoder_.encode(faces);
    if (squared_distance(encodings[0], encodings[1]) > 4) std::abort();  // never
  }

  ModelStore store_;
  FaceDetector detector_{store_, c10::kCPU};
  FaceEncoder encoder_{store_, "duo", c10::kCPU};
};

/// The service's throughput as a share of the library's. They work in turns, and swap who begins:
/// what slows the machine for a while slows both.
double share_of_library(const Scene& scene, const ServedProgram& service, int clients,
                        double seconds) {
  constexpr int kRounds = 6;
  const double turn = seconds / kRounds;
  const BareLibrary library;
  Rate ours;
  Rate bare;
  for (int half = 0; half < 2 * kRounds; ++half) {
    if (half % 4 == 0 || half % 4 == 3) {
      bare += library.compare(scene, turn);
      continue;
    }
    const Clock::time_point start = Clock::now();
    const auto answers = ask_for(turn, service.port(), clients, scene.verify());
    ours += {.done = static_cast<double>(served(answers)), .seconds = seconds_since(start)};
  }
  std::cout << "in turns, " << kRounds << " times " << number(turn, 1)
            << " s each: " << number(ours.a_second(), 2) << " comparisons a second, bare library "
            << number(bare.a_second(), 2) << "\n";
  return ours.a_second() / bare.a_second();
}

}  // namespace

void measure_verify(const std::filesystem::path& program, const Scene& scene, int clients,
                    double seconds, std::vector<Bar>& bars) {
  const ServedProgram service(program, scene.arguments());
  ask_for(15, service.port(), clients, scene.verify());  // every heap has held its most
  double slowest = 0;
  double growth = 0;
  std::size_t failed = 0;
  until_undisturbed([&] {
    const double single = percentile_ms(ask_for(5, service.port(), 1, scene.verify()), 0.5);
    MemoryWatch watch(service);
    const auto answers = ask_for(seconds, service.port(), clients, scene.verify());
    const std::vector<double> memory = watch.fifths();
    slowest = percentile_ms(answers, 0.99) / single;
    growth = growth_percent(memory);
    failed += answers.size() - served(answers);
    std::cout << "verify, two photos of 640 px, " << clients << " clients, " << seconds
              << " s: " << to_text(answers) << "; one client alone " << number(single, 0)
              << " ms; median " << number(percentile_ms(answers, 0.5), 0) << ", p99 "
              << number(percentile_ms(answers, 0.99), 0) << " ms; " << memory_text(memory) << "\n";
  });
  bars.push_back({.what = "verify, share of the library's throughput",
                  .measured = share_of_library(scene, service, clients, seconds),
                  .limit = 0.85,
                  .at_most = false});
  bars.push_back({.what = "p99 over the time of one alone", .measured = slowest, .limit = 8});
  bars.push_back(
      {.what = "requests that failed", .measured = static_cast<double>(failed), .limit = 0});
  bars.push_back({.what = "memory growth", .measured = growth, .limit = 2, .unit = " %"});
}

namespace {

/// The slowest answer of /health while `running`, asked ten times a second.
double slowest_health(int port, const std::atomic<bool>& running, std::size_t& failed) {
  double slowest = 0;
  while (running) {
    httplib::Client client("127.0.0.1", port);
    const Clock::time_point start = Clock::now();
    const auto answer = client.Get("/health");
    slowest = std::max(slowest, seconds_since(start) * 1e3);
    if (!answer || answer->status != 200) ++failed;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return slowest;
}

}  // namespace

void measure_overload(const std::filesystem::path& program, const Scene& scene, int clients,
                      double seconds, std::vector<Bar>& bars) {
  const ServedProgram service(program, scene.arguments());
  ask_for(3, service.port(), clients, scene.verify());
  const double rate =
      static_cast<double>(served(ask_for(5, service.port(), clients, scene.verify()))) / 5;
  std::size_t failed = 0;
  double slowest = 0;
  double recovery = 0;
  until_undisturbed([&] {
    std::atomic<bool> running = true;
    std::thread health([&] { slowest = slowest_health(service.port(), running, failed); });
    // So many clients that those who are being served do not slow the others down.
    const auto answers = ask_for(seconds, service.port(), clients * 25, scene.verify(), rate * 10);
    running = false;
    health.join();
    const Clock::time_point start = Clock::now();
    httplib::Client client("127.0.0.1", service.port());
    const auto after = client.Post("/v1/faces/verify", scene.pair());
    recovery = after && after->status == 200 ? seconds_since(start) : 60;
    for (const auto& [status, count] : by_status(answers))
      if (status != 200 && status != 429 && status != 503) failed += count;
    std::cout << "overload, " << number(rate * 10, 0) << " requests a second where "
              << number(rate, 1) << " can be served, " << seconds << " s: " << to_text(answers)
              << "; slowest health " << number(slowest, 1) << " ms; the next request "
              << number(recovery, 2) << " s\n";
  });
  bars.push_back({.what = "overload: answers but 200, 429, 503",
                  .measured = static_cast<double>(failed),
                  .limit = 0});
  bars.push_back(
      {.what = "overload: slowest health", .measured = slowest, .limit = 100, .unit = " ms"});
  bars.push_back({.what = "overload: recovery", .measured = recovery, .limit = 2, .unit = " s"});
}

}  // namespace likeness::bench
