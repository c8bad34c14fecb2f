#include "serve/metrics.h"

#include <cstdlib>
#include <ctime>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <likeness/core/version.h>

#include "serve/process_use.h"

namespace likeness::serve {
namespace {

using namespace std::chrono_literals;

/// The samples of a text: `name{label="value"}` → value. A test failure for a line that is none, or
/// whose family has not been declared.
std::map<std::string, double> parse(const std::string& text) {
  std::map<std::string, double> samples;
  std::map<std::string, std::string> types;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    if (line.starts_with("#")) {
      std::string hash, keyword, name, type;
      words >> hash >> keyword >> name >> type;
      if (keyword == "TYPE") {
        EXPECT_TRUE(types.emplace(name, type).second) << name << " is declared twice";
      }
      continue;
    }
    const std::size_t space = line.rfind(' ');
    EXPECT_NE(space, std::string::npos) << line;
    std::string family = line.substr(0, line.find_first_of("{ "));
    for (const char* ending : {"_bucket", "_sum", "_count"})
      if (family.ends_with(ending) && !types.contains(family))
        family.resize(family.size() - std::string(ending).size());
    EXPECT_TRUE(types.contains(family)) << line;
    char* end = nullptr;
    const double value = std::strtod(line.c_str() + space + 1, &end);
    EXPECT_EQ(*end, '\0') << line;
    EXPECT_TRUE(samples.emplace(line.substr(0, space), value).second) << line << " is there twice";
  }
  return samples;
}

/// The sum of the samples whose text holds all of `parts`.
double sum_of(const std::map<std::string, double>& samples, const std::vector<std::string>& parts) {
  double sum = 0;
  for (const auto& [name, value] : samples) {
    bool all = true;
    for (const std::string& part : parts) all = all && name.find(part) != std::string::npos;
    if (all) sum += value;
  }
  return sum;
}

const Route kPeople{.method = "GET", .pattern = "/v1/people/{name}", .handler = {}};
const Route kScriptRoute{
    .method = "GET", .pattern = "/assets/main-5f3a.js", .handler = {}, .page = true};

TEST(Metrics, CountsRequestsByRouteMethodAndStatus) {
  Metrics metrics({});
  const auto start = Metrics::Clock::time_point(100s);
  for (int i = 0; i < 3; ++i) {
    metrics.started();
    metrics.finished(&kPeople, "GET", 200, start, start + 20ms);
  }
  metrics.started();
  metrics.finished(&kPeople, "GET", 404, start, start + 3s);
  metrics.started();
  metrics.finished(nullptr, "BREW /teapot", 404, start, start + 1ms);
  metrics.started();
  metrics.finished(&kScriptRoute, "GET", 200, start, start + 1ms);
  const auto samples = parse(metrics.text());
  const std::string total = "likeness_http_requests_total{";
  const std::string people = "route=\"/v1/people/{name}\"";
  EXPECT_EQ(sum_of(samples, {total, people, "method=\"GET\"", "status=\"200\""}), 3);
  EXPECT_EQ(sum_of(samples, {total, people, "status=\"404\""}), 1);
  EXPECT_EQ(sum_of(samples, {total, "route=\"none\"", "method=\"other\""}), 1);
  EXPECT_EQ(sum_of(samples, {total, "route=\"page\""}), 1);
  EXPECT_EQ(sum_of(samples, {total}), 6);
  const std::string duration = "likeness_http_request_duration_seconds";
  EXPECT_EQ(sum_of(samples, {duration + "_count", people}), 4);
  EXPECT_NEAR(sum_of(samples, {duration + "_sum", people}), 3.06, 1e-9);
  EXPECT_EQ(sum_of(samples, {duration + "_bucket", people, "le=\"0.01\""}), 0);
  EXPECT_EQ(sum_of(samples, {duration + "_bucket", people, "le=\"0.025\""}), 3);
  EXPECT_EQ(sum_of(samples, {duration + "_bucket", people, "le=\"+Inf\""}), 4);
}

TEST(Metrics, ShowsWhatIsGoingOn) {
  Metrics metrics({});
  EXPECT_EQ(parse(metrics.text()).at("likeness_http_requests_in_flight"), 0);
  const auto first = metrics.started();
  metrics.started();
  EXPECT_EQ(parse(metrics.text()).at("likeness_http_requests_in_flight"), 2);
  metrics.finished(&kPeople, "GET", 200, first);
  EXPECT_EQ(parse(metrics.text()).at("likeness_http_requests_in_flight"), 1);
}

TEST(Metrics, AsksItsSourcesEachTime) {
  std::size_t waiting = 3;
  Metrics metrics(
      {.waiting = [&] { return waiting; },
       .working = [] { return std::size_t{2}; },
       .style_jobs =
           [&] {
             return std::map<std::string, std::size_t>{{"queued", waiting}, {"done", 7}};
           }});
  EXPECT_EQ(parse(metrics.text()).at("likeness_queue_waiting"), 3);
  waiting = 5;
  const auto samples = parse(metrics.text());
  EXPECT_EQ(samples.at("likeness_queue_waiting"), 5);
  EXPECT_EQ(samples.at("likeness_queue_working"), 2);
  EXPECT_EQ(samples.at("likeness_style_jobs{state=\"queued\"}"), 5);
  EXPECT_EQ(samples.at("likeness_style_jobs{state=\"done\"}"), 7);
  EXPECT_EQ(Metrics({}).text().find("likeness_queue"), std::string::npos);
}

TEST(Metrics, ReasonsAreThoseOfTheServiceAlone) {
  Metrics metrics({});
  metrics.rejected("busy");
  metrics.rejected("busy");
  metrics.rejected("rate_limited");
  metrics.rejected("made up by a client");
  const auto samples = parse(metrics.text());
  const std::string name = "likeness_http_requests_rejected_total";
  EXPECT_EQ(samples.at(name + "{reason=\"busy\"}"), 2);
  EXPECT_EQ(samples.at(name + "{reason=\"rate_limited\"}"), 1);
  EXPECT_EQ(samples.at(name + "{reason=\"other\"}"), 1);
}

TEST(Metrics, TellAboutTheProcess) {
  const Metrics metrics({});
  const auto samples = parse(metrics.text());
  EXPECT_EQ(samples.at("likeness_build_info{version=\"" + std::string(kVersion) + "\"}"), 1);
  EXPECT_GT(samples.at("process_resident_memory_bytes"), 1e6);
  EXPECT_GE(samples.at("process_cpu_seconds_total"), 0);
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_LE(samples.at("process_start_time_seconds"), now + 1);
  EXPECT_GT(samples.at("process_start_time_seconds"), now - 24 * 60 * 60);
}

TEST(ProcessUse, GrowsWithTheWork) {
  const double before = cpu_seconds();
  double sum = 0;
  while (cpu_seconds() < before + 0.02)
    for (int i = 1; i < 10'000; ++i) sum += 1.0 / i;
  EXPECT_GT(sum, 0);
  const std::int64_t little = resident_bytes();
  const std::string much(std::size_t{64} << 20, 'x');
  EXPECT_GT(resident_bytes(), little + (std::int64_t{60} << 20)) << much.size();
}

TEST(Metrics, HaveARouteForThoseWhoMayRead) {
  const Metrics metrics({});
  Router router;
  add_metrics_route(router, metrics);
  const Router::Found found = router.find("GET", "/metrics");
  EXPECT_FALSE(found.route->open);
  EXPECT_TRUE(found.route->light);
  EXPECT_EQ(found.route->role, Role::read);
  const HttpResponse response = found.route->handler({.method = "GET", .path = "/metrics"});
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.content_type.starts_with("text/plain; version=0.0.4"));
  EXPECT_FALSE(parse(response.body).empty());
}

}  // namespace
}  // namespace likeness::serve
