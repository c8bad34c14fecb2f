#include "serve/style_routes.h"

#include <atomic>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/base64.h>
#include <likeness/core/error.h>

#include "serve/problem.h"
#include "serve/request_fields.h"
#include "serve/style_samples.h"

namespace likeness::serve {
namespace {

HttpResponse ask(const Router& router, HttpRequest request) {
  try {
    const Router::Found found = router.find(request.method, request.path);
    request.values = found.values;
    return found.route->handler(request);
  } catch (...) {
    return problem_response(std::current_exception());
  }
}

HttpRequest form(const std::string& path, std::vector<FormPart> parts, const Caller& who = kAnna) {
  return {.method = "POST", .path = path, .parts = std::move(parts), .caller = who};
}
FormPart picture(const std::string& name, const std::string& content) {
  return {.name = name, .filename = name + ".png", .content = content};
}
FormPart field(const std::string& name, const std::string& value) {
  return {.name = name, .content = value};
}

std::string code_of_problem(const HttpResponse& response) {
  EXPECT_EQ(response.content_type, "application/problem+json");
  return Json::parse(response.body).at("code");
}

struct Event {
  std::string name;
  Json data;
};
std::vector<Event> events_in(const std::string& text) {
  std::vector<Event> events;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find("\n\n", at);
    EXPECT_NE(end, std::string::npos) << "a piece that is not ended";
    if (end == std::string::npos) break;
    const std::string piece = text.substr(at, end - at);
    at = end + 2;
    if (piece.starts_with(":")) continue;
    const std::size_t line = piece.find('\n');
    EXPECT_EQ(piece.rfind("event: ", 0), 0U) << piece;
    EXPECT_EQ(piece.substr(line + 1, 6), "data: ") << piece;
    events.push_back({piece.substr(7, line - 7), Json::parse(piece.substr(line + 7))});
  }
  return events;
}

class StyleRoutes : public testing::Test {
 protected:
  StyleRoutes() { add_style_routes(router, jobs, preview, {.streams = 2}); }

  HttpResponse get(const std::string& path, const Caller& who = kAnna) {
    return ask(router, {.method = "GET", .path = path, .caller = who});
  }
  HttpResponse remove(const std::string& path, const Caller& who = kAnna) {
    return ask(router, {.method = "DELETE", .path = path, .caller = who});
  }
  HttpResponse order(std::vector<FormPart> options, const std::string& size = "64") {
    options.push_back(picture("content", content_file()));
    options.push_back(picture("style", style_file()));
    options.push_back(field("size", size));
    return ask(router, form("/v1/style/jobs", std::move(options)));
  }
  static std::string path_of(const HttpResponse& response) {
    for (const auto& [name, value] : response.headers)
      if (name == "Location") return value;
    ADD_FAILURE() << response.status << " without Location: " << response.body;
    return {};
  }
  /// A job that is painted until it is cancelled.
  std::string long_job() {
    const std::string path = path_of(order({field("iterations", "5000")}, "224"));
    wait_until_painted(jobs, path.substr(path.rfind('/') + 1));
    return path;
  }

  TemporaryFolder folder;
  StyleJobs jobs{{.folder = folder.path() / "style", .threads = 1}};
  StylePreview preview{{.threads = 1}};
  Router router;
};

TEST_F(StyleRoutes, APreviewIsAJpegOfTheWantedSize) {
  const HttpResponse response = ask(
      router,
      form("/v1/style/preview", {picture("content", content_file()), picture("style", style_file()),
                                 field("size", "40"), field("alpha", "0.5")}));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.content_type, "image/jpeg");
  const Bytes bytes(response.body.begin(), response.body.end());
  EXPECT_EQ(decode_image(bytes, "preview").width(), 40);
  EXPECT_EQ(decode_image(bytes, "preview").height(), 30);
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers.front().first, "x-likeness-seconds");
}

