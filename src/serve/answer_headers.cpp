#include "serve/answer_headers.h"

#include <algorithm>
#include <utility>

namespace likeness::serve {

AnswerHeaders::AnswerHeaders(std::vector<std::string> origins, bool tls)
    : origins_(std::move(origins)), tls_(tls) {}

void AnswerHeaders::set(const HttpResponse& response, const HttpRequest& request,
                        httplib::Response& to) const {
  for (const auto& [name, value] : response.headers) to.set_header(name, value);
  to.set_header("X-Request-Id", request.id);
  to.set_header("Accept-Ranges", "none");
  to.set_header("X-Content-Type-Options", "nosniff");
  to.set_header("Referrer-Policy", "no-referrer");
  if (response.status == 401) to.set_header("WWW-Authenticate", "Bearer");
  if (!to.has_header("Cache-Control")) to.set_header("Cache-Control", "no-store");
  if (!to.has_header("Content-Security-Policy"))
    to.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  if (tls_) to.set_header("Strict-Transport-Security", "max-age=31536000");
  if (allows(request.header("origin"))) {
    to.set_header("Access-Control-Allow-Origin", std::string(request.header("origin")));
    to.set_header("Vary", "Origin");
  }
}

HttpResponse AnswerHeaders::preflight(const HttpRequest& request,
                                      const std::string& methods) const {
  HttpResponse response{.status = 204};
  response.headers.emplace_back("Allow", methods + ", OPTIONS");
  if (allows(request.header("origin"))) {
    response.headers.emplace_back("Access-Control-Allow-Methods", methods);
    response.headers.emplace_back("Access-Control-Allow-Headers",
                                  "x-api-key, authorization, content-type");
    response.headers.emplace_back("Access-Control-Max-Age", "600");
  }
  return response;
}

bool AnswerHeaders::allows(std::string_view origin) const {
  return !origin.empty() &&
         std::any_of(origins_.begin(), origins_.end(),
                     [&](const std::string& each) { return each == "*" || each == origin; });
}

}  // namespace likeness::serve
