#pragma once

/// The door: HTTP/1.1 in, typed requests to the routes, answers and problems out. Each connection
/// carries one request, so nothing that is left unread of one can be taken for the next.
///
///     HttpDoor door(router, {.admit = …, .served = …}, {.port = 8080});
///     door.bind();
///     door.run();                       // until stop() is called from another thread

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <httplib.h>

#include "serve/answer_headers.h"
#include "serve/router.h"
#include "serve/upload_reader.h"

namespace likeness::serve {

struct DoorOptions {
  std::string host = "127.0.0.1";
  int port = 8080;                   ///< 0: any that is free
  std::string tls_certificate = {};  ///< PEM file with the chain; empty: no TLS
  std::string tls_key = {};          ///< PEM file
  UploadLimits upload = {};
  std::size_t uploads_together = std::size_t{256} << 20;  ///< bytes of all bodies
  std::size_t connections = 256;                          ///< served at once
  std::chrono::seconds read_timeout{10};                  ///< for the next bytes of a request
  std::chrono::seconds write_timeout{10};
  /// Origins whose pages may call; "*" for all; empty: no page but our own.
  std::vector<std::string> cors_origins = {};
};

/// What became of a request, for the log and the metrics.
struct Served {
  const HttpRequest& request;
  const Route* route = nullptr;  ///< null: none was found
  int status = 0;
  std::string code;      ///< of a problem; empty: none
  std::string failure;   ///< the exception's own text where the client is told another
  bool refused = false;  ///< before its handler ran
  double seconds = 0;
  std::size_t bytes_in = 0;
  std::size_t bytes_out = 0;  ///< 0 for a stream
};

struct DoorHooks {
  /// Who asks, and may they? Called before the body is read. Throws Problem.
  std::function<Caller(const Route&, const HttpRequest&)> admit;
  std::function<void()> arrived;  ///< a request came in; `served` follows
  /// A request's answer is known. (A stream may go on.)
  std::function<void(const Served&)> served;
};

class HttpDoor {
 public:
  /// `router` must live longer. Throws Error(invalid_argument) for a certificate or key that cannot
  /// be used.
  HttpDoor(const Router& router, DoorHooks hooks, DoorOptions options);
  ~HttpDoor();
  HttpDoor(const HttpDoor&) = delete;
  HttpDoor& operator=(const HttpDoor&) = delete;

  /// Takes the address; returns the port. Throws Error(unavailable) when it is in use or not of
  /// this machine.
  int bind();
  /// Serves until stop(); returns when all connections have ended. Signals are left to other
  /// threads. Throws Error(unavailable) when the address is lost and cannot be taken again.
  void run();
  /// Answers one request that comes over a stream of the caller's own: what run() does with each
  /// connection.
  void serve(httplib::Stream& stream);
  /// 503 for requests that begin from now on (but for light ones), streams end, and once the others
  /// are answered, or `patience` is over, the door closes. May be called from any thread, more than
  /// once.
  void stop(std::chrono::seconds patience = std::chrono::seconds(30));

 private:
  class Visit;
  void answer(const httplib::Request& from, const httplib::ContentReader* reader,
              httplib::Response& to);
  HttpResponse respond(const httplib::Request& from, const httplib::ContentReader* reader,
                       HttpRequest& request, Served& served);
  HttpResponse preflight(const HttpRequest& request) const;
  void send(HttpResponse response, const HttpRequest& request, httplib::Response& to,
            std::shared_ptr<Visit> visit = {}) const;

  const Router& router_;
  DoorHooks hooks_;
  DoorOptions options_;
  AnswerHeaders headers_;
  UploadBudget budget_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> running_ = false;
  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t visits_ = 0;  ///< requests that began before stop() and are not answered yet
  socket_t listening_ = INVALID_SOCKET;
  std::unique_ptr<httplib::Server> server_;
};

}  // namespace likeness::serve