TEST_F(StyleRoutes, APreviewTakesJsonAndSaysTheSame) {
  const auto base64 = [](const std::string& text) {
    return to_base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  };
  const Json body = {
      {"content", base64(content_file())}, {"style", base64(style_file())}, {"size", 40}};
  const HttpResponse json = ask(router, {.method = "POST",
                                         .path = "/v1/style/preview",
                                         .headers = {{"content-type", "application/json"}},
                                         .body = body.dump(),
                                         .caller = kAnna});
  ASSERT_EQ(json.status, 200) << json.body;
  const HttpResponse parts =
      ask(router, form("/v1/style/preview", {picture("content", content_file()),
                                             picture("style", style_file()), field("size", "40")}));
  EXPECT_EQ(json.body, parts.body);
}

TEST_F(StyleRoutes, PreviewsKeepTheCodesOfStyles) {
  const auto paint = [this](const std::string& content, const std::string& style,
                            const std::string& colours) {
    return ask(router,
               form("/v1/style/preview", {picture("content", content), picture("style", style),
                                          field("original_colors", colours), field("size", "48")}));
  };
  const std::string other = png_of(drawn_picture(48, 48));
  const std::string first = paint(content_file(), style_file(), "no").body;
  EXPECT_EQ(paint(other, style_file(), "luminance").status, 200);
  EXPECT_EQ(preview.computed_codes(), 1U);
  EXPECT_EQ(paint(content_file(), style_file(), "no").body, first);
  EXPECT_EQ(preview.computed_codes(), 1U);
  paint(content_file(), other, "no");
  EXPECT_EQ(preview.computed_codes(), 2U);
  paint(content_file(), style_file(), "match");  // one for each content
  paint(other, style_file(), "match");
  EXPECT_EQ(preview.computed_codes(), 4U);
}

TEST_F(StyleRoutes, PreviewsBeyondTheWaitingRoomAreRefused) {
  StylePreview lonely({.threads = 1, .waiting = 0});
  std::atomic<int> refused = 0;
  std::atomic<int> painted = 0;
  const auto paint = [&] {
    while (refused == 0 && painted < 200) {
      try {
        lonely.paint({.content = content_file(), .style = style_file()});
        ++painted;
      } catch (const Problem& problem) {
        EXPECT_EQ(problem.code(), "busy");
        EXPECT_TRUE(problem.retry_after().has_value());
        ++refused;
      }
    }
  };
  std::thread other(paint);
  paint();
  other.join();
  EXPECT_GT(refused, 0);
  EXPECT_GT(painted, 0);
}

TEST_F(StyleRoutes, AnOrderIsAcceptedPaintedAndFetched) {
  const HttpResponse accepted = order({field("iterations", "4"), field("format", "png")});
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  const std::string path = path_of(accepted);
  const Json job = Json::parse(accepted.body);
  EXPECT_EQ(path, "/v1/style/jobs/" + job.at("id").get<std::string>());
  EXPECT_EQ(job.at("state"), "queued");
  EXPECT_EQ(job.at("started_at"), nullptr);
  EXPECT_EQ(job.at("total_loss"), nullptr);
  EXPECT_EQ(job.at("options").at("iterations"), 4);
  EXPECT_FALSE(job.contains("owner"));
  wait_until_finished(jobs, job.at("id"));
  const Json done = Json::parse(get(path).body);
  EXPECT_EQ(done.at("state"), "done");
  EXPECT_EQ(done.at("progress"), 1);
  EXPECT_GT(done.at("total_loss").get<double>(), 0);
  EXPECT_EQ(done.at("has_preview"), true);
  EXPECT_EQ(get(path + "/result").content_type, "image/png");
  EXPECT_EQ(get(path + "/preview").content_type, "image/jpeg");
  EXPECT_EQ(get(path + "/content").content_type, "image/jpeg");
  EXPECT_EQ(Json::parse(get("/v1/style/jobs").body).at("jobs").size(), 1U);
  EXPECT_EQ(Json::parse(remove(path).body), (Json{{"removed", 1}}));
  EXPECT_EQ(get(path).status, 404);
}

