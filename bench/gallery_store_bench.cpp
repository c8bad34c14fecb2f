/// gallery_store_bench: the embedded gallery at work. Bulk enrolment, opening, memory over many
/// searches, kills at random moments, several processes at once. Every answer is checked.
///
///     gallery_store_bench --templates 100000 --searches 1000000 --kills 200 --seconds 60

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/core/random.h>
#include <likeness/gallery/embedded_gallery.h>
#include <support/temporary_folder.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace likeness;
using Clock = std::chrono::steady_clock;

constexpr int kDimensions = 192;
const GalleryModel kModel = {"bench", std::string(8, 'a'), kDimensions};
const GalleryModel kOtherModel = {"other", std::string(8, 'b'), kDimensions};

struct Options {
  std::int64_t templates = 100'000;
  std::int64_t searches = 1'000'000;
  int kills = 200;
  int seconds = 60;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Encoding random_encoding(Random& random) {
  Encoding encoding(kDimensions);
  double squares = 0;
  for (float& value : encoding) {
    value = static_cast<float>(random.uniform() + random.uniform() + random.uniform() - 1.5);
    squares += static_cast<double>(value) * value;
  }
  for (float& value : encoding) value /= static_cast<float>(std::sqrt(squares));
  return encoding;
}

Enrolment person(std::int64_t number, const Encoding& encoding) {
  const std::string digits = std::to_string(number);
  return {"Person " + digits,
          {{encoding, digits + ".jpg", std::string(64 - digits.size(), '0') + digits, 0, 0.9}}};
}

/// Megabytes of this process that are in memory.
double resident_megabytes() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

/// A gallery in a folder of its own, with the key that opens it.
struct Place {
  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "people.gallery";
  GalleryKey key = create_key_file(folder.path() / "key");
  std::unique_ptr<Gallery> open() const { return open_embedded_gallery(path, key); }
};

bool measure_bulk(const Options& options) {
  const Place place;
  create_embedded_gallery(place.path, place.key, kModel);
  Random random(1);
  std::vector<Encoding> encodings;
  for (std::int64_t i = 0; i < options.templates; ++i) encodings.push_back(random_encoding(random));
  const auto gallery = place.open();
  auto start = Clock::now();
  std::vector<Enrolment> batch;
  for (std::int64_t i = 0; i < options.templates; ++i) {
    batch.push_back(person(i, encodings[static_cast<std::size_t>(i)]));
    if (batch.size() == 1000 || i + 1 == options.templates) {
      gallery->enroll(batch, "bench");
      batch.clear();
    }
  }
  std::printf("enrolled      %lld templates in %.1f s\n", static_cast<long long>(options.templates),
              seconds_since(start));
  start = Clock::now();
  gallery->rebuild_index();
  std::printf("index         %.1f s\n", seconds_since(start));
  const auto reader = place.open();
  start = Clock::now();
  const bool found = reader->nearest(encodings[7], 1).at(0).subject == "Person 7";
  std::printf("open, search  %.2f s, %.0f bytes a template on disk%s\n", seconds_since(start),
              static_cast<double>(std::filesystem::file_size(place.path)) /
                  static_cast<double>(options.templates),
              found ? "" : "  WRONG ANSWER");
  return found;
}

bool measure_memory(const Options& options) {
  const Place place;
  create_embedded_gallery(place.path, place.key, kModel);
  const auto gallery = place.open();
  Random random(2);
  std::vector<Encoding> encodings;
  std::vector<Enrolment> people;
  for (int i = 0; i < 1000; ++i) {
    encodings.push_back(random_encoding(random));
    people.push_back(person(i, encodings.back()));
  }
  gallery->enroll(people, "bench");
  double before = 0;
  bool right = true;
  for (std::int64_t i = 0; i < options.searches; ++i) {
    const auto number = static_cast<std::size_t>(i % 1000);
    right = right && gallery->nearest(encodings[number], 1).at(0).subject == people[number].subject;
    if (i == options.searches / 10) before = resident_megabytes();
  }
  std::printf("memory        %.1f MB after a tenth of %lld searches, %.1f MB after all%s\n", before,
              static_cast<long long>(options.searches), resident_megabytes(),
              right ? "" : "  WRONG ANSWER");
  return right;
}

/// What an encoder of `model` would make of the person's picture.
Encoding encoding_of(const std::string& subject, const GalleryModel& model) {
  const std::uint64_t number = std::stoull(subject.substr(subject.find(' ') + 1));
  Random random(model == kModel ? number : ~number);
  return random_encoding(random);
}

/// One step of `gallery reencode`. Whether the other model has come into use.
bool encode_again(Gallery& gallery) {
  constexpr std::size_t kTogether = 64;
  const GalleryModel next = gallery.info().model == kModel ? kOtherModel : kModel;
  std::vector<std::int64_t> ids;
  std::vector<Encoding> encodings;
  for (const StoredExample& stored : gallery.waiting_for(next, kTogether)) {
    ids.push_back(stored.example.id);
    encodings.push_back(encoding_of(stored.example.subject, next));
  }
  gallery.add_encodings(next, ids, encodings);
  if (ids.size() == kTogether) return false;
  gallery.change_model(next, "bench");
  return true;
}

/// Enrols, removes and encodes again until it is killed; a byte in `journal` for each change that
/// has returned.
[[noreturn]] void change_until_killed(const Place& place, int journal, std::int64_t first) {
  const auto gallery = place.open();
  const auto note = [&](const char* change) {
    if (::write(journal, change, 1) != 1) ::_exit(1);
  };
  for (std::int64_t i = first;; ++i) {
    const std::string name = "Person " + std::to_string(i);
    Enrolment next = person(i, encoding_of(name, gallery->info().model));
    next.examples.front().crop = Bytes(100, 1);
    gallery->enroll(std::vector{next}, "bench");
    note("+");
    if (encode_again(*gallery)) note("*");
    if (i % 3 != 0) continue;
    gallery->remove(name, "bench");
    note("-");
  }
}

/// What must be there after a kill.
struct Expected {
  std::int64_t people = 0;
  bool other_model = false;
  std::int64_t model_changes = 0;

