#pragma once

/// Where a shared gallery is: a URI for libpq, taken apart as far as messages need it.

#include <string>
#include <vector>

namespace likeness {

class ServerAddress {
 public:
  /// Throws Error(invalid_argument) for a URI that libpq would misread, without repeating it: a
  /// password with unescaped signs would show.
  explicit ServerAddress(const std::string& uri);

  /// For libpq; waits at most 10 seconds for a host unless the URI says otherwise.
  const std::string& uri() const { return uri_; }
  /// Host and database in quotes, for people.
  const std::string& name() const { return name_; }
  /// `message` on one line, with every form of the password left out.
  std::string without_password(std::string message) const;

 private:
  std::string uri_;
  std::string name_;
  std::vector<std::string> passwords_;
};

}  // namespace likeness