TEST_F(StyleRoutes, EventsComeInOrderAndEndWithDone) {
  const std::string path = path_of(order({field("iterations", "30")}));
  const HttpResponse response = get(path + "/events");
  EXPECT_EQ(response.content_type, "text/event-stream");
  ASSERT_TRUE(response.stream);
  std::string text;
  response.stream([&text](std::string_view piece) {
    text += piece;
    return true;
  });
  const std::vector<Event> events = events_in(text);
  ASSERT_GE(events.size(), 2U);
  EXPECT_EQ(events.front().name, "progress");
  EXPECT_EQ(events.back().name, "done");
  EXPECT_EQ(events.back().data.at("state"), "done");
  double progress = 0;
  std::int64_t previewed = 0;
  for (std::size_t i = 0; i + 1 < events.size(); ++i) {
    const Event& event = events[i];
    if (event.name == "preview") {
      EXPECT_GT(event.data.at("iteration").get<std::int64_t>(), previewed);
      previewed = event.data.at("iteration");
      EXPECT_EQ(event.data.at("url"), path + "/preview?n=" + std::to_string(previewed));
      continue;
    }
    EXPECT_EQ(event.name, "progress");
    EXPECT_GE(event.data.at("progress").get<double>(), progress);
    progress = event.data.at("progress");
  }
  // Of a finished job there is one piece of news.
  std::string again;
  get(path + "/events").stream([&again](std::string_view piece) {
    again += piece;
    return true;
  });
  ASSERT_EQ(events_in(again).size(), 1U);
  EXPECT_EQ(events_in(again).front().name, "done");
}

TEST_F(StyleRoutes, EventsTellOfPreviews) {
  const std::string path = long_job();
  bool previewed = false;
  get(path + "/events").stream([&](std::string_view piece) {
    previewed |= piece.starts_with("event: preview\n");
    return !previewed;
  });
  EXPECT_TRUE(previewed);
  EXPECT_EQ(get(path + "/preview").status, 200);
}

TEST_F(StyleRoutes, AStreamEndsWhenTheClientHasGone) {
  Router impatient;
  add_style_routes(impatient, jobs, preview, {.heartbeat = std::chrono::milliseconds(1)});
  long_job();
  const std::string waiting = path_of(order({}));
  std::vector<std::string> pieces;
  ask(impatient, {.method = "GET", .path = waiting + "/events", .caller = kAnna})
      .stream([&pieces](std::string_view piece) {
        pieces.emplace_back(piece);
        return pieces.size() < 4;
      });
  ASSERT_EQ(pieces.size(), 4U);
  EXPECT_TRUE(pieces.front().starts_with("event: progress\n"));
  EXPECT_EQ(pieces.back(), ": no news\n\n");
}

TEST_F(StyleRoutes, AStreamEndsWhenTheJobIsRemovedOrTheServiceStops) {
  const std::string painted = long_job();
  const auto follow = [this](const std::string& path) {
    return std::thread(
        [stream = get(path + "/events").stream] { stream([](std::string_view) { return true; }); });
  };
  const std::string waiting = path_of(order({}));
  std::thread of_waiting = follow(waiting);
  EXPECT_EQ(Json::parse(remove(waiting).body).at("state"), "cancelled");
  EXPECT_EQ(Json::parse(remove(waiting).body).at("removed"), 1);
  of_waiting.join();
  std::thread of_painted = follow(painted);
  jobs.stop();
  of_painted.join();
}

TEST_F(StyleRoutes, OnlySoManyStreamsAreOpen) {
  const std::string path = path_of(order({field("iterations", "2")}));
  const HttpResponse one = get(path + "/events");
  {
    const HttpResponse two = get(path + "/events");
    const HttpResponse three = get(path + "/events");
    EXPECT_EQ(three.status, 503);
    EXPECT_EQ(code_of_problem(three), "busy");
  }
  EXPECT_EQ(get(path + "/events").status, 200);
}

