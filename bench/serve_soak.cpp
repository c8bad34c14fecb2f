/// What serve_bench measures over a long time and across ends of the service.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <likeness/core/random.h>
#include <nlohmann/json.hpp>

#include "serve_measures.h"
#include "served_program.h"

namespace likeness::bench {
namespace {

using Json = nlohmann::json;

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
            << " s after a fifth of that to warm up: " << to_text(answers) << ", " << jobs
            << " paintings ordered; " << memory_text(memory) << "; exit code " << code << "\n";
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
