#include "gallery/gallery_contract.h"

#include <limits>

#include <gtest/gtest.h>
#include <likeness/gallery/embedded_gallery.h>
#include <likeness/gallery/shared_gallery.h>

#include "gallery/pglite_server.h"
#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

std::unique_ptr<Gallery> make_shared(const GalleryModel& model) {
  const PgliteServer* server = empty_pglite_server();
  if (server == nullptr) return nullptr;
  create_shared_gallery(server->uri(), model);
  return open_shared_gallery(server->uri());
}

std::unique_ptr<Gallery> make_embedded(const GalleryModel& model) {
  static const TemporaryFolder folder;
  static int made = 0;
  const std::string name = std::to_string(++made);
  const GalleryKey key = create_key_file(folder.path() / (name + ".key"));
  create_embedded_gallery(folder.path() / name, key, model);
  return open_embedded_gallery(folder.path() / name, key);
}

class GalleryContract : public testing::TestWithParam<GalleryKind> {
 protected:
  void SetUp() override {
    gallery_ = GetParam().make(kTinyModel);
    if (!gallery_) GTEST_SKIP() << "not available here: gallery " << GetParam().name;
  }

  std::vector<std::string> names() {
    std::vector<std::string> result;
    for (const Subject& subject : gallery_->subjects()) result.push_back(subject.name);
    return result;
  }

  void enroll_two() {
    gallery_->enroll(std::vector<Enrolment>{{"Anna", {example_of(1, kEast), example_of(2, kNorth)}},
                                            {"Bob", {example_of(3, kWest)}}},
                     "tester");
  }

  std::unique_ptr<Gallery> gallery_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GalleryContract);
INSTANTIATE_TEST_SUITE_P(All, GalleryContract,
                         testing::Values(GalleryKind{"embedded", make_embedded},
                                         GalleryKind{"shared", make_shared}),
                         [](const auto& info) { return info.param.name; });

TEST_P(GalleryContract, StartsEmpty) {
  const GalleryInfo info = gallery_->info();
  EXPECT_EQ(info.model, kTinyModel);
  EXPECT_EQ(info.subjects + info.examples + info.crops, 0);
  EXPECT_GT(info.schema, 0);
  EXPECT_TRUE(gallery_->subjects().empty());
  EXPECT_TRUE(gallery_->nearest(kEast, 5).empty());
  gallery_->visit([](const StoredExample&) { ADD_FAILURE(); });
  EXPECT_TRUE(gallery_->check().faults.empty());
}

TEST_P(GalleryContract, KeepsWhatWasEnrolled) {
  const NewExample picture = {kNorthEast, "Änna's.jpg", digest_of(7), 2, 0.25, {0, 1, 255, '\''}};
  EXPECT_EQ(gallery_->enroll(std::vector<Enrolment>{{"Anna", {picture}}}, "tester"), 1);
  const std::vector<Example> examples = gallery_->examples("Anna");
  ASSERT_EQ(examples.size(), 1U);
  EXPECT_EQ(examples[0].subject, "Anna");
  EXPECT_EQ(examples[0].source, picture.source);
  EXPECT_EQ(examples[0].source_digest, picture.source_digest);
  EXPECT_EQ(examples[0].face, 2);
  EXPECT_EQ(examples[0].quality, 0.25);
  EXPECT_TRUE(examples[0].has_crop);
  EXPECT_EQ(examples[0].enrolled_at.size(), 20U);
  EXPECT_LE(examples[0].enrolled_at, utc_now());
  int visited = 0;
  gallery_->visit([&](const StoredExample& stored) {
    ++visited;
    EXPECT_EQ(stored.example.id, examples[0].id);
    EXPECT_EQ(stored.encoding, picture.encoding);
    EXPECT_EQ(stored.crop, picture.crop);
  });
  EXPECT_EQ(visited, 1);
  EXPECT_EQ(gallery_->info().crops, 1);
}

TEST_P(GalleryContract, LeavesOutWhatIsThereAlready) {
  enroll_two();
  const std::int64_t revision = gallery_->info().revision;
  const std::size_t entries = gallery_->audit_log().size();
  EXPECT_EQ(gallery_->enroll(std::vector<Enrolment>{{"Anna", {example_of(1, kWest)}}}, "x"), 0);
  EXPECT_EQ(gallery_->info().revision, revision);
  EXPECT_EQ(gallery_->audit_log().size(), entries);
  // The same picture of another person, and another face of it, are new.
  NewExample other_face = example_of(1, kNorth);
  other_face.face = 1;
  EXPECT_EQ(gallery_->enroll(std::vector<Enrolment>{{"Bob", {example_of(1, kEast)}},
                                                    {"Anna", {other_face, other_face}}},
                             "x"),
            2);
  EXPECT_GT(gallery_->info().revision, revision);
}

