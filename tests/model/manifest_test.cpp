#include <string>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/model/manifest.h>
#include <nlohmann/json.hpp>

#include "support/error_code.h"

namespace likeness {
namespace {

using nlohmann::json;

/// A manifest with one model that has a file and one that combines it with itself.
json good() {
  return json::parse(R"({"models": [
    {"id": "tiny", "task": "face encoder", "summary": "s", "licence": "MIT", "input": "1x1 RGB",
     "quality": "none", "converter": "c",
     "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "bytes": 10,
     "source": {"package": "@scope/tiny-face", "version": "1.2.3-beta.1", "files": [
       {"path": "model/a.bin", "bytes": 7,
        "sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]}},
    {"id": "both", "task": "face encoder", "summary": "s", "licence": "MIT", "input": "i",
     "parts": ["tiny", "tiny"], "shares": [0.5, 0.5], "crops": 5}]})");
}

void expect_manifest_refused(const json& manifest, const std::string& part) {
  SCOPED_TRACE(part);
  const std::string text = manifest.dump();
  const auto parse = [&] { parse_manifest(text, "m.json"); };
  EXPECT_EQ(code_of(parse), ErrorCode::corrupt_file);
  EXPECT_NE(message_of(parse).find(part), std::string::npos) << message_of(parse);
}

TEST(Manifest, ReadsEveryField) {
  const Manifest manifest = parse_manifest(good().dump(), "m.json");
  ASSERT_EQ(manifest.models.size(), 2U);
  const ModelEntry& tiny = manifest.find("tiny");
  EXPECT_EQ(tiny.task, "face encoder");
  EXPECT_EQ(tiny.summary, "s");
  EXPECT_EQ(tiny.licence, "MIT");
  EXPECT_EQ(tiny.input, "1x1 RGB");
  EXPECT_EQ(tiny.quality, "none");
  EXPECT_EQ(tiny.converter, "c");
  EXPECT_EQ(tiny.bytes, 10);
  EXPECT_EQ(tiny.sha256.substr(0, 4), "0123");
  ASSERT_TRUE(tiny.source.has_value());
  EXPECT_EQ(tiny.source->package, "@scope/tiny-face");
  EXPECT_EQ(tiny.source->version, "1.2.3-beta.1");
  ASSERT_EQ(tiny.source->files.size(), 1U);
  EXPECT_EQ(tiny.source->files[0].path, "model/a.bin");
  EXPECT_EQ(tiny.source->files[0].bytes, 7);
  EXPECT_EQ(tiny.source->files[0].sha256, std::string(64, 'a'));

  const ModelEntry& both = manifest.find("both");
  EXPECT_EQ(both.parts, (std::vector<std::string>{"tiny", "tiny"}));
  EXPECT_EQ(both.crops, 5);
  EXPECT_EQ(tiny.crops, 1);
  EXPECT_FALSE(both.source.has_value());
  EXPECT_EQ(both.quality, "");
}

TEST(Manifest, AnUnknownIdIsAnsweredWithTheKnownOnes) {
  const Manifest manifest = parse_manifest(good().dump(), "m.json");
  EXPECT_EQ(code_of([&] { manifest.find("huge"); }), ErrorCode::not_found);
  EXPECT_EQ(message_of([&] { manifest.find("huge"); }),
            "there is no model 'huge'; use one of tiny, both");
}

TEST(Manifest, NamesTheFieldThatIsMissing) {
  for (const std::string field :
       {"id", "task", "summary", "licence", "input", "converter", "sha256", "bytes", "source"}) {
    auto manifest = good();
    manifest["models"][0].erase(field);
    expect_manifest_refused(manifest, field);
  }
  for (const std::string field : {"package", "version", "files"}) {
    auto manifest = good();
    manifest["models"][0]["source"].erase(field);
    expect_manifest_refused(manifest, "'tiny' source needs the " +
                                          std::string(field == "files" ? "list" : "text") + " '" +
                                          field);
  }
  for (const std::string field : {"path", "sha256", "bytes"}) {
    auto manifest = good();
    manifest["models"][0]["source"]["files"][0].erase(field);
    expect_manifest_refused(manifest, "'tiny' source file needs");
  }
  expect_manifest_refused(json::parse("{}"), "needs the list 'models'");
  expect_manifest_refused(json::parse(R"({"models": []})"), "needs the list 'models'");
  expect_manifest_refused(json::parse("[]"), "is not an object");
  expect_manifest_refused(json::parse(R"({"models": [3]})"), "model 1 is not an object");
}

TEST(Manifest, RefusesValuesOfTheWrongKind) {
  const auto with = [](const char* field, const json& value) {
    auto manifest = good();
    manifest["models"][0][field] = value;
    return manifest;
  };
  expect_manifest_refused(with("task", 3), "needs the text 'task'");
  expect_manifest_refused(with("task", ""), "needs the text 'task'");
  expect_manifest_refused(with("id", "../evil"), "id '../evil'");
  expect_manifest_refused(with("id", "Tiny"), "id 'Tiny'");
  expect_manifest_refused(with("quality", 3), "needs the text 'quality'");
  expect_manifest_refused(with("bytes", -1), "size in bytes");
  expect_manifest_refused(with("bytes", 0), "size in bytes");
  expect_manifest_refused(with("bytes", 1.5), "size in bytes");
  expect_manifest_refused(with("bytes", std::int64_t{1} << 40), "size in bytes");
  expect_manifest_refused(with("sha256", std::string(63, 'a')), "64 hexadecimal digits");
  expect_manifest_refused(with("sha256", std::string(64, 'A')), "64 hexadecimal digits");
  expect_manifest_refused(with("source", json::array()), "source is not an object");
}

TEST(Manifest, RefusesAFieldThatItDoesNotKnow) {
  auto manifest = good();
  manifest["models"][0]["license"] = "MIT";
  expect_manifest_refused(manifest, "'tiny' has an unknown field 'license'");
  manifest = good();
  manifest["models"][0]["source"]["files"][0]["size"] = 3;
  expect_manifest_refused(manifest, "unknown field 'size'");
}

TEST(Manifest, RefusesPackagesThatAreNotPinned) {
  for (const std::string version :
       {"^1.2.3", "1.x", "latest", "1.2", ">=1.0.0", "1.2.3 || 2.0.0"}) {
    auto manifest = good();
    manifest["models"][0]["source"]["version"] = version;
    expect_manifest_refused(manifest, "version '" + version + "', one exact version is needed");
  }
}

TEST(Manifest, RefusesPackageNamesThatCouldBeSomethingElse) {
  for (const std::string name :
       {"--registry=x", "../evil", "/etc/passwd", "git+ssh://x", "a b", "@scope", "@scope/", "@/a",
        "@a/b/c", "a;b", "file:x", ".hidden"}) {
    auto manifest = good();
    manifest["models"][0]["source"]["package"] = name;
    expect_manifest_refused(manifest, "package name '" + name + "'");
  }
}

TEST(Manifest, RefusesPathsOutsideOfThePackage) {
  for (const std::string path : {"/etc/passwd", "../a", "a/../../b", "a/", ".."}) {
    auto manifest = good();
    manifest["models"][0]["source"]["files"][0]["path"] = path;
    expect_manifest_refused(manifest, "path '" + path + "'");
  }
}

TEST(Manifest, RefusesTwoFilesOfOneName) {
  auto manifest = good();
  auto& files = manifest["models"][0]["source"]["files"];
  files.push_back(files[0]);
  files[1]["path"] = "other/a.bin";
  expect_manifest_refused(manifest, "two files called 'other/a.bin'");
}

TEST(Manifest, RefusesCombinationsOfNothing) {
  auto manifest = good();
  manifest["models"][1]["parts"] = {"tiny", "huge"};
  expect_manifest_refused(manifest, "'both' has the part 'huge'");
  manifest["models"][1]["parts"] = {"tiny", "both"};
  expect_manifest_refused(manifest, "'both' has the part 'both'");
  manifest["models"][1]["parts"] = json::array();
  expect_manifest_refused(manifest, "needs the list 'parts'");
  manifest["models"][1]["parts"] = {3, 4};
  expect_manifest_refused(manifest, "part that is not a text");
}

TEST(Manifest, RefusesNumbersOfCropsThatNobodyCanMake) {
  auto manifest = good();
  for (const json& crops : {json(0), json(2), json("5"), json(5.5), json(nullptr)}) {
    manifest["models"][1]["crops"] = crops;
    expect_manifest_refused(manifest, "'both' has \"crops\" that are neither 1 nor 5");
  }
  manifest = good();
  manifest["models"][0]["crops"] = 5;
  expect_manifest_refused(manifest, "'tiny' has an unknown field 'crops'");
}

TEST(Manifest, RefusesTheSameIdTwice) {
  auto manifest = good();
  manifest["models"][1]["id"] = "tiny";
  expect_manifest_refused(manifest, "two models have the id 'tiny'");
}

TEST(Manifest, TheOneThatIsCompiledInIsSound) {
  const Manifest& manifest = builtin_manifest();
  EXPECT_EQ(&manifest, &builtin_manifest());
  for (const std::string id : {"duo", "mobilefacenet", "resnet"})
    EXPECT_EQ(manifest.find(id).task, "face encoder");
  for (const ModelEntry& entry : manifest.models) {
    SCOPED_TRACE(entry.id);
    EXPECT_NE(entry.licence.find("MIT"), std::string::npos);
  }
}

}  // namespace
}  // namespace likeness
