#include <algorithm>
#include <cmath>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/core/random.h>
#include <likeness/gallery/shared_gallery.h>

#include "gallery/gallery_contract.h"
#include "gallery/pglite_server.h"
#include "support/error_code.h"

namespace likeness {
namespace {

class SharedGalleryTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = empty_pglite_server();
    if (server_ == nullptr) GTEST_SKIP() << PgliteServer::kMissing;
  }

  std::unique_ptr<Gallery> make(const GalleryModel& model = kTinyModel) {
    create_shared_gallery(server_->uri(), model);
    return open_shared_gallery(server_->uri());
  }

  PgliteServer* server_ = nullptr;
};

std::vector<Enrolment> crowd(int people) {
  std::vector<Enrolment> enrolments;
  for (int i = 0; i < people; ++i)
    enrolments.push_back({"person " + std::to_string(i), {example_of(i, kEast)}});
  return enrolments;
}

Encoding random_encoding(std::size_t dimensions, Random& random) {
  Encoding encoding(dimensions);
  double squares = 0;
  for (float& value : encoding) {
    value = static_cast<float>(random.uniform() - 0.5);
    squares += static_cast<double>(value) * value;
  }
  for (float& value : encoding) value /= static_cast<float>(std::sqrt(squares));
  return encoding;
}

TEST_F(SharedGalleryTest, IsMadeOnce) {
  make()->enroll(crowd(1), "tester");
  EXPECT_EQ(make()->info().examples, 1);
  const auto other = [&] { create_shared_gallery(server_->uri(), kNextModel); };
  EXPECT_EQ(code_of(other), ErrorCode::already_exists);
  EXPECT_NE(message_of(other).find("tiny"), std::string::npos);
  EXPECT_EQ(make()->info().protection, "server");
  EXPECT_GT(make()->info().bytes, 0);
}

TEST_F(SharedGalleryTest, SaysHowToMakeOneThatIsNotThere) {
  const auto open = [&] { open_shared_gallery(server_->uri()); };
  EXPECT_EQ(code_of(open), ErrorCode::not_found);
  EXPECT_NE(message_of(open).find("likeness gallery init"), std::string::npos);
}

TEST_F(SharedGalleryTest, RefusesANewerSchema) {
  make();
  server_->sql("UPDATE likeness.meta SET schema = 1000");
  EXPECT_EQ(code_of([&] { open_shared_gallery(server_->uri()); }), ErrorCode::unsupported_format);
  EXPECT_EQ(code_of([&] { create_shared_gallery(server_->uri(), kTinyModel); }),
            ErrorCode::unsupported_format);
}

TEST_F(SharedGalleryTest, FindsDamage) {
  const std::unique_ptr<Gallery> gallery = make();
  const auto faults_after = [&](const std::string& damage) {
    server_->sql("DROP SCHEMA likeness CASCADE");
    create_shared_gallery(server_->uri(), kTinyModel);
    gallery->enroll(crowd(3), "tester");
    EXPECT_TRUE(gallery->check().faults.empty());
    server_->sql(damage);
    return gallery->check().faults.size();
  };
  EXPECT_EQ(faults_after("UPDATE likeness.audit SET actor = 'other' WHERE sequence = 2"), 1U);
  EXPECT_EQ(faults_after("DELETE FROM likeness.audit WHERE sequence = 2"), 1U);
  EXPECT_EQ(faults_after("DELETE FROM likeness.audit WHERE sequence = 3"), 1U);
  EXPECT_EQ(faults_after("DELETE FROM likeness.templates WHERE example = "
                         "(SELECT min(example) FROM likeness.templates)"),
            1U);
  EXPECT_EQ(faults_after("UPDATE likeness.templates SET encoding = '[2,0,0,0]' WHERE example = "
                         "(SELECT min(example) FROM likeness.templates)"),
            1U);
  // A person who has no examples yet is no damage.
  EXPECT_EQ(faults_after("INSERT INTO likeness.subjects (name) VALUES ('Nobody')"), 0U);
  EXPECT_EQ(faults_after("UPDATE likeness.examples SET crop = '' WHERE id = "
                         "(SELECT min(id) FROM likeness.examples)"),
            1U);
}