TEST_P(GalleryContract, EnrolsNothingWhenOneExampleIsRefused) {
  const std::vector<NewExample> refused = {
      example_of(9, {1, 0, 0}), example_of(9, {2, 0, 0, 0}), {kEast, "9.jpg", "no digest"}};
  for (const NewExample& example : refused)
    EXPECT_EQ(code_of([&] {
                gallery_->enroll(
                    std::vector<Enrolment>{{"Anna", {example_of(1, kEast)}}, {"Bob", {example}}},
                    "tester");
              }),
              ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] {
              gallery_->enroll(std::vector<Enrolment>{{"Anna", {example_of(1, kEast)}},
                                                      {" Bob", {example_of(2, kEast)}}},
                               "tester");
            }),
            ErrorCode::invalid_argument);
  EXPECT_TRUE(gallery_->subjects().empty());
  EXPECT_EQ(gallery_->info().examples, 0);
  EXPECT_TRUE(gallery_->audit_log().empty());
}

TEST_P(GalleryContract, OrdersNamesByTheirBytes) {
  for (const char* name : {"b", "a", "B", "É", "Z", "a b"})
    gallery_->enroll(std::vector<Enrolment>{{name, {example_of(1, kEast)}}}, "tester");
  EXPECT_EQ(names(), (std::vector<std::string>{"B", "Z", "a", "a b", "b", "É"}));
}

TEST_P(GalleryContract, RenamesUnlessTheNameIsTaken) {
  enroll_two();
  gallery_->rename("Bob", "Carl", "tester");
  EXPECT_EQ(names(), (std::vector<std::string>{"Anna", "Carl"}));
  EXPECT_EQ(gallery_->nearest(kWest, 1).at(0).subject, "Carl");
  const auto rename = [&](const char* from, const char* to) {
    return code_of([&] { gallery_->rename(from, to, "tester"); });
  };
  EXPECT_EQ(rename("Bob", "Dora"), ErrorCode::not_found);
  EXPECT_EQ(rename("Carl", "Anna"), ErrorCode::already_exists);
  EXPECT_EQ(rename("Carl", ""), ErrorCode::invalid_argument);
  EXPECT_EQ(names(), (std::vector<std::string>{"Anna", "Carl"}));
}

TEST_P(GalleryContract, ErasesPeople) {
  enroll_two();
  EXPECT_EQ(gallery_->remove("Anna", "tester"), 2);
  EXPECT_EQ(names(), std::vector<std::string>{"Bob"});
  EXPECT_EQ(gallery_->info().examples, 1);
  EXPECT_EQ(gallery_->nearest(kEast, 5).size(), 1U);
  EXPECT_EQ(code_of([&] { gallery_->remove("Anna", "tester"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { gallery_->examples("Anna"); }), ErrorCode::not_found);
  EXPECT_TRUE(gallery_->check().faults.empty());
}

TEST_P(GalleryContract, ErasesAPersonWithTheLastExample) {
  enroll_two();
  const std::vector<Example> examples = gallery_->examples("Anna");
  ASSERT_EQ(examples.size(), 2U);
  gallery_->remove_example(examples[0].id, "tester");
  EXPECT_EQ(gallery_->examples("Anna").size(), 1U);
  gallery_->remove_example(examples[1].id, "tester");
  EXPECT_EQ(names(), std::vector<std::string>{"Bob"});
  EXPECT_EQ(code_of([&] { gallery_->remove_example(examples[1].id, "tester"); }),
            ErrorCode::not_found);
}

TEST_P(GalleryContract, NeverUsesAnIdAgain) {
  enroll_two();
  const std::int64_t last = gallery_->examples("Bob").back().id;
  gallery_->remove("Bob", "tester");
  gallery_->enroll(std::vector<Enrolment>{{"Bob", {example_of(3, kWest)}}}, "tester");
  EXPECT_GT(gallery_->examples("Bob").back().id, last);
}

TEST_P(GalleryContract, FindsTheClosestFirst) {
  gallery_->enroll(std::vector<Enrolment>{{"West", {example_of(1, kWest)}},
                                          {"NorthEast", {example_of(2, kNorthEast)}},
                                          {"East", {example_of(3, kEast), example_of(4, kEast)}}},
                   "tester");
  const std::vector<Neighbour> all = gallery_->nearest(kEast, 100);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].subject, "East");
  EXPECT_EQ(all[0].distance, 0);
  EXPECT_EQ(all[1].distance, 0);
  EXPECT_LT(all[0].example, all[1].example);
  EXPECT_EQ(all[2].subject, "NorthEast");
  EXPECT_NEAR(all[2].distance, 0.8, 1e-6);
  EXPECT_EQ(all[3].subject, "West");
  EXPECT_EQ(all[3].distance, 4);
  EXPECT_EQ(gallery_->nearest(kEast, 5000).size(), 4U);
  EXPECT_EQ(gallery_->nearest(kEast, std::numeric_limits<std::size_t>::max()).size(), 4U);
  EXPECT_TRUE(gallery_->nearest(kEast, 0).empty());
  ASSERT_EQ(gallery_->nearest(kEast, 1).size(), 1U);
  EXPECT_EQ(gallery_->nearest(kEast, 1)[0].example, all[0].example);
  EXPECT_THROW(gallery_->nearest(Encoding{1, 0, 0}, 1), std::logic_error);
}

