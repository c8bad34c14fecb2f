#include "serve/http_door.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/core/timer.h>
#include <sodium.h>
#include <sys/socket.h>

#include "serve/connection_threads.h"
#include "serve/problem.h"

namespace likeness::serve {
namespace {

constexpr std::size_t kLongestTarget = 4096;
constexpr int kBacklog = 1024;

std::string random_id() {
  std::array<unsigned char, 8> bytes;
  std::array<char, bytes.size() * 2 + 1> text;
  randombytes_buf(bytes.data(), bytes.size());
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  return text.data();
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// All but the body.
HttpRequest head_of(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method;
  request.path = from.target.substr(0, from.target.find('?'));
  request.query = {from.params.begin(), from.params.end()};
  for (const auto& [name, value] : from.headers) request.headers.emplace(lower(name), value);
  request.id = random_id();
  request.address = from.remote_addr;
  return request;
}

std::size_t size_of(const HttpRequest& request) {
  std::size_t bytes = request.body.size();
  for (const FormPart& part : request.parts) bytes += part.content.size();
  return bytes;
}

/// A signal that interrupts accept() would end the library's loop.
void leave_signals_to_others() {
  sigset_t all;
  sigfillset(&all);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigdelset(&all, fault);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

/// Answers are whole, as HTTP allows (RFC 9110, 14.2): the library would ask for parts that lie
/// beyond an answer's end. Its request is a variable of its own, which it hands out as constant.
void ignore_ranges(const httplib::Request& from) {
  const_cast<httplib::Request&>(from).ranges.clear();
}

/// The library's way from a stream to a handler, which it keeps to those who derive from it.
struct StreamServer : httplib::Server {
  static constexpr auto process = &StreamServer::process_request;
};

std::unique_ptr<httplib::Server> make_server(const DoorOptions& options) {
  if (options.tls_certificate.empty() != options.tls_key.empty())
    throw Error(ErrorCode::invalid_argument, "--tls-cert and --tls-key belong together");
  if (options.tls_certificate.empty()) return std::make_unique<httplib::Server>();
  auto server = std::make_unique<httplib::SSLServer>(options.tls_certificate.c_str(),
                                                     options.tls_key.c_str());
  if (!server->is_valid())
    throw Error(ErrorCode::invalid_argument,
                options.tls_certificate + ", " + options.tls_key +
                    ": not a certificate and its private key in PEM form");
  return server;
}

}  // namespace

/// A request until its answer, or its stream, is on the way.
class HttpDoor::Visit {
 public:
  explicit Visit(HttpDoor& door) : door_(door) {
    const std::scoped_lock lock(door_.mutex_);
    ++door_.visits_;
  }
  ~Visit() {
    const std::scoped_lock lock(door_.mutex_);
    --door_.visits_;
    door_.left_.notify_all();
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  HttpDoor& door_;
};

HttpDoor::HttpDoor(const Router& router, DoorHooks hooks, DoorOptions options)
    : router_(router),
      hooks_(std::move(hooks)),
      options_(std::move(options)),
      headers_(options_.cors_origins, !options_.tls_certificate.empty()),
      budget_(options_.uploads_together),
      server_(make_server(options_)) {
  httplib::Server& server = *server_;
  server.new_task_queue = [this] { return new ConnectionThreads(options_.connections); };
  // Only SO_REUSEADDR: the library's own choice, SO_REUSEPORT, lets two services share one port.
  server.set_socket_options([this](socket_t socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    listening_ = socket;
  });
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1);
  server.set_read_timeout(options_.read_timeout);
  server.set_write_timeout(options_.write_timeout);
  server.set_payload_max_length(options_.upload.bytes + 4096);  // the meter counts to the byte
  // Before the library matches its patterns, which costs stack by the length of the path.
  server.set_pre_routing_handler([this](const httplib::Request& from, httplib::Response& to) {
    ignore_ranges(from);
    if (from.target.size() <= kLongestTarget) return httplib::Server::HandlerResponse::Unhandled;
    send(problem_response(Problem(414, "too_large", "the address is longer than 4096 bytes")),
         head_of(from), to);
    return httplib::Server::HandlerResponse::Handled;
  });
  const auto plain = [this](const httplib::Request& from, httplib::Response& to) {
    answer(from, nullptr, to);
  };
  const auto with_body = [this](const httplib::Request& from, httplib::Response& to,
                                const httplib::ContentReader& reader) {
    answer(from, &reader, to);
  };
  server.Get(".*", plain).Options(".*", plain);
  server.Post(".*", with_body).Put(".*", with_body).Patch(".*", with_body);
  server.Delete(".*", with_body);
  // What the library refuses by itself: broken requests, bodies beyond the limit.
  server.set_error_handler([this](const httplib::Request& from, httplib::Response& to) {
    if (!to.body.empty() || to.content_length_ > 0) return;
    ignore_ranges(from);
    const Problem problem = to.status == 413
                                ? Problem(413, "too_large",
                                          "the request is larger than " +
                                              std::to_string(options_.upload.bytes) + " bytes")
                                : Problem(to.status == 414 ? 414 : 400, "invalid_request",
                                          "the request is not one that is understood here");
    const HttpRequest request = head_of(from);
    send(problem_response(problem), request, to);
    hooks_.arrived();
    hooks_.served({.request = request,
                   .status = problem.status(),
                   .code = problem.code(),
                   .failure = {},
                   .refused = true});
  });
}

HttpDoor::~HttpDoor() = default;

int HttpDoor::bind() {
  errno = 0;
  const int port = options_.port == 0 ? server_->bind_to_any_port(options_.host)
                   : server_->bind_to_port(options_.host, options_.port) ? options_.port
                                                                         : -1;
  if (port < 0)
    throw Error(ErrorCode::unavailable,
                "cannot listen on " + options_.host + ":" + std::to_string(options_.port) + ": " +
                    std::strerror(errno) +
                    "; another service may use this port: choose one with --port");
  ::listen(listening_, kBacklog);  // the library lets five connections wait
  options_.port = port;            // the same again, where it has to be taken anew
  return port;
}

void HttpDoor::run() {
  leave_signals_to_others();
  running_ = true;
  try {
    while (!stopping_) {
      server_->listen_after_bind();
      // A connection that cannot be accepted ends the library's loop.
      if (!stopping_) bind();
    }
  } catch (...) {
    running_ = false;
    throw;
  }
  running_ = false;
}

void HttpDoor::serve(httplib::Stream& stream) {
  bool closed = false;
  (server_.get()->*StreamServer::process)(stream, true, closed, nullptr);
}

void HttpDoor::stop(std::chrono::seconds patience) {
  stopping_ = true;
  {
    std::unique_lock lock(mutex_);
    left_.wait_for(lock, patience, [this] { return visits_ == 0; });
  }
  // The library forgets a stop that comes before its loop has begun.
  for (; running_; std::this_thread::sleep_for(std::chrono::milliseconds(5))) server_->stop();
}

void HttpDoor::answer(const httplib::Request& from, const httplib::ContentReader* reader,
                      httplib::Response& to) {
  const Timer timer;
  std::shared_ptr<Visit> visit;
  if (!stopping_) visit = std::make_shared<Visit>(*this);
  HttpRequest request = head_of(from);
  Served served{.request = request, .code = {}, .failure = {}};
  hooks_.arrived();
  HttpResponse response = respond(from, reader, request, served);
  served.status = response.status;
  served.bytes_in = size_of(request);
  served.bytes_out = response.body.size();
  served.seconds = timer.seconds();
  send(std::move(response), request, to, std::move(visit));
  hooks_.served(served);
}

HttpResponse HttpDoor::respond(const httplib::Request& from, const httplib::ContentReader* reader,
                               HttpRequest& request, Served& served) {
  bool unread = reader != nullptr;
  const Route* route = nullptr;
  try {
    if (request.method == "OPTIONS") return preflight(request);
    Router::Found found = router_.find(request.method, request.path);
    route = found.route;
    served.route = route;
    served.refused = true;
    request.values = std::move(found.values);
    if (stopping_ && !route->light)
      throw Problem(503, "stopping", "the service is being stopped; try again in a moment", 5);
    if (ConnectionThreads::beyond_limit() && !route->light)
      throw Problem(503, "busy", "too many connections at once; try again in a moment", 1);
    request.caller = hooks_.admit(*route, request);
    served.refused = unread;
    if (!unread) return route->handler(request);
    const UploadBudget::Share share = budget_.take(announced_bytes(from, options_.upload));
    unread = false;
    read_upload(from, *reader, options_.upload, request);
    served.refused = false;
    return route->handler(request);
  } catch (...) {
    const std::exception_ptr thrown = std::current_exception();
    if (unread) discard_upload(from, *reader, options_.upload);
    const Problem problem = problem_of(thrown);
    served.code = problem.code();
    if (text_of(thrown) != problem.what()) served.failure = text_of(thrown);
    HttpResponse response =
        route != nullptr && route->refusal ? route->refusal(problem) : problem_response(problem);
    if (problem.status() == 405)
      response.headers.emplace_back("Allow", comma_list(router_.methods(request.path)));
    return response;
  }
}

HttpResponse HttpDoor::preflight(const HttpRequest& request) const {
  const std::string methods = comma_list(router_.methods(request.path));
  if (methods.empty())
    throw Problem(404, "not_found", "there is nothing at " + in_quotes(request.path));
  return headers_.preflight(request, methods);
}

void HttpDoor::send(HttpResponse response, const HttpRequest& request, httplib::Response& to,
                    std::shared_ptr<Visit> visit) const {
  to.status = response.status;
  headers_.set(response, request, to);
  if (response.stream && request.method != "HEAD") {
    // Without a length the end of the connection ends it; the library would pack it otherwise.
    to.set_content_provider(
        response.content_type,
        [this, visit, stream = std::move(response.stream)](std::size_t, httplib::DataSink& sink) {
          stream([&](std::string_view piece) {
            return !stopping_ && sink.is_writable() && sink.write(piece.data(), piece.size());
          });
          sink.done();
          return true;
        });
  } else if (!response.body.empty()) {
    // With a provider the library leaves the bytes as they are: what is packed stays so.
    const std::size_t size = response.body.size();
    to.set_content_provider(
        size, response.content_type,
        [visit, body = std::make_shared<const std::string>(std::move(response.body))](
            std::size_t offset, std::size_t length, httplib::DataSink& sink) {
          const bool inside = offset <= body->size() && length <= body->size() - offset;
          return inside && sink.write(body->data() + offset, length);
        });
  } else if (response.status != 204 && response.status != 304) {
    to.set_content(std::string(), response.content_type);
  }
}

}  // namespace likeness::serve