TEST_F(StyleRoutes, WhatCannotBeOrderedIsRefused) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"mode", "slow"},         {"size", "8"},          {"size", "1025"},
      {"size", "big"},          {"iterations", "0"},    {"iterations", "5001"},
      {"time_budget", "-1"},    {"time_budget", "nan"}, {"content_weight", "-0.1"},
      {"style_weight", "1e99"}, {"style_scale", "0"},   {"style_scale", "5"},
      {"alpha", "1.5"},         {"format", "gif"},      {"original_colors", "yes"},
      {"itterations", "5"}};
  for (const auto& [name, value] : wrong) {
    const HttpResponse response =
        ask(router, form("/v1/style/jobs", {picture("content", content_file()),
                                            picture("style", style_file()), field(name, value)}));
    EXPECT_EQ(response.status, 422) << name << "=" << value;
    EXPECT_EQ(code_of_problem(response), "invalid_argument");
    EXPECT_NE(response.body.find(name == "original_colors" ? value : name), std::string::npos)
        << response.body;
  }
  EXPECT_EQ(order({field("content_weight", "0"), field("style_weight", "0")}).status, 422);
  EXPECT_TRUE(jobs.list(kAdmin).empty());
}

TEST_F(StyleRoutes, PicturesMustBeThereAndBePictures) {
  const auto status = [this](const std::string& path, std::vector<FormPart> parts) {
    return ask(router, form(path, std::move(parts))).status;
  };
  for (const std::string path : {"/v1/style/jobs", "/v1/style/preview"}) {
    EXPECT_EQ(status(path, {picture("content", content_file())}), 422);
    EXPECT_EQ(status(path, {picture("style", style_file())}), 422);
    EXPECT_EQ(status(path, {picture("content", "text"), picture("style", style_file())}), 415);
    EXPECT_EQ(status(path, {picture("content", content_file()),
                            picture("style", style_file().substr(0, 100))}),
              422);
  }
  std::vector<FormPart> many(5, picture("style", style_file()));
  many.push_back(picture("content", content_file()));
  EXPECT_EQ(status("/v1/style/jobs", many), 422);
  EXPECT_TRUE(jobs.list(kAdmin).empty());
}

TEST_F(StyleRoutes, AResultIsNotReadyWhileItIsPainted) {
  const std::string painted = long_job();
  const HttpResponse early = get(painted + "/result");
  EXPECT_EQ(early.status, 409);
  EXPECT_EQ(code_of_problem(early), "not_ready");
  EXPECT_EQ(get(painted + "/content").status, 200);
  const std::string waiting = path_of(order({}));
  EXPECT_EQ(get(waiting + "/result").status, 409);
  EXPECT_EQ(get(waiting + "/preview").status, 404);
  remove(waiting);
  EXPECT_EQ(get(waiting + "/result").status, 404);  // cancelled before it was begun
}

TEST_F(StyleRoutes, OthersJobsAreNotFound) {
  const std::string path = path_of(order({field("iterations", "2")}));
  wait_until_finished(jobs, path.substr(path.rfind('/') + 1));
  for (const char* what : {"", "/events", "/preview", "/result", "/content"}) {
    EXPECT_EQ(get(path + what, kBert).status, 404) << what;
    EXPECT_EQ(get(path + what, kAdmin).status, 200) << what;
  }
  EXPECT_EQ(remove(path, kBert).status, 404);
  EXPECT_TRUE(Json::parse(get("/v1/style/jobs", kBert).body).at("jobs").empty());
  EXPECT_EQ(get("/v1/style/jobs/..").status, 404);
  EXPECT_EQ(remove(path, kAdmin).status, 200);
}

}  // namespace
}  // namespace likeness::serve
