/// An embedded gallery that is killed, and one that many processes use at once.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <likeness/core/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gallery/embedded_gallery_file.h"
#include "support/file_size_limit.h"
#include "support/real_data.h"
#include "support/tiny_disk.h"

namespace likeness {
namespace {

/// What a writer does until it is killed. Every acknowledged step is one byte in `journal`.
[[noreturn]] void write_until_killed(const fs::path& path, int journal) {
  const auto gallery = open_embedded_gallery(path, {});
  for (int step = 0;; ++step) {
    const std::string name = "Person " + std::to_string(step);
    gallery->enroll(
        std::vector<Enrolment>{
            {name, {example_of(2 * step, kOdd, Bytes(2000, 7)), example_of(2 * step + 1, kEast)}}},
        "child");
    if (::write(journal, "e", 1) != 1) ::_exit(1);
    if (step % 3 == 2) {
      gallery->remove(name, "child");
      if (::write(journal, "r", 1) != 1) ::_exit(1);
    }
  }
}

TEST_F(EmbeddedGalleryFile, HoldsEveryAcknowledgedChangeAfterAKill) {
  Random random(5);
  for (int round = 0; round < 25; ++round) {
    for (const char* tail : {"", "-wal", "-shm"}) fs::remove(path_.string() + tail);
    create({});
    const fs::path journal = folder_.path() / "journal";
    put(journal, "");
    const pid_t child = ::fork();
    if (child == 0) {
      write_until_killed(path_, ::open(journal.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(20'000 + random.below(150'000)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);

    const std::string acknowledged = content_of(journal);
    const auto enrolled = std::count(acknowledged.begin(), acknowledged.end(), 'e');
    const auto removed = std::count(acknowledged.begin(), acknowledged.end(), 'r');
    const auto gallery = opened();
    const GalleryCheck check = gallery->check();
    EXPECT_TRUE(check.faults.empty()) << check.faults.front();
    const std::vector<Subject> people = gallery->subjects();
    // At most the one step that was not acknowledged is there beside the others.
    EXPECT_LE(std::abs(static_cast<long>(people.size()) - (enrolled - removed)), 1);
    for (const Subject& person : people) EXPECT_EQ(person.examples, 2) << person.name;
    EXPECT_EQ(gallery->info().examples, static_cast<std::int64_t>(2 * people.size()));
  }
}

/// Changes the model to and fro until it is killed: a byte for every encoding, 'm' for a change.
[[noreturn]] void reencode_until_killed(const fs::path& path, int journal) {
  const auto gallery = open_embedded_gallery(path, {});
  for (;;) {
    const bool tiny = gallery->info().model == kTinyModel;
    const GalleryModel& next = tiny ? kNextModel : kTinyModel;
    const Encoding encoding = tiny ? Encoding{0, 0.6F, 0.8F} : kOdd;
    for (;;) {
      const std::vector<StoredExample> waiting = gallery->waiting_for(next, 2);
      if (waiting.empty()) break;
      std::vector<std::int64_t> ids;
      for (const StoredExample& stored : waiting) ids.push_back(stored.example.id);
      gallery->add_encodings(next, ids, std::vector(ids.size(), encoding));
      if (::write(journal, "ee", ids.size()) < 1) ::_exit(1);
    }
    gallery->change_model(next, "child");
    if (::write(journal, "m", 1) != 1) ::_exit(1);
  }
}

TEST_F(EmbeddedGalleryFile, ReencodingGoesOnAfterAKill) {
  constexpr int kPeople = 12;
  create({});
  for (int i = 0; i < kPeople; ++i)
    opened()->enroll(std::vector<Enrolment>{{"Person " + std::to_string(i),
                                             {example_of(i, kOdd, Bytes(500, 7))}}},
                     "me");
  Random random(6);
  const fs::path journal = folder_.path() / "journal";
  int interrupted = 0;
  std::int64_t changes = 0;
  std::int64_t encoded = 0;  // by the model that is not yet in use
  for (int round = 0; round < 25; ++round) {
    put(journal, "");
    const pid_t child = ::fork();
    if (child == 0)
      reencode_until_killed(path_, ::open(journal.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    std::this_thread::sleep_for(std::chrono::microseconds(10'000 + random.below(100'000)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);

    for (const char step : content_of(journal)) {
      changes += step == 'm' ? 1 : 0;
      encoded = step == 'm' ? 0 : encoded + 1;
    }
    const auto gallery = opened();
    const GalleryCheck check = gallery->check();
    ASSERT_TRUE(check.faults.empty()) << check.faults.front();
    const auto logged = static_cast<std::int64_t>(gallery->audit_log().size()) - kPeople;
    ASSERT_TRUE(logged == changes || logged == changes + 1) << logged << " of " << changes;
    if (logged > changes) encoded = 0;  // the change was made, and not acknowledged any more
    changes = logged;
    const bool tiny = gallery->info().model == kTinyModel;
    ASSERT_EQ(tiny, changes % 2 == 0);
    std::int64_t examples = 0;
    gallery->visit([&](const StoredExample& stored) {
      EXPECT_EQ(stored.encoding, tiny ? kOdd : (Encoding{0, 0.6F, 0.8F}));
      ++examples;
    });
    EXPECT_EQ(examples, kPeople);
    const auto waiting = gallery->waiting_for(tiny ? kNextModel : kTinyModel, kPeople + 1).size();
    const std::int64_t there = kPeople - static_cast<std::int64_t>(waiting);
    ASSERT_TRUE(there == encoded || there == encoded + 2) << there << ", acknowledged " << encoded;
    encoded = there;
    interrupted += there > 0 && there < kPeople ? 1 : 0;
  }
  EXPECT_GT(changes, 0);
  EXPECT_GT(interrupted, 0);
}

/// Enrols people with pictures until that fails; what the error said, and how many there are.
std::pair<std::string, int> enroll_until_full(Gallery& gallery) {
  for (int i = 0; i < 1000; ++i) {
    try {
      gallery.enroll(std::vector<Enrolment>{{"Person " + std::to_string(i),
                                             {example_of(i, kOdd, Bytes(5000, 7))}}},
                     "me");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::write_failed);
      return {error.what(), i};
    }
  }
  return {"", 1000};
}

void expect_whole(Gallery& gallery, int people) {
  EXPECT_EQ(gallery.info().subjects, people);
  EXPECT_EQ(gallery.nearest(kOdd, 1000).size(), static_cast<std::size_t>(people));
  const GalleryCheck check = gallery.check();
  EXPECT_TRUE(check.faults.empty()) << check.faults.front();
}

TEST(EmbeddedGalleryOnADisk, IsWholeAfterItWasFull) {
  const TinyDisk disk("600k");
  LIKENESS_SKIP_WHEN(disk.error());
  const fs::path path = disk.path() / "people.gallery";
  create_embedded_gallery(path, {}, kTinyModel);
  put(disk.path() / "filler", std::string(100'000, 'x'));
  const auto gallery = open_embedded_gallery(path, {});
  const auto [message, people] = enroll_until_full(*gallery);
  EXPECT_NE(message.find("people.gallery: the disk is full"), std::string::npos) << message;
  ASSERT_GT(people, 5);
  expect_whole(*gallery, people);
  expect_whole(*open_embedded_gallery(path, {}), people);
  fs::remove(disk.path() / "filler");
  gallery->enroll(std::vector<Enrolment>{{"One more", {example_of(1, kOdd)}}}, "me");
  expect_whole(*gallery, people + 1);
}

TEST_F(EmbeddedGalleryFile, IsWholeAfterItMayGrowNoMore) {
  create({});
  const auto gallery = opened();
  int people = 0;
  {
    const FileSizeLimit limit(500'000);
    std::string message;
    std::tie(message, people) = enroll_until_full(*gallery);
    EXPECT_NE(message.find("people.gallery: input/output error"), std::string::npos) << message;
  }
  ASSERT_GT(people, 5);
  expect_whole(*gallery, people);
  expect_whole(*opened(), people);
}

/// Runs `work` in `count` processes, all of which begin at the same moment; whether all ended well.
bool at_once(int count, const std::function<void(int process)>& work) {
  int gate[2];
  if (::pipe(gate) != 0) return false;
  std::vector<pid_t> children;
  for (int process = 0; process < count; ++process) {
    const pid_t child = ::fork();
    if (child != 0) {
      children.push_back(child);
      continue;
    }
    ::close(gate[1]);
    char nothing = 0;
    if (::read(gate[0], &nothing, 1) != 0) ::_exit(2);  // waits until the gate is closed
    try {
      work(process);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "process %d: %s\n", process, error.what());
      ::_exit(1);
    }
    ::_exit(0);
  }
  ::close(gate[0]);
  ::close(gate[1]);
  bool well = true;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    well = well && status == 0;
  }
  return well;
}

GalleryKey made_or_read(const fs::path& path) {
  try {
    return create_key_file(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::already_exists) throw;
    return read_key_file(path);
  }
}

TEST_F(EmbeddedGalleryFile, ManyProcessesMakeItAtOnce) {
  constexpr int kProcesses = 8;
  const fs::path key = folder_.path() / "key";
  for (int round = 0; round < 50; ++round) {
    for (const char* tail : {"", "-wal", "-shm"}) fs::remove(path_.string() + tail);
    fs::remove(key);
    if (round % 5 == 0) put(path_, "");  // one process came no further than this
    ASSERT_TRUE(at_once(kProcesses,
                        [&](int process) {
                          const GalleryKey own = made_or_read(key);
                          if (!embedded_gallery_exists(path_))
                            create_embedded_gallery(path_, own, kTinyModel);
                          if (embedded_gallery_protection(path_) != own.kind)
                            throw std::logic_error("protection");
                          open_embedded_gallery(path_, own)
                              ->enroll(std::vector<Enrolment>{{"Person " + std::to_string(process),
                                                               {example_of(process, kOdd)}}},
                                       "child");
                        }))
        << "round " << round;
    key_ = read_key_file(key);
    ASSERT_EQ(opened()->info().subjects, kProcesses);
    ASSERT_TRUE(opened()->check().faults.empty());
    ASSERT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 2) << "something is left";
  }
}

TEST_F(EmbeddedGalleryFile, ManyProcessesWriteAndSearchAtOnce) {
  create({});
  constexpr int kProcesses = 6;
  constexpr int kEach = 25;
  EXPECT_TRUE(at_once(kProcesses, [&](int process) {
    const auto gallery = opened();
    for (int i = 0; i < kEach; ++i) {
      const int number = process * kEach + i;
      gallery->enroll(
          std::vector<Enrolment>{{"Person " + std::to_string(number), {example_of(number, kOdd)}}},
          "child");
      if (gallery->nearest(kOdd, 3).empty()) throw std::logic_error("nobody is near");
    }
  }));
  const auto gallery = opened();
  EXPECT_EQ(gallery->info().subjects, kProcesses * kEach);
  EXPECT_EQ(gallery->check().audit_entries, kProcesses * kEach);
  EXPECT_TRUE(gallery->check().faults.empty());
}

}  // namespace
}  // namespace likeness
