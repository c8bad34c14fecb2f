/// likeness enroll, identify and gallery: one photo of a person, found again among many.

#include <cstdlib>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>

#include "support/encodings.h"
#include "support/face_photos.h"
#include "support/made_files.h"
#include "support/tiny_disk.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Women with two pictures each; woman3 is woman1 again, woman6 another's.
class GalleryCommands : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    people_folder("people");
    fs::create_directory(file("known"));
    for (const char* name : {"woman1", "woman2", "woman4", "woman5"})
      fs::copy_file(file("people/" + std::string(name) + "/1.jpg"),
                    file("known/" + std::string(name) + ".jpg"));
  }

  Outcome run(Arguments arguments, const std::string& gallery = "people.gallery") const {
    const std::size_t at = arguments.front() == "gallery" ? 2 : 1;
    const Arguments where = {"--gallery", file(gallery), "--key-file", file("key")};
    arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(at), where.begin(),
                     where.end());
    return run_likeness(arguments);
  }
  Json run_json(Arguments arguments, int exit_code = 0) const {
    arguments.emplace_back("--json");
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    return json_of(outcome.out);
  }
  void enroll_known() const {
    const Outcome outcome = run({"enroll", "--dir", file("known"), "--keep-crops"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  std::string second(const std::string& name) const { return file("people/" + name + "/2.jpg"); }
};

TEST_F(GalleryCommands, FindsPeopleAgainAndKnowsStrangers) {
  enroll_known();
  const Json found = run_json({"identify", second("woman1"), second("woman4"), "--top", "9"});
  EXPECT_EQ(found.at("examples"), 4);
  EXPECT_EQ(found.at("fpir"), 0.01);
  ASSERT_EQ(found.at("photos").size(), 2U);
  for (const auto& [photo, name] : {std::pair(0, "woman1"), std::pair(1, "woman4")}) {
    const Json& face = found.at("photos").at(photo).at("faces").at(0);
    EXPECT_EQ(face.at("matches").at(0).at("subject"), name);
    EXPECT_LT(face.at("matches").at(0).at("distance"), found.at("threshold"));
    EXPECT_GT(face.at("matches").at(0).at("probability"), 0.5);
    EXPECT_GT(face.at("box").at("width"), 20);
  }
  const Json stranger = run_json({"identify", second("woman8")}, 1);
  EXPECT_TRUE(stranger.at("photos").at(0).at("faces").at(0).at("matches").empty());
  const Outcome words = run({"identify", second("woman8"), "--unknown-label", "nobody"});
  EXPECT_TRUE(has(words.out, ": nobody (nearest: ")) << words.out;
  EXPECT_TRUE(has(words.out, "a stranger is taken for somebody 1 in 100")) << words.out;
}

TEST_F(GalleryCommands, ASecondRunDoesOnlyWhatIsMissing) {
  enroll_known();
  fs::copy_file(second("woman7"), file("known/woman7.jpg"));
  write_file(file("known/broken.jpg"), "no picture");
  const Json again = run_json({"enroll", "--dir", file("known")}, 1);
  EXPECT_EQ(again.at("enrolled"), 1);
  EXPECT_EQ(again.at("already_enrolled"), 4);
  EXPECT_EQ(again.at("failed").size(), 1U);
  EXPECT_EQ(run_json({"gallery", "list"}).at("people").size(), 5U);
}

TEST_F(GalleryCommands, ProcessesShareAFolder) {
  // One of them fails at this; a launcher that is told so would end the others.
  write_file(file("people/broken.jpg"), "no picture");
  for (const int processes : {2, 4}) {
    const std::string gallery = std::to_string(processes) + ".gallery";
    const std::string command =
        "mpirun --allow-run-as-root --oversubscribe -n " + std::to_string(processes) + " " +
        LIKENESS_PROGRAM + " enroll --threads 1 --dir " + file("people") + " --gallery " +
        file(gallery) + " --key-file " + file("key") + " >" + file("log") + " 2>&1";
    if (std::system("command -v mpirun >/dev/null") != 0) GTEST_SKIP() << "there is no mpirun";
    EXPECT_EQ(std::system(command.c_str()), 0) << text_of(file("log"));
    const Outcome list = run({"gallery", "stats", "--json"}, gallery);
    EXPECT_EQ(json_of(list.out).at("examples"), 24) << text_of(file("log"));
    // A second run, by one process, finds nothing to do.
    const Outcome again = run({"enroll", "--dir", file("people"), "--json"}, gallery);
    EXPECT_EQ(json_of(again.out).at("already_enrolled"), 24) << again.err;
    EXPECT_EQ(again.exit_code, 1);
  }
}

TEST_F(GalleryCommands, WarnsAboutDoubtfulEnrolments) {
  enroll_known();
  const Json twice = run_json({"enroll", "Somebody", second("woman1")});
  EXPECT_EQ(twice.at("photos").at(0).at("looks_like"), "woman1");
  const Json asked = run_json({"identify", second("woman1"), "--top", "2"});
  EXPECT_EQ(asked.at("photos").at(0).at("faces").at(0).at("ambiguous"), true);
  const Outcome group = run({"enroll", "Group", group_file("group.jpg")});
  EXPECT_EQ(group.exit_code, 0);
  EXPECT_TRUE(has(group.err, "faces; the largest and most central one was taken")) << group.err;
  const Outcome nobody = run({"enroll", "Nobody", file("known")}, "other.gallery");
  EXPECT_EQ(nobody.exit_code, 0) << nobody.err;
}

TEST_F(GalleryCommands, LooksAfterPeople) {
  enroll_known();
  EXPECT_EQ(run({"gallery", "rename", "woman1", "Anna Smith"}).exit_code, 0);
  EXPECT_EQ(run({"gallery", "rename", "woman2", "Anna Smith"}).exit_code, 2);
  const Json shown = run_json({"gallery", "show", "Anna Smith"});
  EXPECT_EQ(shown.at("examples").at(0).at("source"), "woman1.jpg");
  EXPECT_EQ(shown.at("examples").at(0).at("sha256"),
            sha256(read_file(file("known/woman1.jpg"), std::size_t{1} << 24)));
  EXPECT_EQ(run_json({"gallery", "remove", "Anna Smith"}).at("removed_examples"), 1);
  EXPECT_EQ(run({"gallery", "show", "Anna Smith"}).exit_code, 2);
  run_json({"identify", second("woman1")}, 1);
  const Json audit = run_json({"gallery", "audit"});
  EXPECT_EQ(audit.at("sound"), true);
  EXPECT_EQ(audit.at("log").back().at("action"), "remove");
  EXPECT_FALSE(has(audit.dump(), "Anna"));
  EXPECT_EQ(run_json({"gallery", "stats"}).at("protection"), "key file");
}

TEST_F(GalleryCommands, MovesFromGalleryToGallery) {
  enroll_known();
  ASSERT_EQ(run({"gallery", "export", file("all.jsonl")}).exit_code, 0);
  ASSERT_EQ(run({"gallery", "import", file("all.jsonl")}, "other.gallery").exit_code, 0);
  const Outcome list = run({"gallery", "list"}, "other.gallery");
  EXPECT_TRUE(has(list.out, "woman5  (1 example)")) << list.out;
  // A person who was entered without a photo moves too.
  write_file(file("more.jsonl"), text_of(file("all.jsonl")) + "{\"subject\":\"Nobody Yet\"}\n");
  ASSERT_EQ(run({"gallery", "import", file("more.jsonl")}, "other.gallery").exit_code, 0);
  ASSERT_EQ(run({"gallery", "export", file("again.jsonl")}, "other.gallery").exit_code, 0);
  EXPECT_TRUE(has(text_of(file("again.jsonl")), "{\"subject\":\"Nobody Yet\"}\n"));
  std::string hostile = text_of(file("all.jsonl"));
  hostile.replace(hostile.find("woman1"), 6, "../../etc/passwd");
  write_file(file("hostile.jsonl"), hostile);
  EXPECT_EQ(run({"gallery", "import", file("hostile.jsonl")}, "third.gallery").exit_code, 0);
  EXPECT_FALSE(fs::exists(folder().parent_path() / "etc"));
  for (const std::string bad : {"", "{}", "[1]\n", "{\"likeness_gallery\": 7}"}) {
    write_file(file("bad.jsonl"), bad);
    const Outcome outcome = run({"gallery", "import", file("bad.jsonl")}, "fourth.gallery");
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_TRUE(has(outcome.err, "bad.jsonl, line 1")) << outcome.err;
  }
}

TEST(GalleryOnAFullDisk, SaysSoAndStaysWhole) {
  const TinyDisk disk("12m");
  LIKENESS_SKIP_WHEN(disk.error());
  const TemporaryFolder folder;
  const std::string archive = (folder.path() / "many.jsonl").string();
  std::string lines = R"({"likeness_gallery":1,"model":"any","weights":"0","dimensions":4})"
                      "\n";
  for (int i = 0; i < 6000; ++i) {
    const std::string digits = std::to_string(100'000 + i);
    lines += R"({"subject":"Person )" + digits +
             R"(","source":"a.jpg","face":0,"quality":1,"sha256":")" + std::string(58, '0') +
             digits + R"(","encoding":"AACAPwAAAAAAAAAAAAAAAA==","crop":")" +
             std::string(2000, 'A') + "\"}\n";
  }
  write_file(archive, lines);
  const auto with_gallery = [&](std::vector<std::string> arguments) {
    const std::string gallery = (disk.path() / "people.gallery").string();
    arguments.insert(arguments.end(), {"--json", "--gallery", gallery, "--key-file",
                                       (folder.path() / "key").string()});
    return run_likeness(arguments);
  };
  const Outcome outcome = with_gallery({"gallery", "import", archive});
  EXPECT_EQ(outcome.exit_code, 2);
  const Json error = json_of(outcome.err).at("error");
  EXPECT_EQ(error.at("code"), "write_failed");
  EXPECT_TRUE(has(error.at("message"), "the disk is full")) << error;
  const Json audit = json_of(with_gallery({"gallery", "audit"}).out);
  EXPECT_EQ(audit.at("sound"), true) << audit;
  const int examples = audit.at("examples");
  EXPECT_GT(examples, 0);
  EXPECT_EQ(examples % 1000, 0) << "half a transaction";
}

TEST_F(GalleryCommands, ChangesItsModel) {
  enroll_known();
  const Outcome other = run({"identify", second("woman1"), "--model", "mobilefacenet"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_TRUE(has(other.err, "gallery reencode --model mobilefacenet")) << other.err;
  ASSERT_EQ(run({"gallery", "reencode", "--model", "mobilefacenet"}).exit_code, 0);
  const Json found = run_json({"identify", second("woman1")});
  EXPECT_EQ(found.at("model"), "mobilefacenet");
  EXPECT_EQ(found.at("photos").at(0).at("faces").at(0).at("matches").at(0).at("subject"), "woman1");
}

TEST_F(GalleryCommands, OpensWithItsKeyOnly) {
  enroll_known();
  ASSERT_EQ(run({"gallery", "change-key", "--new-key-file", file("new")}).exit_code, 0);
  const Outcome old = run({"gallery", "list"});
  EXPECT_EQ(old.exit_code, 2);
  EXPECT_TRUE(has(old.err, "another key file")) << old.err;
  fs::rename(file("new"), file("key"));
  EXPECT_EQ(run({"gallery", "list"}).exit_code, 0);
  fs::remove(file("key"));
  EXPECT_TRUE(has(run({"gallery", "list"}).err, "say where it is with --key-file"));
}

TEST_F(GalleryCommands, PrintsTheLinesOfFaceRecognition) {
  fs::create_directory(file("unknown"));
  fs::copy_file(second("woman1"), file("unknown/a.jpg"));
  fs::copy_file(second("woman8"), file("unknown/b.jpg"));
  write_image(file("unknown/c.jpg"), pattern(200, 200));
  const Outcome lines =
      run_likeness({"identify", file("known"), file("unknown"), "--format", "face_recognition"});
  EXPECT_EQ(lines.exit_code, 1) << lines.err;
  EXPECT_EQ(lines.out, file("unknown/a.jpg") + ",woman1\n" + file("unknown/b.jpg") +
                           ",unknown_person\n" + file("unknown/c.jpg") + ",no_persons_found\n");
}

TEST_F(GalleryCommands, RefusesBadInput) {
  const auto refused = [&](const Arguments& arguments, std::string_view part) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << part;
    EXPECT_TRUE(has(outcome.err, part)) << outcome.err;
  };
  refused({"identify", second("woman1")}, "enrol somebody first");
  refused({"enroll", "Anna"}, "give a name and one photo or more");
  refused({"enroll", "A\nB", second("woman1")}, "control characters");
  refused({"enroll", std::string(10'000, 'a'), second("woman1")}, "10000 bytes");
  refused({"enroll", "Anna", file("none.jpg")}, "no such file");
  write_image(file("empty.jpg"), pattern(200, 200));
  refused({"enroll", "Anna", file("empty.jpg")}, "no face found");
  refused({"enroll", "Anna", "--dir", file("known")}, "leave out 'Anna'");
  enroll_known();
  refused({"identify", second("woman1"), "--fpir", "2"}, "must lie between 0 and 1");
  refused({"identify", second("woman1"), "--fpir", "0.1", "--threshold", "1"}, "not both");
  refused({"gallery", "remove", "Nobody"}, "'Nobody'");
  refused({"gallery", "export", file("no/where.jsonl")}, "where.jsonl");
}

}  // namespace
}  // namespace likeness
