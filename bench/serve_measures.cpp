#include "serve_measures.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
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
#include <likeness/core/random.h>
#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <nlohmann/json.hpp>

#include "served_program.h"

namespace likeness::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

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

/// Comparisons a second of the library alone, on one thread a core.
double bare_throughput(const Scene& scene, double seconds) {
  const ModelStore store;
  const FaceDetector detector(store, c10::kCPU);
  const FaceEncoder encoder(store, "duo", c10::kCPU);
  const auto bytes_of = [](const std::string& text) {
    return std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  std::atomic<std::size_t> done = 0;
  const Clock::time_point start = Clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < core_count(); ++i)
    threads.emplace_back([&] {
      at::set_num_threads(1);
      while (seconds_since(start) < seconds) {
        std::vector<AlignedFace> faces;
        for (const std::string* photo : {&scene.a, &scene.b}) {
          const Image image = decode_image(bytes_of(*photo), "photo");
          const auto found = detector.detect(image);
          faces.push_back(
              encoder.align(image, found[main_face(found, image.width(), image.height())]));
        }
        const auto encodings = encoder.encode(faces);
        if (squared_distance(encodings[0], encodings[1]) > 4) std::abort();  // never
        ++done;
      }
    });
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(done) / seconds_since(start);
}

std::string shown(const std::vector<Answered>& answers) {
  std::string text;
  for (const auto& [status, count] : by_status(answers))
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " × " +
            (status == 0 ? "no answer" : std::to_string(status));
  return text;
}

std::string shown(const std::vector<double>& memory) {
  std::string text = "memory, median of each fifth of the time:";
  for (const double each : memory) text += " " + number(each, 1);
  return text + " MB, from the first on " + number(growth_percent(memory), 2) + " % more";
}

}  // namespace

void measure_verify(const std::filesystem::path& program, const Scene& scene, int clients,
                    double seconds, std::vector<Bar>& bars) {
  ServedProgram service(program, scene.arguments());
  ask_for(3, service.port(), clients, scene.verify());  // warms up
  const double before = bare_throughput(scene, seconds / 4);
  const auto alone = ask_for(5, service.port(), 1, scene.verify());
  MemoryWatch watch(service);
  const Clock::time_point start = Clock::now();
  const auto answers = ask_for(seconds, service.port(), clients, scene.verify());
  const double rate = static_cast<double>(served(answers)) / seconds_since(start);
  const std::vector<double> memory = watch.fifths();
  const double bare = (before + bare_throughput(scene, seconds / 4)) / 2;
  const double single = percentile_ms(alone, 0.5);
  std::cout << "verify, two photos of 640 px, " << clients << " clients, " << seconds
            << " s: " << shown(answers) << "; " << number(rate, 1) << " a second, bare library "
            << number(bare, 1) << "; one client alone " << number(single, 0) << " ms; median "
            << number(percentile_ms(answers, 0.5), 0) << ", p99 "
            << number(percentile_ms(answers, 0.99), 0) << " ms; " << shown(memory) << "\n";
  bars.push_back({.what = "verify, share of the library's throughput",
                  .measured = rate / bare,
                  .limit = 0.85,
                  .at_most = false});
  bars.push_back({.what = "p99 over the time of one alone",
                  .measured = percentile_ms(answers, 0.99) / single,
                  .limit = 8});
  bars.push_back({.what = "requests that failed",
                  .measured = static_cast<double>(answers.size() - served(answers)),
                  .limit = 0});
  bars.push_back(
      {.what = "memory growth", .measured = growth_percent(memory), .limit = 2, .unit = " %"});
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
  ServedProgram service(program, scene.arguments());
  ask_for(3, service.port(), clients, scene.verify());
  const double rate =
      static_cast<double>(served(ask_for(5, service.port(), clients, scene.verify()))) / 5;
  std::atomic<bool> running = true;
  std::size_t failed = 0;
  double slowest = 0;
  std::thread health([&] { slowest = slowest_health(service.port(), running, failed); });
  // So many clients that those who are being served do not slow the others down.
  const auto answers = ask_for(seconds, service.port(), clients * 25, scene.verify(), rate * 10);
  running = false;
  health.join();
  const Clock::time_point start = Clock::now();
  httplib::Client client("127.0.0.1", service.port());
  const auto after = client.Post("/v1/faces/verify", scene.pair());
  const double recovery = after && after->status == 200 ? seconds_since(start) : 60;
  std::size_t strange = 0;
  for (const auto& [status, count] : by_status(answers))
    if (status != 200 && status != 429 && status != 503) strange += count;
  std::cout << "overload, " << number(rate * 10, 0) << " requests a second where "
            << number(rate, 1) << " can be served, " << seconds << " s: " << shown(answers)
            << "; slowest health " << number(slowest, 1) << " ms; the next request "
            << number(recovery, 2) << " s\n";
  bars.push_back({.what = "overload: answers but 200, 429, 503",
                  .measured = static_cast<double>(strange + failed),
                  .limit = 0});
  bars.push_back(
      {.what = "overload: slowest health", .measured = slowest, .limit = 100, .unit = " ms"});
  bars.push_back({.what = "overload: recovery", .measured = recovery, .limit = 2, .unit = " s"});
}

