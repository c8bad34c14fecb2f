/// gallery_search_bench: how long it takes to find a face among many. The scan is held against the
/// memory it reads, the graph against what the scan finds.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/random.h>
#include <likeness/gallery/vector_index.h>
#include <unistd.h>

#include "machine.h"
#include "report.h"
#include "stopwatch.h"
#include "support/temporary_folder.h"

namespace likeness::bench {
namespace {

constexpr const char* kAbout =
    R"(Measures the search among many encodings: the exact scan against a plain read of as many bytes, in
turns, and the graph against what the scan finds. The encodings are drawn so that distances spread
like those of faces; a probe is an encoding moved as far as two pictures of a person lie apart.

Examples:
  gallery_search_bench                             a million encodings
  gallery_search_bench --entries 100000 --threads 4
  gallery_search_bench --real faces.npy            the first entries are real ones)";

constexpr const char* kExitCodes =
    R"(Exit codes: 0 measured (with --strict: and the bars are met), 1 a bar is missed, 2 error.)";

constexpr std::size_t kDimensions = 192;
/// Variance of the last direction: e^-3.66 of the first one's, which spreads the squared distances
/// of strangers by 0.2 about 2, as the encodings of faces are.
constexpr double kDecay = 3.66;
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

/// Rows of length 1, one after the other.
class Encodings {
 public:
  explicit Encodings(std::size_t count) : numbers_(count * kDimensions) {}

  std::size_t size() const { return numbers_.size() / kDimensions; }
  std::span<float> row(std::size_t i) {
    return std::span(numbers_).subspan(i * kDimensions, kDimensions);
  }
  std::span<const float> row(std::size_t i) const { return first(i + 1).last(kDimensions); }
  std::span<const float> first(std::size_t count) const {
    return std::span(numbers_).first(count * kDimensions);
  }

 private:
  std::vector<float> numbers_;
};

void normalise(std::span<float> row) {
  double squares = 0;
  for (const float value : row) squares += static_cast<double>(value) * value;
  for (float& value : row) value = static_cast<float>(value / std::sqrt(squares));
}

class Artist {
 public:
  explicit Artist(std::uint64_t seed) : random_(seed) {}

  void draw(std::span<float> row) {
    for (std::size_t i = 0; i < row.size(); ++i)
      row[i] = normal_(random_) *
               static_cast<float>(std::exp(-kDecay / 2 * static_cast<double>(i) / kDimensions));
    normalise(row);
  }
  /// Another picture of the same face: at a squared distance of 0.2 to 0.4.
  void draw_near(std::span<const float> face, std::span<float> row) {
    draw(row);
    const double along = std::inner_product(face.begin(), face.end(), row.begin(), 0.0);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] -= static_cast<float>(along) * face[i];
    normalise(row);
    const double cosine = 1 - (0.2 + 0.2 * random_.uniform()) / 2;
    const double sine = std::sqrt(1 - cosine * cosine);
    for (std::size_t i = 0; i < row.size(); ++i)
      row[i] = static_cast<float>(cosine * face[i] + sine * row[i]);
  }
  std::size_t below(std::size_t bound) { return random_.below(bound); }

 private:
  Random random_;
  std::normal_distribution<float> normal_;
};