  void add(char change) {
    if (change == '*') {
      other_model = !other_model;
      ++model_changes;
    } else {
      people += change == '+' ? 1 : -1;
    }
  }
};

/// Whether `gallery` is sound and as `expected`, to which it then sets it. The change that was
/// under way may have been made without being acknowledged.
bool is_as_expected(Gallery& gallery, Expected& expected) {
  const GalleryInfo info = gallery.info();
  const bool other_model = info.model == kOtherModel;
  const std::int64_t differences =
      std::abs(info.subjects - expected.people) + (other_model == expected.other_model ? 0 : 1);
  expected.people = info.subjects;
  expected.other_model = other_model;
  bool right = differences <= 1 && gallery.check().faults.empty();
  gallery.visit([&](const StoredExample& stored) {
    right = right && stored.encoding == encoding_of(stored.example.subject, info.model);
  });
  return right;
}

bool survive_kills(const Options& options) {
  const Place place;
  create_embedded_gallery(place.path, place.key, kModel);
  Random random(3);
  Expected expected;
  int faults = 0;
  for (int round = 0; round < options.kills; ++round) {
    int journal[2];
    if (::pipe(journal) != 0) return false;
    const pid_t child = ::fork();
    if (child == 0) change_until_killed(place, journal[1], std::int64_t{1'000'000} * round);
    ::close(journal[1]);
    std::thread killer([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(5'000 + random.below(60'000)));
      ::kill(child, SIGKILL);
    });
    for (char change = 0; ::read(journal[0], &change, 1) == 1;) expected.add(change);
    killer.join();
    ::close(journal[0]);
    ::waitpid(child, nullptr, 0);
    if (!is_as_expected(*place.open(), expected)) ++faults;
  }
  std::printf("kills         %d, %d left a fault; %lld people at the end, %lld changes of model\n",
              options.kills, faults, static_cast<long long>(expected.people),
              static_cast<long long>(expected.model_changes));
  return faults == 0;
}

bool work_together(const Options& options) {
  constexpr int kProcesses = 8;
  const Place place;
  create_embedded_gallery(place.path, place.key, kModel);
  int counts[2];
  if (::pipe(counts) != 0) return false;
  const auto end = Clock::now() + std::chrono::seconds(options.seconds);
  for (int process = 0; process < kProcesses; ++process) {
    if (::fork() != 0) continue;
    std::int64_t count = 0;
    try {
      const auto gallery = place.open();
      Random random(static_cast<std::uint64_t>(process));
      for (; Clock::now() < end; ++count) {
        const Encoding encoding = random_encoding(random);
        const Enrolment next = person(std::int64_t{10'000'000} * process + count, encoding);
        gallery->enroll(std::vector{next}, "bench");
        if (gallery->nearest(encoding, 1).at(0).subject != next.subject) count = -1'000'000'000;
      }
    } catch (const std::exception& error) {
      std::fprintf(stderr, "process %d: %s\n", process, error.what());
      count = -1'000'000'000;
    }
    ::_exit(::write(counts[1], &count, sizeof(count)) == sizeof(count) ? 0 : 1);
  }
  std::int64_t all = 0;
  for (int process = 0; process < kProcesses; ++process) {
    std::int64_t count = 0;
    if (::read(counts[0], &count, sizeof(count)) != sizeof(count)) return false;
    all += count;
    ::wait(nullptr);
  }
  const auto gallery = place.open();
  const bool sound = gallery->info().subjects == all && gallery->check().faults.empty();
  std::printf("together      %d processes, %d s: %lld enrolments, each found at once; %s\n",
              kProcesses, options.seconds, static_cast<long long>(all),
              sound ? "none lost" : "SOME LOST OR FAILED");
  return sound;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("The embedded gallery: bulk enrolment, memory, kills, many processes at once.");
  app.add_option("--templates", options.templates, "Enrolled in bulk")->capture_default_str();
  app.add_option("--searches", options.searches, "For the memory")->capture_default_str();
  app.add_option("--kills", options.kills, "At random moments")->capture_default_str();
  app.add_option("--seconds", options.seconds, "Of eight processes at once")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const bool bulk = measure_bulk(options);
  const bool memory = measure_memory(options);
  const bool kills = survive_kills(options);
  const bool together = work_together(options);
  return bulk && memory && kills && together ? 0 : 1;
}