TEST_P(GalleryContract, VisitsAllInTheOrderOfTheirIds) {
  std::vector<NewExample> examples;
  for (int i = 0; i < 300; ++i) examples.push_back(example_of(i, i % 2 == 0 ? kEast : kNorth));
  gallery_->enroll(std::vector<Enrolment>{{"Anna", examples}}, "tester");
  std::int64_t before = 0;
  int visited = 0;
  gallery_->visit([&](const StoredExample& stored) {
    EXPECT_GT(stored.example.id, before);
    EXPECT_EQ(stored.example.source_digest, digest_of(visited));
    EXPECT_EQ(stored.encoding, visited % 2 == 0 ? kEast : kNorth);
    before = stored.example.id;
    ++visited;
  });
  EXPECT_EQ(visited, 300);
}

TEST_P(GalleryContract, KnowsThePicturesOfAPerson) {
  enroll_two();
  EXPECT_TRUE(gallery_->has_source("Anna", digest_of(2)));
  EXPECT_FALSE(gallery_->has_source("Bob", digest_of(2)));
  EXPECT_FALSE(gallery_->has_source("Nobody", digest_of(2)));
}

TEST_P(GalleryContract, GivesTheKeptPictureOfAnExample) {
  const Bytes picture = {0, 1, 255, '\''};
  gallery_->enroll(
      std::vector<Enrolment>{{"Anna", {example_of(1, kEast, picture), example_of(2, kNorth)}},
                             {"Bob", {example_of(1, kWest, {7})}}},
      "tester");
  const std::vector<Example> examples = gallery_->examples("Anna");
  ASSERT_EQ(examples.size(), 2U);
  EXPECT_EQ(gallery_->crop(examples[0].id), picture);
  EXPECT_EQ(gallery_->crop(gallery_->examples("Bob").at(0).id), Bytes{7});
  EXPECT_EQ(code_of([&] { gallery_->crop(examples[1].id); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { gallery_->crop(1'000'000); }), ErrorCode::not_found);
  gallery_->remove_example(examples[0].id, "tester");
  EXPECT_EQ(code_of([&] { gallery_->crop(examples[0].id); }), ErrorCode::not_found);
}

TEST_P(GalleryContract, GivesOneExampleWithAllThatIsStored) {
  gallery_->enroll(
      std::vector<Enrolment>{{"Anna", {example_of(1, kEast, {1, 2}), example_of(2, kNorthEast)}}},
      "tester");
  const std::vector<Example> examples = gallery_->examples("Anna");
  ASSERT_EQ(examples.size(), 2U);
  const StoredExample first = gallery_->stored(examples[0].id);
  EXPECT_EQ(first.example.id, examples[0].id);
  EXPECT_EQ(first.example.subject, "Anna");
  EXPECT_EQ(first.example.source_digest, digest_of(1));
  EXPECT_EQ(first.encoding, kEast);
  EXPECT_EQ(first.crop, (Bytes{1, 2}));
  const StoredExample second = gallery_->stored(examples[1].id);
  EXPECT_EQ(second.encoding, kNorthEast);
  EXPECT_TRUE(second.crop.empty());
  EXPECT_EQ(code_of([&] { gallery_->stored(1'000'000); }), ErrorCode::not_found);
}

TEST_P(GalleryContract, EntersPeopleWithoutExamples) {
  const std::int64_t revision = gallery_->info().revision;
  EXPECT_EQ(gallery_->enroll(std::vector<Enrolment>{{"Anna", {}}}, "tester"), 0);
  EXPECT_GT(gallery_->info().revision, revision);
  const std::vector<Subject> people = gallery_->subjects();
  ASSERT_EQ(people.size(), 1U);
  EXPECT_EQ(people[0].name, "Anna");
  EXPECT_EQ(people[0].examples, 0);
  EXPECT_TRUE(gallery_->examples("Anna").empty());
  EXPECT_TRUE(gallery_->nearest(kEast, 5).empty());
  EXPECT_TRUE(gallery_->check().faults.empty());
  // Again: nothing changes, and nothing is logged.
  EXPECT_EQ(gallery_->enroll(std::vector<Enrolment>{{"Anna", {}}}, "tester"), 0);
  EXPECT_EQ(gallery_->audit_log().size(), 1U);
  EXPECT_EQ(gallery_->audit_log()[0].subject, gallery_->pseudonym("Anna"));
  EXPECT_EQ(gallery_->enroll(std::vector<Enrolment>{{"Anna", {example_of(1, kEast)}}}, "x"), 1);
  EXPECT_EQ(gallery_->nearest(kEast, 1).at(0).subject, "Anna");
  gallery_->enroll(std::vector<Enrolment>{{"Bob", {}}}, "tester");
  gallery_->rename("Bob", "Carl", "tester");
  EXPECT_EQ(gallery_->remove("Carl", "tester"), 0);
  EXPECT_EQ(names(), std::vector<std::string>{"Anna"});
  EXPECT_EQ(code_of([&] {
              gallery_->enroll(std::vector<Enrolment>{{" Dora", {}}}, "tester");
            }),
            ErrorCode::invalid_argument);
}

TEST_P(GalleryContract, ChangesItsModelWhenAllAreEncodedAgain) {
  gallery_->enroll(
      std::vector<Enrolment>{{"Anna", {example_of(1, kEast, {1}), example_of(2, kNorth, {2})}},
                             {"Bob", {example_of(3, kWest)}}},
      "tester");
  EXPECT_EQ(gallery_->waiting_for(kNextModel, 1).size(), 1U);
  const std::vector<StoredExample> waiting = gallery_->waiting_for(kNextModel, 10);
  ASSERT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting[1].crop, Bytes{2});
  const std::vector<std::int64_t> ids = {waiting[0].example.id, waiting[1].example.id};
  const std::vector<Encoding> encodings = {{0, 0, 1}, {0, 1, 0}};
  gallery_->add_encodings(kNextModel, ids, encodings);
  EXPECT_TRUE(gallery_->waiting_for(kNextModel, 10).empty());
  EXPECT_EQ(gallery_->nearest(kWest, 1).at(0).subject, "Bob");
  const auto change = [&] { gallery_->change_model(kNextModel, "tester"); };
  EXPECT_EQ(code_of(change), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(change).find("1 "), std::string::npos);
  EXPECT_EQ(gallery_->info().model, kTinyModel);
  gallery_->remove("Bob", "tester");
  change();
  EXPECT_EQ(gallery_->info().model, kNextModel);
  const std::vector<Neighbour> found = gallery_->nearest(encodings[1], 5);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].example, ids[1]);
  EXPECT_TRUE(gallery_->check().faults.empty());
}