/// Puts the rows of a NumPy file ('<f4', [rows, 192]) in place of the first ones.
std::size_t read_real(const std::string& path, Encodings& encodings) {
  const Bytes file = read_file(path, std::size_t{1} << 32);
  const std::string_view text(reinterpret_cast<const char*>(file.data()),
                              std::min<std::size_t>(file.size(), 256));
  const std::size_t start = text.find('\n');
  if (!text.starts_with("\x93NUMPY") || text.find("'<f4'") == text.npos || start == text.npos ||
      text.find(", " + std::to_string(kDimensions) + ")") == text.npos)
    throw Error(ErrorCode::unsupported_format, path + " has no rows of 192 float32 numbers");
  const std::size_t bytes = kDimensions * sizeof(float);
  const std::size_t rows = std::min((file.size() - start - 1) / bytes, encodings.size());
  for (std::size_t i = 0; i < rows; ++i)
    std::memcpy(encodings.row(i).data(), file.data() + start + 1 + i * bytes, bytes);
  return rows;
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

Probes draw_probes(const Encodings& encodings, std::size_t entries, int count,
                   const VectorIndex& exact, bool strangers) {
  Artist artist(strangers ? 3 : 2);
  Probes probes{Encodings(static_cast<std::size_t>(count)), {}};
  for (std::size_t i = 0; i < probes.rows.size(); ++i) {
    if (strangers)
      artist.draw(probes.rows.row(i));
    else
      artist.draw_near(encodings.row(artist.below(entries)), probes.rows.row(i));
    probes.closest.push_back(exact.nearest(std::as_const(probes.rows).row(i), 1)[0]);
  }
  return probes;
}

struct Search {
  double recall = 0;
  double ms = 0;  ///< median
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
  return {static_cast<double>(found) / static_cast<double>(probes.rows.size()), median(times)};
}

void print_spread(const Encodings& encodings) {
  Artist artist(4);
  double sum = 0;
  double squares = 0;
  constexpr int kPairs = 20'000;
  for (int i = 0; i < kPairs; ++i) {
    const auto a = encodings.row(artist.below(encodings.size()));
    const auto b = encodings.row(artist.below(encodings.size()));
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

std::vector<Bar> measure_graph(const VectorIndex& graph, const Probes& probes,
                               const Probes& strangers, double memory) {
  double best = std::numeric_limits<double>::infinity();
  std::printf("| breadth | recall@1 | ms | the %zu closest, ms | recall@1, strangers | ms |\n",
              kSeveral);
  std::puts("|---:|---:|---:|---:|---:|---:|");
  for (const int breadth : {16, 32, 64, 100, 150, 200, 400}) {
    const Search genuine = search(graph, probes, 1, breadth);
    const Search several = search(graph, probes, kSeveral, breadth);
    const Search stranger = search(graph, strangers, 1, breadth);
    std::printf("| %d | %.4f | %.3f | %.3f | %.4f | %.3f |\n", breadth, genuine.recall, genuine.ms,
                several.ms, stranger.recall, stranger.ms);
    if (genuine.recall >= kRecall) best = std::min(best, genuine.ms);
  }
  const auto count = static_cast<double>(graph.size());
  const double file = file_bytes(graph);
  std::printf("\ngraph: %.0f bytes a face in memory, %.0f in a file\n\n", memory / count,
              file / count);
  return {{"graph, search at a recall of 99 %", best, kGraphMs, true, "ms"},
          {"graph, bytes a face in memory", memory / count, kFaceBytes},
          {"graph, bytes a face in a file", file / count, kFaceBytes}};
}

/// Where the graph begins to be faster.
void print_crossing(const Encodings& encodings, const Options& options) {
  std::printf("| entries | scan, ms | graph (breadth %d), ms | recall@1 |\n",
              IndexOptions{}.search_breadth);
  std::puts("|---:|---:|---:|---:|");
  for (const std::size_t count : {1'000, 3'000, 10'000, 30'000, 100'000}) {
    if (count > encodings.size()) break;
    const VectorIndex exact = build(encodings, count, {}, 1);
    const VectorIndex graph = build(encodings, count, {.kind = IndexKind::graph}, options.threads);
    const Probes probes = draw_probes(encodings, count, options.probes, exact, false);
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
                             std::to_string(options.build_breadth) + ", " + options.real;
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
  Encodings encodings(count);
  Artist artist(1);
  for (std::size_t i = 0; i < count; ++i) artist.draw(encodings.row(i));
  const std::size_t real = options.real.empty() ? 0 : read_real(options.real, encodings);
  std::printf("%zu encodings, %zu of them real; ", count, real);
  print_spread(encodings);

  double before = resident_bytes();
  const VectorIndex exact = build(encodings, count, {}, 1);
  const double exact_memory = resident_bytes() - before;
  const Probes probes = draw_probes(encodings, count, options.probes, exact, false);
  const Probes strangers = draw_probes(encodings, count, options.probes, exact, true);
  std::vector<Bar> bars = measure_exact(exact, probes, exact_memory);

  print_crossing(encodings, options);
  std::fflush(stdout);

  before = resident_bytes();
  const VectorIndex graph = build_graph(encodings, options);
  for (Bar& bar : measure_graph(graph, probes, strangers, resident_bytes() - before))
    bars.push_back(std::move(bar));
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
