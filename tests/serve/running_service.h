#pragma once

/// A service that listens on a free port of this machine, and how to talk to it.

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <httplib.h>
#include <likeness/serve/service.h>

#include "serve/http_message.h"
#include "serve/request_fields.h"

namespace likeness::serve {

class RunningService {
 public:
  RunningService(ServiceOptions options, ServiceParts parts)
      : service_(std::move(options), std::move(parts)),
        address_(service_.open()),
        serving_([this] { service_.run(stop_); }) {}
  ~RunningService() {
    stop_.request();
    serving_.join();
  }
  RunningService(const RunningService&) = delete;
  RunningService& operator=(const RunningService&) = delete;

  const Service& service() const { return service_; }
  const std::string& address() const { return address_; }

 private:
  Cancellation stop_;
  Service service_;
  std::string address_;
  std::thread serving_;
};

/// What a client sends beside method and path.
struct Sent {
  std::string query = {};  ///< with its '?'
  std::string key = {};    ///< empty: none
  std::string body = {};
  std::string content_type = {};
  std::string from = {};  ///< an address of this machine; empty: the usual one
};

inline const std::string kBoundary = "the-boundary-of-the-parts";

inline Sent form_of(const std::vector<FormPart>& parts) {
  Sent sent{.content_type = "multipart/form-data; boundary=" + kBoundary};
  for (const FormPart& part : parts) {
    sent.body += "--" + kBoundary + "\r\nContent-Disposition: form-data; name=\"" + part.name + '"';
    if (!part.filename.empty()) sent.body += "; filename=\"" + part.filename + '"';
    if (!part.content_type.empty()) sent.body += "\r\nContent-Type: " + part.content_type;
    sent.body += "\r\n\r\n" + part.content + "\r\n";
  }
  sent.body += "--" + kBoundary + "--\r\n";
  return sent;
}

inline Sent json_of(const Json& body) {
  return {.body = body.dump(), .content_type = "application/json"};
}

inline httplib::Result ask(const RunningService& service, const std::string& method,
                           const std::string& path, const Sent& sent) {
  httplib::Client client(service.address());
  client.set_read_timeout(120);
  if (!sent.from.empty()) client.set_interface(sent.from);
  httplib::Request request;
  request.method = method;
  request.path = path + sent.query;
  if (!sent.key.empty()) request.set_header("x-api-key", sent.key);
  if (!sent.content_type.empty()) request.set_header("Content-Type", sent.content_type);
  request.body = sent.body;
  return client.send(request);
}

}  // namespace likeness::serve
