#pragma once

/// Which function answers which request. Filled at start, then immutable and safe to use from many
/// threads.
///
///     router.add({"DELETE", "/v1/people/{name}", Role::enrol, [&](const HttpRequest& request) {
///       return json_response(…, request.values.at("name"));
///     }});

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "serve/http_message.h"
#include "serve/problem.h"

namespace likeness::serve {

/// May throw Error and Problem.
using Handler = std::function<HttpResponse(const HttpRequest&)>;

struct Route {
  std::string method;
  /// Segments are text or {name}, which stands for one segment that is not empty.
  std::string pattern;
  Role role = Role::read;  ///< the least that the caller must be
  Handler handler;
  bool open = false;  ///< needs no key
  bool page = false;  ///< a file of the web page: open, and told apart in headers and metrics
  /// Answered at once, whatever the queue holds (health, job status): refused neither when all
  /// connections are in use nor while the service drains.
  bool light = false;
  /// How its refusals are told, where an interface has a form of its own; empty: problem+json.
  std::function<HttpResponse(const Problem&)> refusal = {};
};

class Router {
 public:
  void add(Route route);

  struct Found {
    const Route* route = nullptr;
    std::map<std::string, std::string> values;
  };
  /// `path` as it was sent: it is split at its slashes, then each segment is decoded, so that a
  /// name may hold %2F. Text comes before {name}. Throws Problem: 400 invalid_request (broken
  /// escapes); 404 not_found; 405 method_not_allowed, whose detail lists the methods that there
  /// are.
  Found find(const std::string& method, const std::string& path) const;
  /// The methods that `path` knows, in alphabetical order; HEAD with GET.
  std::vector<std::string> methods(const std::string& path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;  ///< of `routes_`, in segments
};

}  // namespace likeness::serve
