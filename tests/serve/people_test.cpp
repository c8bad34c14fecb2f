#include "serve/people.h"

#include <gtest/gtest.h>
#include <likeness/gallery/embedded_gallery.h>

#include "serve/face_service.h"
#include "serve/problem_of.h"
#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness::serve {
namespace {

const Caller kDoor = {.id = "0a1b2c3d", .name = "front door", .role = Role::enrol};

class PeopleTest : public FaceService {
 protected:
  void SetUp() override {
    FaceService::SetUp();
    if (IsSkipped()) return;
    engine_ = engine();
    people_ = people("people.gallery", {.calibration = builtin_calibration("duo")});
  }
  std::unique_ptr<People> people(const std::string& name, const PeopleOptions& options) {
    const GalleryModel model = {"duo", std::string(64, 'a'), engine_->dimensions()};
    create_embedded_gallery(folder_.path() / name, {}, model);
    return std::make_unique<People>(open_embedded_gallery(folder_.path() / name, {}), *engine_,
                                    options);
  }
  EnrolmentAnswer enrol(const std::string& name, const std::vector<std::string>& files,
                        bool must_exist = false) {
    std::vector<PhotoRequest> photos;
    for (const std::string& file : files)
      photos.push_back({.bytes = file, .name = "photo", .filename = "a\n.jpg"});
    return people_->enrol(name, photos, must_exist, kDoor, in_a_minute());
  }
  IdentifiedPhoto identify(const std::string& file, const OpenSetOptions& rule = {}) {
    return people_->identify({.bytes = file, .name = "photo"}, 2, rule, kDoor, in_a_minute());
  }
  AuditEntry last_entry() { return people_->gallery().audit_log().back(); }

