#pragma once

/// What the head of an answer says beside what its route says: that browsers trust it with nothing,
/// and whose pages may read it (CORS, the Fetch standard, section 3.2).

#include <string>
#include <string_view>
#include <vector>

#include <httplib.h>

#include "serve/http_message.h"

namespace likeness::serve {

class AnswerHeaders {
 public:
  /// `origins`: of pages that may call, "*" for all. `tls`: over a connection that is encrypted.
  AnswerHeaders(std::vector<std::string> origins, bool tls);

  /// Those of `response`, then those that all answers have.
  void set(const HttpResponse& response, const HttpRequest& request, httplib::Response& to) const;

  /// The answer to OPTIONS, where `methods`, "GET, POST" for example, may be asked for.
  HttpResponse preflight(const HttpRequest& request, const std::string& methods) const;

 private:
  bool allows(std::string_view origin) const;

  std::vector<std::string> origins_;
  bool tls_;
};

}  // namespace likeness::serve
