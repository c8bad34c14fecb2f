/// gallery_search_bench: how long it takes to find a face among many. The scan is held against the
/// memory it reads, the graph against what the scan finds.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/core/random.h>
#include <likeness/gallery/vector_index.h>
#include <unistd.h>

#include "face_encodings.h"
#include "machine.h"
#include "report.h"
#include "stopwatch.h"
#include "support/temporary_folder.h"

namespace likeness::bench {
namespace {

constexpr const char* kAbout =
    R"(Measures the search among many encodings: the exact scan against a plain read of as many bytes, in
turns, and the graph against what the scan finds. The encodings are drawn so that distances spread
like those of faces; a probe is an encoding moved as far as two pictures of a person lie apart. With
--real, people are enrolled among them with their first photo, their other photos are probes too, and
the drawn ones spread as these people do.

Examples:
  gallery_search_bench                             100,000 encodings
  gallery_search_bench --entries 1000000 --threads 4
  likeness embed people/ --model mobilefacenet -o faces.npy     one folder per person
  gallery_search_bench --entries 1000000 --real faces.npy)";

constexpr const char* kExitCodes =
    R"(Exit codes: 0 measured (with --strict: and the bars are met), 1 a bar is missed, 2 error.)";

constexpr double kShare = 0.8;    // of the memory's bandwidth
constexpr double kGraphMs = 0.5;  // at a recall of
constexpr double kRecall = 0.99;
constexpr double kFaceBytes = 1300;
constexpr std::size_t kSeveral = 10;  // hits that `likeness identify` asks for

struct Options {
  int entries = 100'000;
  int threads = 2;
  int probes = 500;
  int links = IndexOptions{}.links;
  int build_breadth = IndexOptions{}.build_breadth;
  std::string real;
  std::string index;
  bool strict = false;
};

double now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

/// Of this process, that lie in memory.
double resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

VectorIndex build(const Encodings& encodings, std::size_t count, const IndexOptions& options,
                  int threads) {
  std::vector<std::int64_t> ids(count);
  std::iota(ids.begin(), ids.end(), 0);
  VectorIndex index(kDimensions, options);
  index.add(ids, encodings.first(count), threads);
  return index;
}

double file_bytes(const VectorIndex& index) {
  const TemporaryFolder folder;
  index.save(folder.path() / "index", Bytes(32, 1), "bench");
  return static_cast<double>(std::filesystem::file_size(folder.path() / "index"));
}

struct Probes {
  Encodings rows;
  std::vector<IndexHit> closest;  ///< what the scan finds
};

Probes with_closest(Encodings rows, const VectorIndex& exact) {
  Probes probes{std::move(rows), {}};
  for (std::size_t i = 0; i < probes.rows.size(); ++i)
    probes.closest.push_back(exact.nearest(std::as_const(probes.rows).row(i), 1)[0]);
  return probes;
}

Probes draw_probes(const Encodings& encodings, std::size_t entries, int count,
                   const VectorIndex& exact, const Spread& spread, bool strangers) {
  Artist artist(strangers ? 3 : 2, spread);
  Encodings rows(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (strangers)
      artist.draw(rows.row(i));
    else
      artist.draw_near(encodings.row(artist.below(entries)), rows.row(i));
  }
  return with_closest(std::move(rows), exact);
}

/// At most `count` of them, spread over all.
Encodings some_of(const Encodings& all, int count) {
  Encodings some;
  const std::size_t wanted = std::min(all.size(), static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < wanted; ++i) some.push_back(all.row(i * all.size() / wanted));
  return some;
}

struct Search {
  double recall = 0;
  double ms = 0;  ///< median
  double p95_ms = 0;
};

/// Asks for `count` hits and looks at the first.
Search search(const VectorIndex& index, const Probes& probes, std::size_t count, int breadth = 0) {
  std::size_t found = 0;
  std::vector<double> times;
  for (std::size_t i = 0; i < probes.rows.size(); ++i) {
    const double start = now_ms();
    const auto hits = index.nearest(probes.rows.row(i), count, breadth);
    times.push_back(now_ms() - start);
    found += hits[0].id == probes.closest[i].id ? 1 : 0;
  }
  const double recall = static_cast<double>(found) / static_cast<double>(times.size());
  std::ranges::sort(times);
  return {recall, median(times), times[times.size() * 95 / 100]};
}

void print_spread(const Encodings& encodings) {
  Random random(4);
  double sum = 0;
  double squares = 0;
  constexpr int kPairs = 20'000;
  for (int i = 0; i < kPairs; ++i) {
    const auto a = encodings.row(random.below(encodings.size()));
    const auto b = encodings.row(random.below(encodings.size()));
    const double distance = 2 - 2 * std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
    sum += distance / kPairs;
    squares += distance * distance / kPairs;
  }
  std::printf("squared distance of strangers: %.2f ± %.2f\n", sum, std::sqrt(squares - sum * sum));
}

/// Times of the scan, and of a plain read of the bytes that a scan of bfloat16 cannot do without.
std::vector<Timing> time_scan(const VectorIndex& exact, const Probes& probes) {
  const std::vector<std::uint64_t> memory(exact.size() * kDimensions / 4, 1);
  std::uint64_t sum = 0;
  std::size_t next = 0;
  const std::vector<Contestant> contestants = {
      {"read", [&] { sum += std::accumulate(memory.begin(), memory.end(), std::uint64_t{0}); }},
      {"scan",
       [&] { sum += exact.nearest(probes.rows.row(next++ % probes.rows.size()), 5).size(); }}};
  auto timings = race(contestants, exact.size() > 200'000 ? 15 : 101);
  if (sum == 0) std::puts("nothing was read");
  return timings;
}

std::vector<Bar> measure_exact(const VectorIndex& exact, const Probes& probes, double memory) {
  const auto timings = time_scan(exact, probes);
  const auto count = static_cast<double>(exact.size());
  const double gigabytes = count * kDimensions * 2 / 1e9;
  const double share = timings[0].wall_ms / timings[1].wall_ms;
  std::printf("memory: %.1f GB/s on one thread\n", gigabytes / timings[0].wall_ms * 1e3);
  std::printf("scan: %.2f ms (%.1f GB/s, %.0f %% of the memory's)\n", timings[1].wall_ms,
              gigabytes / timings[1].wall_ms * 1e3, 100 * share);
  const double file = file_bytes(exact);
  std::printf("scan: %.0f bytes a face in memory, %.0f in a file\n\n", memory / count,
              file / count);
  return {{"scan, share of memory bandwidth", share, kShare, false},
          {"scan, bytes a face in memory", memory / count, kFaceBytes},
          {"scan, bytes a face in a file", file / count, kFaceBytes}};
}

std::vector<Bar> measure_graph(const VectorIndex& graph, double memory) {
  const auto count = static_cast<double>(graph.size());
  const double file = file_bytes(graph);
  std::printf("graph: %.0f bytes a face in memory, %.0f in a file\n\n", memory / count,
              file / count);
  return {{"graph, bytes a face in memory", memory / count, kFaceBytes},
          {"graph, bytes a face in a file", file / count, kFaceBytes}};
}

/// A table for probes of one kind; the bar is the fastest search that finds enough.
Bar measure_search(const VectorIndex& graph, const std::string& kind, const Probes& probes) {
  double best = std::numeric_limits<double>::infinity();
  std::printf("%zu %s:\n\n", probes.rows.size(), kind.c_str());
  std::printf("| breadth | recall@1 | ms, median | ms, p95 | the %zu closest: recall@1 | ms |\n",
              kSeveral);
  std::puts("|---:|---:|---:|---:|---:|---:|");
  for (const int breadth : {16, 32, 64, 100, 150, 200, 400}) {
    const Search one = search(graph, probes, 1, breadth);
    const Search several = search(graph, probes, kSeveral, breadth);
    std::printf("| %d | %.4f | %.3f | %.3f | %.4f | %.3f |\n", breadth, one.recall, one.ms,
                one.p95_ms, several.recall, several.ms);
    if (one.recall >= kRecall) best = std::min(best, one.ms);
  }
  std::puts("");
  return {"graph, search at a recall of 99 %, " + kind, best, kGraphMs, true, "ms"};
}

/// Where the graph begins to be faster.
void print_crossing(const Encodings& encodings, const Spread& spread, const Options& options) {
  std::printf("| entries | scan, ms | graph (breadth %d), ms | recall@1 |\n",
              IndexOptions{}.search_breadth);
  std::puts("|---:|---:|---:|---:|");
  for (const std::size_t count : {1'000, 3'000, 10'000, 30'000, 100'000}) {
    if (count > encodings.size()) break;
    const VectorIndex exact = build(encodings, count, {}, 1);
    const VectorIndex graph = build(encodings, count, {.kind = IndexKind::graph}, options.threads);
    const Probes probes = draw_probes(encodings, count, options.probes, exact, spread, false);
    const Search by_graph = search(graph, probes, kSeveral);
    std::printf("| %zu | %.3f | %.3f | %.4f |\n", count, search(exact, probes, kSeveral).ms,
                by_graph.ms, by_graph.recall);
  }
  std::puts("");
}

/// From the file that an earlier run left, where there is one.
VectorIndex build_graph(const Encodings& encodings, const Options& options) {
  const std::string digest = std::to_string(options.entries) + ", links " +
                             std::to_string(options.links) + ", build breadth " +
                             std::to_string(options.build_breadth) +
                             (options.real.empty() ? "" : ", as " + options.real);
  const double start = now_ms();
  if (!options.index.empty())
    if (auto loaded = VectorIndex::load(options.index, {}, digest, kDimensions)) {
      std::printf("graph: %s, loaded in %.1f s\n", digest.c_str(), (now_ms() - start) / 1e3);
      return std::move(*loaded);
    }
  VectorIndex graph = build(
      encodings, encodings.size(),
      {.kind = IndexKind::graph, .links = options.links, .build_breadth = options.build_breadth},
      options.threads);
  std::printf("graph: %s, built in %.1f s on %d threads\n", digest.c_str(),
              (now_ms() - start) / 1e3, options.threads);
  if (!options.index.empty()) graph.save(options.index, {}, digest);
  return graph;
}

int run_bench(const Options& options) {
  std::cout << to_text(this_machine()) << std::flush;
  const auto count = static_cast<std::size_t>(options.entries);
  const RealFaces real = options.real.empty() ? RealFaces{} : read_real_faces(options.real);
  const Spread spread = options.real.empty() ? Spread() : Spread(real.enrolled);
  Encodings encodings(count);
  Artist artist(1, spread);
  for (std::size_t i = 0; i < count; ++i) artist.draw(encodings.row(i));
  // In between, as they would come in.
  const std::size_t enrolled = std::min(real.enrolled.size(), count);
  for (std::size_t i = 0; i < enrolled; ++i)
    std::ranges::copy(real.enrolled.row(i), encodings.row(i * count / enrolled).begin());
  std::printf("%zu encodings, %zu of them real; ", count, enrolled);
  print_spread(encodings);

  double before = resident_bytes();
  const VectorIndex exact = build(encodings, count, {}, 1);
  const double exact_memory = resident_bytes() - before;
  const Probes probes = draw_probes(encodings, count, options.probes, exact, spread, false);
  const Probes strangers = draw_probes(encodings, count, options.probes, exact, spread, true);
  const Probes second_photos = with_closest(some_of(real.probes, options.probes), exact);
  std::vector<Bar> bars = measure_exact(exact, probes, exact_memory);

  print_crossing(encodings, spread, options);
  std::fflush(stdout);

  before = resident_bytes();
  const VectorIndex graph = build_graph(encodings, options);
  const double graph_memory = resident_bytes() - before;
  for (Bar& bar : measure_graph(graph, graph_memory)) bars.push_back(std::move(bar));
  bars.push_back(measure_search(graph, "probes that were drawn", probes));
  if (second_photos.rows.size() > 0)
    bars.push_back(measure_search(graph, "real photos", second_photos));
  measure_search(graph, "strangers", strangers);
  std::cout << to_text(bars);
  return options.strict && !all_met(bars) ? 1 : 0;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app(kAbout);
  app.footer(kExitCodes);
  const auto count = [&](const char* name, int& value, int smallest, const char* text) {
    app.add_option(name, value, text)
        ->check(CLI::Range(smallest, 100'000'000))
        ->capture_default_str();
  };
  count("--entries", options.entries, 1000, "encodings that are searched");
  count("--threads", options.threads, 1, "threads that build the graph; searches take one");
  count("--probes", options.probes, 10, "searches");
  count("--links", options.links, 2, "of an entry of the graph");
  count("--build-breadth", options.build_breadth, 1, "of the search when an entry is added");
  app.add_option("--real", options.real, "encodings by `likeness embed`, a .npy file");
  app.add_option("--index", options.index, "keep the graph in this file for the next run");
  app.add_flag("--strict", options.strict, "end with 1 when a bar is missed");
  CLI11_PARSE(app, argc, argv);
  return run_bench(options);
}

}  // namespace
}  // namespace likeness::bench

int main(int argc, char** argv) {
  try {
    return likeness::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "gallery_search_bench: error: " << error.what() << '\n';
    return 2;
  }
}
