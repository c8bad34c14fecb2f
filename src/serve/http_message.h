#pragma once

/// A request and an answer of the service, without a word of the library that carries them: the
/// door (http_door.h) fills in the one and sends the other.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <likeness/serve/api_keys.h>

namespace likeness::serve {

/// Who asks: a key, or "local" while there are no keys.
struct Caller {
  std::string id = {};    ///< the key's id; empty without keys
  std::string name = {};  ///< for the audit log
  Role role = Role::read;
};

/// A part of multipart/form-data: a file, or a field (without a file name).
struct FormPart {
  std::string name;
  std::string filename = {};
  std::string content_type = {};
  std::string content = {};
};

struct HttpRequest {
  std::string method;                              ///< "GET", "POST", …
  std::string path = {};                           ///< as it was sent, without the query
  std::map<std::string, std::string> values = {};  ///< what stood for {name} in the route's pattern
  std::multimap<std::string, std::string> query = {};
  std::map<std::string, std::string> headers = {};  ///< names in lower case; the first of each
  std::string body = {};                            ///< empty for multipart/form-data
  std::vector<FormPart> parts = {};                 ///< of multipart/form-data
  Caller caller = {};
  std::string id = {};       ///< x-request-id
  std::string address = {};  ///< the client's

  std::string_view header(const std::string& name) const;  ///< empty when it is not there
  std::optional<std::string> query_value(const std::string& name) const;
};

/// Gives pieces of a long answer to the client; false: it has gone, or the service stops.
using SendPiece = std::function<bool(std::string_view piece)>;

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// In place of a body: called once, sends what it likes, returns when it is done.
  std::function<void(const SendPiece&)> stream = {};
};

}  // namespace likeness::serve