TEST_F(SharedGalleryTest, FindsNeighboursThroughTheGraph) {
  constexpr int kPeople = 1500;
  constexpr std::size_t kCount = 10;
  const GalleryModel model = {"graph", std::string(64, 'c'), 16};
  const std::unique_ptr<Gallery> gallery = make(model);
  Random random(1);
  std::vector<NewExample> examples;
  for (int i = 0; i < kPeople; ++i) examples.push_back(example_of(i, random_encoding(16, random)));
  gallery->enroll(std::vector<Enrolment>{{"crowd", examples}}, "tester");
  server_->sql("ANALYZE likeness.templates");
  std::string plan;
  for (const pqxx::row row : server_->sql(
           "EXPLAIN SELECT example FROM likeness.templates WHERE model = 1 "
           "ORDER BY encoding::vector(16) <#> (SELECT encoding FROM likeness.templates LIMIT 1)"
           "::vector(16) LIMIT 26"))
    plan += row[0].c_str();
  EXPECT_NE(plan.find("encodings_of_1"), std::string::npos) << plan;

  const std::int64_t first = gallery->examples("crowd").front().id;
  int right = 0;
  for (int trial = 0; trial < 20; ++trial) {
    const Encoding probe = random_encoding(16, random);
    std::vector<std::pair<float, std::int64_t>> expected;
    for (int i = 0; i < kPeople; ++i)
      expected.emplace_back(squared_distance(probe, examples[static_cast<std::size_t>(i)].encoding),
                            first + i);
    std::sort(expected.begin(), expected.end());
    std::set<std::int64_t> closest;
    for (std::size_t i = 0; i < kCount; ++i) closest.insert(expected[i].second);
    const std::vector<Neighbour> found = gallery->nearest(probe, kCount);
    ASSERT_EQ(found.size(), kCount);
    for (const Neighbour& neighbour : found) right += closest.count(neighbour.example) == 1 ? 1 : 0;
  }
  EXPECT_GE(right, 20 * static_cast<int>(kCount) * 95 / 100);
  EXPECT_EQ(gallery->nearest(examples[0].encoding, 1200).size(), 1200U);
  EXPECT_EQ(gallery->nearest(examples[0].encoding, 5000).size(), 1500U);
}

TEST_F(SharedGalleryTest, FindsEnoughWhereNearExamplesWereErased) {
  const std::unique_ptr<Gallery> gallery = make();
  std::vector<NewExample> near;
  for (int i = 0; i < 600; ++i) near.push_back(example_of(i, kEast));
  gallery->enroll(std::vector<Enrolment>{{"near", near}}, "tester");
  gallery->enroll(std::vector<Enrolment>{{"far", {example_of(1, kWest), example_of(2, kNorth)}}},
                  "tester");
  gallery->remove("near", "tester");
  EXPECT_EQ(gallery->nearest(kEast, 2).size(), 2U);
}

TEST_F(SharedGalleryTest, KeepsTheChainWithSeveralWriters) {
  make();
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer)
    writers.emplace_back([this, writer] {
      const std::unique_ptr<Gallery> gallery = open_shared_gallery(server_->uri());
      for (int i = 0; i < 10; ++i)
        gallery->enroll(std::vector<Enrolment>{{"Anna", {example_of(writer * 100 + i, kEast)}}},
                        "tester");
    });
  for (std::thread& writer : writers) writer.join();
  const std::unique_ptr<Gallery> gallery = open_shared_gallery(server_->uri());
  const GalleryCheck check = gallery->check();
  EXPECT_TRUE(check.faults.empty());
  EXPECT_EQ(check.examples, 40);
  EXPECT_EQ(check.audit_entries, 40);
  EXPECT_EQ(gallery->info().revision, 40);
}

TEST_F(SharedGalleryTest, GoesOnAfterTheServerWasRestarted) {
  const std::unique_ptr<Gallery> gallery = make();
  gallery->enroll(crowd(2), "tester");
  server_->kill();
  server_->start();
  EXPECT_EQ(gallery->info().examples, 2);
  EXPECT_EQ(gallery->enroll(crowd(3), "tester"), 1);
}

TEST_F(SharedGalleryTest, SaysWhenTheServerIsLostWhileItIsRead) {
  const std::unique_ptr<Gallery> gallery = make();
  gallery->enroll(crowd(200), "tester");
  int visited = 0;
  const auto visit = [&] {
    gallery->visit([&](const StoredExample&) {
      if (++visited == 1) server_->kill();
    });
  };
  EXPECT_EQ(code_of(visit), ErrorCode::unavailable);
  EXPECT_LT(visited, 200);
  server_->start();
  EXPECT_EQ(gallery->info().examples, 200);
}

TEST_F(SharedGalleryTest, KeepsNothingOfAnEnrolmentThatWasCutOff) {
  const std::unique_ptr<Gallery> gallery = make();
  gallery->enroll(crowd(1), "tester");
  const std::vector<Enrolment> many = crowd(20000);
  std::string message;
  std::thread writer([&] { message = message_of([&] { gallery->enroll(many, "tester"); }); });
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  server_->kill();
  writer.join();
  server_->start();
  EXPECT_NE(message, "") << "the enrolment was over before the server was";
  EXPECT_EQ(message.find("secret-word"), std::string::npos) << message;
  EXPECT_EQ(gallery->info().examples, 1);
  EXPECT_EQ(gallery->info().subjects, 1);
  EXPECT_TRUE(gallery->check().faults.empty());
  EXPECT_EQ(gallery->enroll(crowd(30), "tester"), 29);
}

}  // namespace
}  // namespace likeness
