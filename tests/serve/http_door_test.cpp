#include "serve/http_door.h"

#include <condition_variable>
#include <csignal>
#include <future>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <nlohmann/json.hpp>

#include "serve/http_door_fixture.h"
#include "serve/raw_client.h"

namespace likeness::serve {
namespace {

using std::chrono::seconds;

class HttpDoorTest : public HttpDoorFixture {};

const httplib::Headers kKey = {{"x-api-key", "secret"}};

std::string code_in(const std::string& body) {
  return nlohmann::json::parse(body).at("code").get<std::string>();
}

TEST_F(HttpDoorTest, ANameMayHoldEverythingThatCanBeEscaped) {
  const auto answer = client().Get("/echo/a%2Fb%20%C3%A9+?x=1", kKey);
  ASSERT_TRUE(answer);
  EXPECT_EQ(nlohmann::json::parse(answer->body).at("name"), "a/b é+");
}

TEST_F(HttpDoorTest, PartsOfAFormArriveWholeWithTheirNames) {
  const std::string picture("\0\r\n--binary\xff", 12);
  const auto answer =
      client().Post("/echo", kKey,
                    httplib::MultipartFormDataItems{{"photo", "x", "anna.jpg", "image/jpeg"},
                                                    {"name", "Anna", "", ""}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(nlohmann::json::parse(answer->body).at("parts").dump(),
            R"([["photo","anna.jpg","image/jpeg","x"],["name","","","Anna"]])");
}

TEST_F(HttpDoorTest, EveryAnswerSaysWhatBrowsersMustNotDo) {
  for (const char* path : {"/health", "/nothing", "/echo/a"}) {
    const auto answer = client().Get(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer->get_header_value("Cache-Control"), "no-store");
    EXPECT_FALSE(answer->get_header_value("Content-Security-Policy").empty());
    EXPECT_EQ(answer->get_header_value("X-Request-Id").size(), 16U);
    EXPECT_EQ(answer->get_header_value("Connection"), "close");
    EXPECT_FALSE(answer->has_header("Access-Control-Allow-Origin"));
  }
}

TEST_F(HttpDoorTest, WhatIsNotThereAndWhatIsNotAllowedIsAProblem) {
  auto answer = client().Get("/nothing");
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->get_header_value("Content-Type"), "application/problem+json");
  EXPECT_EQ(code_in(answer->body), "not_found");
  answer = client().Delete("/echo");
  EXPECT_EQ(answer->status, 405);
  EXPECT_EQ(answer->get_header_value("Allow"), "POST");
  answer = client().Post("/echo", "{}", "application/json");
  EXPECT_EQ(answer->status, 401);
  EXPECT_EQ(answer->get_header_value("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(calls_, 0);
}

TEST_F(HttpDoorTest, AFailureTellsTheLogWhatItDoesNotTellTheClient) {
  const auto answer = client().Get("/fail");
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(answer->body.find("secret"), std::string::npos);
  EXPECT_EQ(log(), std::vector<std::string>{"/fail 500 internal /secret/path is broken"});
}

TEST_F(HttpDoorTest, TooLargeBodiesAreRefusedHoweverTheyAreSent) {
  open({.upload = {.bytes = 1000}});
  auto answer = client().Post("/echo", kKey, std::string(1000, 'x'), "application/json");
  EXPECT_EQ(answer->status, 200);
  for (const std::size_t size : {1001U, 3000U, 6000U, 300'000U}) {
    answer = client().Post("/echo", kKey, std::string(size, 'x'), "application/json");
    ASSERT_TRUE(answer) << size;
    EXPECT_EQ(answer->status, 413) << size;
    EXPECT_EQ(code_in(answer->body), "too_large");
    // In pieces, without saying how much will come.
    answer = client().Post(
        "/echo", kKey,
        [size](std::size_t offset, httplib::DataSink& sink) {
          const std::string piece(std::min<std::size_t>(700, size - offset), 'x');
          sink.write(piece.data(), piece.size());
          if (offset + piece.size() >= size) sink.done();
          return true;
        },
        "application/json");
    if (answer) {
      EXPECT_EQ(answer->status, 413) << size;
    }
  }
  EXPECT_EQ(calls_, 1);
}

TEST_F(HttpDoorTest, ABombThatUnpacksBeyondTheLimitIsRefused) {
  open({.upload = {.bytes = 10'000}});
  httplib::Client packed = client();
  packed.set_compress(true);
  const auto answer = packed.Post("/echo", kKey, std::string(5'000'000, 'x'), "application/json");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(calls_, 0);
}

TEST_F(HttpDoorTest, UploadsTogetherStayWithinTheirMemory) {
  open({.upload = {.bytes = 1000}, .uploads_together = 1500});
  RawClient slow(port());
  slow.send(
      "POST /echo HTTP/1.1\r\nx-api-key: secret\r\nContent-Type: application/json\r\n"
      "Content-Length: 1000\r\n\r\n{");
  while (admitted_ == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // now it has its share
  int status = 0;
  for (int attempt = 0; attempt < 200 && status != 503; ++attempt)
    status = client().Post("/echo", kKey, std::string(900, 'x'), "application/json")->status;
  EXPECT_EQ(status, 503);
  slow.send(std::string(999, ' '));
  EXPECT_NE(slow.receive_all().find("HTTP/1.1 200"), std::string::npos);
  for (int attempt = 0; attempt < 200 && status != 200; ++attempt)
    status = client().Post("/echo", kKey, std::string(900, 'x'), "application/json")->status;
  EXPECT_EQ(status, 200);
}

TEST_F(HttpDoorTest, WhatFollowsARequestIsNeverTakenForAnother) {
  RawClient raw(port());
  raw.send(
      "POST /echo HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"
      "GET /health HTTP/1.1\r\n\r\n");
  const std::string answer = raw.receive_all();
  EXPECT_NE(answer.find("HTTP/1.1 401"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("HTTP/1.1", 5), std::string::npos) << answer;
  EXPECT_EQ(calls_, 0);
}

// The library, left alone, sends what lies in memory behind a short answer.
TEST_F(HttpDoorTest, AnAnswerIsWholeWhateverPartIsAskedFor) {
  const std::string whole = client().Get("/health")->body;
  for (const char* ranges :
       {"bytes=0-1", "bytes=0-1,5-99999", "bytes=5-99999", "bytes=-99999", "bytes=99999-"}) {
    const auto answer = client().Get("/health", {{"Range", ranges}});
    ASSERT_TRUE(answer) << ranges;
    EXPECT_EQ(answer->status, 200) << ranges;
    EXPECT_EQ(answer->body, whole) << ranges;
  }
  const auto refused = client().Get("/health", {{"Range", "bytes=0-1,no"}});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 400);
  EXPECT_EQ(Json::parse(refused->body).at("code"), "invalid_request");
  const auto missing = client().Get("/nothing", {{"Range", "bytes=0-1,5-99999"}});
  ASSERT_TRUE(missing);
  EXPECT_EQ(Json::parse(missing->body).at("code"), "not_found");
}

TEST_F(HttpDoorTest, BrokenRequestsGetAnAnswerOrNothingButNeverMore) {
  const std::string long_path = "/" + std::string(5000, 'a');
  const std::vector<std::string> requests = {
      "",
      "\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "BREW /echo HTTP/1.1\r\n\r\n",
      "GET " + long_path + " HTTP/1.1\r\n\r\n",
      "GET /echo/%zz HTTP/1.1\r\n\r\n",
      "GET /echo/%0 HTTP/1.1\r\n\r\n",
      "POST /echo HTTP/1.1\r\nx-api-key: secret\r\nContent-Length: -5\r\n\r\n",
      "POST /echo HTTP/1.1\r\nx-api-key: secret\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST /echo HTTP/1.1\r\nx-api-key: secret\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "POST /echo HTTP/1.1\r\nx-api-key: secret\r\nContent-Type: multipart/form-data\r\n"
      "Content-Length: 3\r\n\r\nabc",
      "POST /echo HTTP/1.1\r\nx-api-key: secret\r\nContent-Type: multipart/form-data; "
      "boundary=x\r\n"
      "Content-Length: 9\r\n\r\n--x\r\nabc\r\n",
      "POST /echo HTTP/1.1\r\nx-api-key: secret\r\nContent-Length: 10\r\n\r\nhalf",
  };
  for (const std::string& request : requests) {
    RawClient raw(port());
    raw.send(request);
    raw.finish_sending();
    const std::string answer = raw.receive_all();
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 4")) << request << "\n" << answer;
  }
  EXPECT_EQ(client().Get("/health")->status, 200);
}

TEST_F(HttpDoorTest, PagesOfOtherOriginsAreLetInOnlyWhereTheyAreNamed) {
  open({.cors_origins = {"https://good.example"}});
  for (const auto& [origin, allowed] :
       {std::pair{"https://good.example", true}, {"https://evil.example", false}}) {
    auto answer = client().Get("/health", {{"Origin", origin}});
    EXPECT_EQ(answer->has_header("Access-Control-Allow-Origin"), allowed);
    answer = client().Options("/echo", {{"Origin", origin}});
    EXPECT_EQ(answer->status, 204);
    EXPECT_EQ(answer->has_header("Access-Control-Allow-Methods"), allowed);
  }
}

TEST_F(HttpDoorTest, WhenAllConnectionsAreInUseHealthStillAnswers) {
  open({.connections = 2});
  RawClient first(port());
  RawClient second(port());
  for (RawClient* idle : {&first, &second}) idle->send("GET /echo/a HTTP/1.1\r\n");  // and waits
  int status = 0;
  for (int attempt = 0; attempt < 200 && status != 503; ++attempt)
    status = client().Get("/echo/a", kKey)->status;
  EXPECT_EQ(status, 503);
  EXPECT_EQ(client().Get("/health")->status, 200);
}

TEST_F(HttpDoorTest, ARequestThatIsBeingWorkedOnIsFinishedWhenTheServiceStops) {
  RawClient waiting(port());
  waiting.send("GET /wait HTTP/1.1\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  std::thread stopper([this] { close(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  go_on_.set_value();
  EXPECT_NE(waiting.receive_all().find("\"/wait\""), std::string::npos);
  stopper.join();
}

TEST_F(HttpDoorTest, AStreamComesPieceByPieceAndEndsWhenTheServiceStops) {
  RawClient raw(port());
  raw.send("GET /stream HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n");
  std::string text;
  while (text.find("piece 3") == std::string::npos) {
    const std::string more = raw.receive_some();
    ASSERT_FALSE(more.empty()) << text;
    text += more;
  }
  std::thread stopper([this] { close(); });
  raw.receive_all();  // would go on for ever
  stopper.join();
}

TEST_F(HttpDoorTest, AStreamIsLeftWhenItsReaderGoes) {
  {
    RawClient raw(port());
    raw.send("GET /stream HTTP/1.1\r\n\r\n");
    raw.receive_some();
  }
  close();  // would wait for the stream for ever
}

TEST_F(HttpDoorTest, SignalsDoNotDisturbIt) {
  struct sigaction quiet = {};
  struct sigaction before = {};
  quiet.sa_handler = [](int) {};  // without SA_RESTART: calls that wait are interrupted
  ASSERT_EQ(::sigaction(SIGUSR1, &quiet, &before), 0);
  for (int i = 0; i < 50; ++i) {
    ::kill(::getpid(), SIGUSR1);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const auto answer = client().Get("/health");
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 200);
  }
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(HttpDoorTest, AStopBeforeItServesIsNotForgotten) {
  Router router;
  HttpDoor early(router, {}, {.port = 0});
  early.bind();
  early.stop();
  early.run();  // would serve for ever
}

TEST_F(HttpDoorTest, APortInUseIsAnErrorThatNamesIt) {
  Router router;
  HttpDoor second(router, {}, {.port = port()});
  try {
    second.bind();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
    EXPECT_NE(std::string(error.what()).find(std::to_string(port())), std::string::npos);
  }
}

TEST(HttpDoor, ACertificateThatIsNoneIsAnErrorThatNamesIt) {
  Router router;
  EXPECT_THROW(HttpDoor(router, {}, {.tls_certificate = "/nowhere.pem", .tls_key = "/nowhere.key"}),
               Error);
  EXPECT_THROW(HttpDoor(router, {}, {.tls_certificate = "/nowhere.pem"}), Error);
}

}  // namespace
}  // namespace likeness::serve
