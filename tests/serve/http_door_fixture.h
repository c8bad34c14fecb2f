#pragma once

/// A door with a few routes, for tests.

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "serve/http_door.h"
#include "serve/problem.h"
#include "serve/request_fields.h"

namespace likeness::serve {

/// Open on a port of its own.
class HttpDoorFixture : public ::testing::Test {
 protected:
  void SetUp() override { open({}); }
  void TearDown() override { close(); }

  void open(DoorOptions options) {
    close();
    options.port = 0;
    door_ = std::make_unique<HttpDoor>(
        router(),
        DoorHooks{.admit = [this](const Route& route,
                                  const HttpRequest& request) { return admit(route, request); },
                  .arrived = [] {},
                  .served =
                      [this](const Served& served) {
                        const std::scoped_lock lock(mutex_);
                        log_.push_back((served.route ? served.route->pattern : "") + " " +
                                       std::to_string(served.status) + " " + served.code + " " +
                                       served.failure);
                      }},
        options);
    port_ = door_->bind();
    thread_ = std::thread([this] { door_->run(); });
  }
  void close() {
    if (!door_) return;
    door_->stop();
    thread_.join();
    door_.reset();
  }

  httplib::Client client() const { return httplib::Client("127.0.0.1", port_); }
  int port() const { return port_; }
  HttpDoor& door() { return *door_; }
  std::vector<std::string> log() {
    const std::scoped_lock lock(mutex_);
    return log_;
  }
  /// Lets the route /wait answer.
  std::promise<void> go_on_;
  std::atomic<int> calls_ = 0;
  std::atomic<int> admitted_ = 0;

 private:
  Caller admit(const Route& route, const HttpRequest& request) {
    ++admitted_;
    if (!route.open && request.header("x-api-key") != "secret")
      throw Problem(401, "unauthorized", "a key is needed");
    return {.id = "1", .name = "test", .role = Role::read};
  }
  const Router& router() {
    router_ = {};
    const auto echo = [this](const HttpRequest& request) {
      ++calls_;
      Json parts = Json::array();
      for (const FormPart& part : request.parts)
        parts.push_back({part.name, part.filename, part.content_type, part.content});
      return json_response({{"body", request.body}, {"parts", parts}, {"name", name(request)}});
    };
    router_.add(
        {.method = "GET", .pattern = "/health", .handler = echo, .open = true, .light = true});
    router_.add({.method = "POST", .pattern = "/echo", .handler = echo});
    router_.add({.method = "GET", .pattern = "/echo/{name}", .handler = echo});
    router_.add({.method = "GET",
                 .pattern = "/fail",
                 .handler = [](const HttpRequest&) -> HttpResponse {
                   throw std::runtime_error("/secret/path is broken");
                 },
                 .open = true});
    router_.add({.method = "GET",
                 .pattern = "/wait",
                 .handler =
                     [this](const HttpRequest& request) {
                       go_on_.get_future().wait();
                       return json_response({{"path", request.path}});
                     },
                 .open = true});
    router_.add({.method = "GET",
                 .pattern = "/stream",
                 .handler =
                     [](const HttpRequest&) {
                       return HttpResponse{
                           .content_type = "text/event-stream",
                           .stream = [](const SendPiece& send) {
                             for (int i = 0; send("piece " + std::to_string(i) + "\n"); ++i)
                               std::this_thread::sleep_for(std::chrono::milliseconds(5));
                           }};
                     },
                 .open = true});
    return router_;
  }
  static std::string name(const HttpRequest& request) {
    const auto found = request.values.find("name");
    return found == request.values.end() ? std::string() : found->second;
  }

  Router router_;
  std::unique_ptr<HttpDoor> door_;
  std::thread thread_;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> log_;
};

}  // namespace likeness::serve
