#include "gallery/server_address.h"

#include <algorithm>
#include <cctype>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/gallery/shared_gallery.h>

namespace likeness {
namespace {

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorCode::invalid_argument,
              "the address of the shared gallery cannot be used: " + reason +
                  "; expected postgresql://user@host:port/database, special signs of the password "
                  "as %XX");
}

bool is_hexadecimal(char character) {
  return std::isxdigit(static_cast<unsigned char>(character)) != 0;
}

std::string decoded(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (i + 2 >= text.size() || !is_hexadecimal(text[i + 1]) || !is_hexadecimal(text[i + 2]))
      refuse("a % without two hexadecimal digits after it");
    result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return result;
}

void check_port(const std::string& host) {
  const std::size_t colon = host.rfind(':');
  if (colon == std::string::npos || host.find(']', colon) != std::string::npos) return;
  const std::string port = host.substr(colon + 1);
  if (port.size() > 5 || port.find_first_not_of("0123456789,") != std::string::npos)
    refuse("the port is not a number");
}

/// Values of the parameter `key` in the query of a URI.
std::vector<std::string> parameters(const std::string& query, const std::string& key) {
  std::vector<std::string> values;
  for (std::size_t start = 0; start < query.size();) {
    const std::size_t end = std::min(query.find('&', start), query.size());
    const std::string part = query.substr(start, end - start);
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) refuse("a parameter without a value");
    if (part.substr(0, equals) == key) values.push_back(part.substr(equals + 1));
    start = end + 1;
  }
  return values;
}

}  // namespace

bool is_shared_gallery(const std::string& location) {
  return location.starts_with("postgresql://") || location.starts_with("postgres://");
}

ServerAddress::ServerAddress(const std::string& uri) : uri_(uri) {
  if (!is_shared_gallery(uri)) refuse("it does not begin with postgresql://");
  if (uri.find_first_of(" \n\r\t") != std::string::npos) refuse("it holds white space");
  const std::size_t start = uri.find("//") + 2;
  const std::size_t question = std::min(uri.find('?', start), uri.size());
  const std::size_t slash = std::min(uri.find('/', start), question);
  const std::string authority = uri.substr(start, slash - start);
  const std::string database = uri.substr(slash, question - slash);
  if (database.find('@') != std::string::npos)
    refuse("an @ or / that is not written as %40 or %2F");
  std::string host = authority;
  if (const std::size_t at = authority.find('@'); at != std::string::npos) {
    const std::string account = authority.substr(0, at);
    host = authority.substr(at + 1);
    if (host.find('@') != std::string::npos) refuse("an @ that is not written as %40");
    if (const std::size_t colon = account.find(':'); colon != std::string::npos)
      passwords_ = {account.substr(colon + 1)};
  }
  check_port(host);
  const std::string query = question < uri.size() ? uri.substr(question + 1) : "";
  for (const char* key : {"password", "sslpassword"})
    for (const std::string& value : parameters(query, key)) passwords_.push_back(value);
  if (parameters(query, "connect_timeout").empty())
    uri_ += (question == uri.size() ? "?"
             : query.empty()        ? ""
                                    : "&") +
            std::string("connect_timeout=10");
  for (std::size_t i = passwords_.size(); i-- > 0;) passwords_.push_back(decoded(passwords_[i]));
  name_ = in_quotes(host + database);
}

std::string ServerAddress::without_password(std::string message) const {
  for (const std::string& password : passwords_)
    for (std::size_t at = 0; !password.empty();) {
      at = message.find(password, at);
      if (at == std::string::npos) break;
      message.replace(at, password.size(), "***");
      at += 3;
    }
  while (!message.empty() && std::isspace(static_cast<unsigned char>(message.back())) != 0)
    message.pop_back();
  std::replace(message.begin(), message.end(), '\n', ' ');
  return message;
}

}  // namespace likeness