TEST_P(GalleryContract, LogsWhatWasDoneWithoutNames) {
  enroll_two();
  gallery_->rename("Bob", "Carl", "admin");
  gallery_->remove("Anna", "admin");
  gallery_->record("admin", "export", "Carl", "one file");
  gallery_->record("admin", "start", "", "");
  const std::vector<AuditEntry> log = gallery_->audit_log();
  ASSERT_EQ(log.size(), 6U);
  EXPECT_EQ(log[0].action, "enroll");
  EXPECT_EQ(log[0].actor, "tester");
  EXPECT_EQ(log[0].subject, gallery_->pseudonym("Anna"));
  EXPECT_EQ(log[3].action, "remove");
  EXPECT_EQ(log[3].subject, log[0].subject);
  EXPECT_EQ(log[4].subject, gallery_->pseudonym("Carl"));
  EXPECT_EQ(log[5].subject, "");
  EXPECT_EQ(log[0].subject.size(), 16U);
  EXPECT_NE(log[0].subject, log[1].subject);
  for (std::size_t i = 0; i < log.size(); ++i) {
    EXPECT_EQ(log[i].sequence, static_cast<std::int64_t>(i) + 1);
    for (const std::string& text : {log[i].subject, log[i].detail})
      for (const char* name : {"Anna", "Bob", "Carl"})
        EXPECT_EQ(text.find(name), std::string::npos) << text;
  }
  const GalleryCheck check = gallery_->check();
  EXPECT_TRUE(check.faults.empty());
  EXPECT_EQ(check.audit_entries, 6);
  EXPECT_EQ(check.examples, 1);
}

}  // namespace
}  // namespace likeness