  TemporaryFolder folder_;
  std::unique_ptr<FaceEngine> engine_;
  std::unique_ptr<People> people_;
};

TEST(PeopleActor, IsTheKeyOrLocal) {
  EXPECT_EQ(People::actor(kDoor), "key 0a1b2c3d (front door)");
  EXPECT_EQ(People::actor({.name = "local", .role = Role::admin}), "local");
}

TEST_F(PeopleTest, KnowsWhoWasEnrolledAndNobodyElse) {
  const EnrolmentAnswer anna = enrol("Anna", {as_jpeg(kAnnaOnce)});
  EXPECT_EQ(anna.added, 1);
  ASSERT_EQ(anna.photos.size(), 1U);
  EXPECT_GT(anna.photos[0].quality, 0.3);
  EXPECT_EQ(anna.photos[0].faces, 1U);
  EXPECT_FALSE(anna.photos[0].looks_like);
  const std::vector<Example> examples = people_->examples("Anna", kDoor);
  ASSERT_EQ(examples.size(), 1U);
  EXPECT_EQ(anna.photos[0].example, examples[0].id);
  EXPECT_EQ(examples[0].source, "a?.jpg") << "a client's file name is kept without line breaks";
  enrol("Carla", {as_jpeg(kCarlaOnce)});

  const IdentifiedPhoto answer = identify(as_jpeg(kAnnaAgain));
  EXPECT_EQ(answer.people, 2);
  EXPECT_EQ(answer.examples, 2);
  EXPECT_EQ(answer.fpir, 1e-2);
  ASSERT_EQ(answer.faces.size(), 1U);
  ASSERT_EQ(answer.faces[0].matches.size(), 1U);
  EXPECT_EQ(answer.faces[0].matches[0].subject, "Anna");
  const IdentifiedPhoto stranger = identify(as_jpeg(kBerta));
  ASSERT_EQ(stranger.faces.size(), 1U);
  EXPECT_TRUE(stranger.faces[0].matches.empty());
  EXPECT_TRUE(stranger.faces[0].nearest);
}

TEST_F(PeopleTest, EveryAccessIsRecordedWithItsCaller) {
  enrol("Anna", {as_jpeg(kAnnaOnce)});
  EXPECT_EQ(last_entry().action, "enroll");
  EXPECT_EQ(last_entry().actor, "key 0a1b2c3d (front door)");
  const std::string anna = people_->gallery().pseudonym("Anna");
  identify(as_jpeg(side_by_side(std::vector{kAnnaAgain, kBerta}, 2, 400, 500)));
  EXPECT_EQ(last_entry().action, "identify");
  EXPECT_EQ(last_entry().subject, "");
  EXPECT_EQ(last_entry().detail, "faces 2, matches 1");
  people_->examples("Anna", kDoor);
  EXPECT_EQ(last_entry().action, "show");
  EXPECT_EQ(last_entry().subject, anna);
  people_->page("", 10, kDoor);
  EXPECT_EQ(last_entry().action, "list");
  EXPECT_EQ(last_entry().detail, "1 person");
  people_->rename("Anna", "Ann", {.name = "local"});
  EXPECT_EQ(last_entry().action, "rename");
  EXPECT_EQ(last_entry().actor, "local");
  EXPECT_EQ(people_->remove("Ann", kDoor), 1);
  EXPECT_EQ(last_entry().action, "remove");
  EXPECT_EQ(people_->gallery().audit_log().size(), 6U) << "one entry a request";
  EXPECT_TRUE(people_->gallery().check().faults.empty());
}

TEST_F(PeopleTest, APhotoIsEnrolledOnce) {
  const std::string photo = as_jpeg(kAnnaOnce);
  const EnrolmentAnswer first = enrol("Anna", {photo, photo});
  EXPECT_EQ(first.added, 1);
  EXPECT_EQ(first.already_enrolled, 1);
  const EnrolmentAnswer again = enrol("Anna", {photo, as_jpeg(kAnnaAgain)}, true);
  EXPECT_EQ(again.added, 1);
  EXPECT_EQ(again.already_enrolled, 1);
  ASSERT_EQ(again.photos.size(), 2U);
  EXPECT_TRUE(again.photos[0].already_enrolled);
  EXPECT_EQ(again.photos[0].example, first.photos[0].example);
  EXPECT_EQ(again.photos[0].quality, first.photos[0].quality);
  EXPECT_FALSE(again.photos[1].already_enrolled);
  EXPECT_GT(again.photos[1].example, first.photos[0].example);
}

TEST_F(PeopleTest, NothingIsEnrolledWhereOnePhotoCannotBe) {
  const auto refusal = [&](const std::string& second) {
    return code_of([&] { enrol("Anna", {as_jpeg(kAnnaOnce), second}); });
  };
  EXPECT_EQ(refusal(empty_scene()), ErrorCode::no_face);
  EXPECT_EQ(refusal("no picture"), ErrorCode::unsupported_format);
  EXPECT_EQ(code_of([&] { enrol(" Anna", {as_jpeg(kAnnaOnce)}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { enrol("Anna", {as_jpeg(kAnnaOnce)}, true); }), ErrorCode::not_found);
  EXPECT_TRUE(people_->subjects().empty());
}

TEST_F(PeopleTest, TellsWhoLooksLikeSomebodyElseAndWhatCouldBeBetter) {
  enrol("Anna", {as_jpeg(kAnnaOnce)});
  const EnrolmentAnswer other =
      enrol("Berta", {as_jpeg(side_by_side(std::vector{kAnnaAgain, kDora}, 2, 400, 500))});
  ASSERT_EQ(other.photos.size(), 1U);
  EXPECT_EQ(other.photos[0].faces, 2U);
  std::string remarks;
  for (const std::string& remark : other.photos[0].remarks) remarks += remark + "\n";
  EXPECT_NE(remarks.find("shows 2 faces"), std::string::npos) << remarks;
  const EnrolmentAnswer same = enrol("Clara", {as_jpeg(kAnnaAgain)});
  EXPECT_TRUE(same.photos.at(0).looks_like);
  EXPECT_NE(same.photos[0].looks_like, "Clara");
}

TEST_F(PeopleTest, PeopleMayBeEnteredWithoutPhotos) {
  EXPECT_EQ(enrol("Anna", {}).added, 0);
  const PeoplePage page = people_->page("", 10, kDoor);
  ASSERT_EQ(page.people.size(), 1U);
  EXPECT_EQ(page.people[0].examples, 0);
  EXPECT_FALSE(page.people[0].example);
  EXPECT_EQ(enrol("Anna", {as_jpeg(kAnnaOnce)}, true).added, 1);
}

TEST_F(PeopleTest, TheThresholdFollowsTheNumberOfExamples) {
  enrol("Anna", {as_jpeg(kAnnaOnce)});
  const float before = identify(as_jpeg(kBerta)).threshold;
  EXPECT_EQ(before, OpenSetRule(builtin_calibration("duo"), 1).threshold());
  enrol("Anna", {as_jpeg(kAnnaAgain)});
  enrol("Carla", {as_jpeg(kCarlaOnce)});
  const IdentifiedPhoto after = identify(as_jpeg(kBerta));
  EXPECT_EQ(after.examples, 3);
  EXPECT_LT(after.threshold, before);
  people_->remove("Carla", kDoor);
  EXPECT_EQ(identify(as_jpeg(kBerta)).examples, 2);
  EXPECT_EQ(identify(as_jpeg(kBerta), {.threshold = 0.5F}).threshold, 0.5F);
  EXPECT_EQ(identify(as_jpeg(kBerta), {.fpir = 1e-3}).fpir, 1e-3);
}

TEST_F(PeopleTest, FacesAreShownWhereTheyAreKept) {
  const std::int64_t without = enrol("Anna", {as_jpeg(kAnnaOnce)}).photos.at(0).example;
  EXPECT_EQ(code_of([&] { people_->picture("Anna", without, kDoor); }), ErrorCode::not_found);
  people_ = people("kept.gallery", {.keep_crops = true, .calibration = builtin_calibration("duo")});
  enrol("Bob", {as_jpeg(kBerta)});
  const std::int64_t id = enrol("Anna", {as_jpeg(kAnnaOnce)}).photos.at(0).example;
  const Image picture = decode_image(people_->picture("Anna", id, kDoor), "picture");
  EXPECT_GT(picture.width(), 100);
  EXPECT_EQ(last_entry().action, "picture");
  EXPECT_EQ(last_entry().detail, "example " + std::to_string(id));
  const PeoplePage page = people_->page("", 10, kDoor);
  ASSERT_EQ(page.people.size(), 2U);
  EXPECT_EQ(page.people[0].example, id);
  EXPECT_TRUE(page.people[0].has_crop);
  EXPECT_EQ(code_of([&] { people_->picture("Bob", id, kDoor); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { people_->remove_example("Bob", id, kDoor); }), ErrorCode::not_found);
  people_->remove_example("Anna", id, kDoor);
  EXPECT_EQ(code_of([&] { people_->picture("Anna", id, kDoor); }), ErrorCode::not_found);
}

TEST_F(PeopleTest, PagesGoOnAfterAName) {
  for (const char* name : {"b", "a", "c", "d"}) enrol(name, {});
  const PeoplePage first = people_->page("", 2, kDoor);
  EXPECT_EQ(first.total, 4);
  ASSERT_EQ(first.people.size(), 2U);
  EXPECT_EQ(first.people[1].name, "b");
  ASSERT_EQ(first.next, "b");
  const PeoplePage last = people_->page(*first.next, 2, kDoor);
  ASSERT_EQ(last.people.size(), 2U);
  EXPECT_EQ(last.people[0].name, "c");
  EXPECT_FALSE(last.next);
  EXPECT_TRUE(people_->page("d", 2, kDoor).people.empty());
  EXPECT_EQ(people_->page("bb", 9, kDoor).people.size(), 2U);
}

TEST_F(PeopleTest, TheGalleryMustBeOfTheEnginesModel) {
  const GalleryModel other = {"resnet", std::string(64, 'b'), 128};
  create_embedded_gallery(folder_.path() / "other", {}, other);
  EXPECT_EQ(
      code_of([&] { People(open_embedded_gallery(folder_.path() / "other", {}), *engine_, {}); }),
      ErrorCode::invalid_argument);
  people_->gallery().change_model(other, "tester");
  EXPECT_EQ(code_of([&] { identify(as_jpeg(kBerta)); }), ErrorCode::unavailable);
}

TEST_F(PeopleTest, WithoutCalibrationAThresholdIsNeeded) {
  people_ = people("uncalibrated.gallery", {});
  EXPECT_EQ(enrol("Anna", {as_jpeg(kAnnaOnce)}).added, 1);
  EXPECT_EQ(code_of([&] { identify(as_jpeg(kAnnaAgain)); }), ErrorCode::invalid_argument);
  const IdentifiedPhoto answer = identify(as_jpeg(kAnnaAgain), {.threshold = 4.0F});
  EXPECT_FALSE(answer.fpir);
  EXPECT_EQ(answer.faces.at(0).matches.at(0).subject, "Anna");
}

}  // namespace
}  // namespace likeness::serve
