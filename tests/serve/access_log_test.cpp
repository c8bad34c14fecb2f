#include "serve/access_log.h"

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <nlohmann/json.hpp>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness::serve {
namespace {

std::string text_of(const std::filesystem::path& path) {
  const Bytes bytes = read_file(path, 1 << 20);
  return {bytes.begin(), bytes.end()};
}

TEST(AccessLog, TellsWhatHappenedAndNothingOfWhatWasSent) {
  const TemporaryFolder folder;
  Route route;
  route.pattern = "/v1/people/{name}";
  HttpRequest request;
  request.method = "GET";
  request.path = "/v1/people/Anna";
  request.values = {{"name", "Anna"}};
  request.query = {{"after", "Berta"}};
  request.headers = {{"x-api-key", "lk_secret"}};
  request.body = "picture";
  request.caller.id = "3f9a01c7";
  request.caller.name = "Clara";
  {
    AccessLog log(folder.path() / "log");
    log.add({.request = request,
             .route = &route,
             .status = 500,
             .code = "internal",
             .failure = "broken \xff",
             .seconds = 0.0123,
             .bytes_in = 7,
             .bytes_out = 99});
  }
  const std::string line = text_of(folder.path() / "log");
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json.at("route"), "/v1/people/{name}");
  EXPECT_EQ(json.at("key"), "3f9a01c7");
  EXPECT_EQ(json.at("status"), 500);
  EXPECT_EQ(json.at("ms"), 12.3);
  EXPECT_EQ(json.at("in"), 7);
  for (const char* hidden : {"Anna", "Berta", "Clara", "secret", "picture"})
    EXPECT_EQ(line.find(hidden), std::string::npos) << hidden;
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(AccessLog, GoesOnWhereItEndedAndNamesAFileThatCannotBeWritten) {
  const TemporaryFolder folder;
  for (const char* text : {"first", "second"}) AccessLog(folder.path() / "log").note(text);
  const std::string both = text_of(folder.path() / "log");
  EXPECT_LT(both.find("first"), both.find("second"));
  EXPECT_EQ(code_of([&] { AccessLog log(folder.path() / "no" / "log"); }), ErrorCode::write_failed);
}

}  // namespace
}  // namespace likeness::serve