namespace {

/// Mixed work: verify, identify, enrol and erase, paint.
httplib::Result mixed(const Scene& scene, int port, httplib::Client& client, std::size_t turn) {
  const std::string name = "person " + std::to_string(turn);
  switch (turn % 10) {
    case 0: {
      auto form = scene.photo();
      form.push_back({"name", name, "", ""});
      auto answer = client.Post("/v1/people", form);
      if (!answer || answer->status != 201) return answer;
      httplib::Client second("127.0.0.1", port);
      return second.Delete("/v1/people/person%20" + std::to_string(turn));
    }
    case 1:
    case 2:
    case 3:
      return client.Post("/v1/people/identify", scene.photo());
    case 4:
      return client.Post("/v1/style/preview",
                         httplib::MultipartFormDataItems{{"content", scene.a, "a.jpg", ""},
                                                         {"style", scene.b, "b.jpg", ""},
                                                         {"size", "128", "", ""}});
    default:
      return client.Post("/v1/faces/verify", scene.pair());
  }
}

}  // namespace

void measure_soak(const std::filesystem::path& program, const Scene& scene, int clients,
                  double seconds, std::vector<Bar>& bars) {
  ServedProgram service(program, scene.arguments());
  const auto ask = [&](httplib::Client& client, std::size_t turn) {
    return mixed(scene, service.port(), client, turn);
  };
  const auto job = httplib::MultipartFormDataItems{{"content", scene.a, "a.jpg", ""},
                                                   {"style", scene.b, "b.jpg", ""},
                                                   {"size", "128", "", ""},
                                                   {"iterations", "20", "", ""}};
  std::atomic<bool> running = true;
  std::size_t jobs = 0;
  std::thread painter([&] {
    while (running) {
      httplib::Client client("127.0.0.1", service.port());
      if (const auto answer = client.Post("/v1/style/jobs", job); answer && answer->status == 202)
        ++jobs;
      for (int i = 0; i < 50 && running; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  // Networks are loaded, and caches fill.
  std::vector<Answered> answers = ask_for(seconds / 5, service.port(), clients, ask);
  MemoryWatch watch(service);
  for (Answered& each : ask_for(seconds, service.port(), clients, ask))
    answers.push_back(std::move(each));
  const std::vector<double> memory = watch.fifths();
  running = false;
  painter.join();
  const std::size_t failed = static_cast<std::size_t>(std::count_if(
      answers.begin(), answers.end(), [](const Answered& each) { return each.status != 200; }));
  const int code = service.end(SIGTERM);
  std::cout << "mixed work, " << seconds
            << " s after a fifth of that to warm up: " << shown(answers) << ", " << jobs
            << " paintings ordered; " << shown(memory) << "; exit code " << code << "\n";
  bars.push_back({.what = "mixed work: failures",
                  .measured = static_cast<double>(failed + static_cast<std::size_t>(code)),
                  .limit = 0});
  bars.push_back({.what = "mixed work: memory growth",
                  .measured = growth_percent(memory),
                  .limit = 2,
                  .unit = " %"});
}

namespace {

/// Names of the people that the service knows.
std::size_t known_of(const std::vector<std::string>& names, int port) {
  std::size_t known = 0;
  for (const std::string& name : names) {
    httplib::Client client("127.0.0.1", port);
    const auto answer = client.Get("/v1/people/" + name);
    if (answer && answer->status == 200) ++known;
  }
  return known;
}

}  // namespace

void measure_kills(const std::filesystem::path& program, const Scene& scene, int kills,
                   std::vector<Bar>& bars) {
  Random random(1);
  std::vector<std::string> names;
  std::vector<std::string> jobs;
  for (int round = 0; round < kills; ++round) {
    ServedProgram service(program, scene.arguments());
    const auto moment = std::chrono::milliseconds(200 + random.below(1500));
    std::thread killer([&] {
      std::this_thread::sleep_for(moment);
      service.end(SIGKILL);
    });
    httplib::Client first("127.0.0.1", service.port());
    const auto order = first.Post("/v1/style/jobs",
                                  httplib::MultipartFormDataItems{{"content", scene.a, "a.jpg", ""},
                                                                  {"style", scene.b, "b.jpg", ""},
                                                                  {"size", "128", "", ""},
                                                                  {"iterations", "30", "", ""}});
    if (order && order->status == 202)
      jobs.push_back(Json::parse(order->body).at("id").get<std::string>());
    for (;;) {
      const std::string name = "p" + std::to_string(names.size()) + "r" + std::to_string(round);
      httplib::Client client("127.0.0.1", service.port());
      auto form = scene.photo();
      form.push_back({"name", name, "", ""});
      const auto answer = client.Post("/v1/people", form);
      if (!answer) break;
      if (answer->status == 201) names.push_back(name);
    }
    killer.join();
  }
  ServedProgram service(program, scene.arguments());
  const std::size_t known = known_of(names, service.port());
  httplib::Client client("127.0.0.1", service.port());
  std::size_t accounted = 0;
  for (const std::string& id : jobs) {
    const auto answer = client.Get("/v1/style/jobs/" + id);
    if (answer && answer->status == 200) ++accounted;
  }
  std::cout << kills << " kills: " << known << " of " << names.size() << " acknowledged people and "
            << accounted << " of " << jobs.size() << " ordered paintings are there\n";
  bars.push_back({.what = "kills: what was acknowledged and is lost",
                  .measured = static_cast<double>(names.size() - known + jobs.size() - accounted),
                  .limit = 0});
}

}  // namespace likeness::bench
