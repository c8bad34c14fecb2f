#pragma once

/// What a client sent, as typed values: the same names work as form fields, JSON members and query
/// parameters; photos are file parts or base64 text. JSON stops here.
///
///     const RequestFields fields(request);
///     const Photo photo = fields.photo("photo");
///     const double alpha = fields.number("alpha", 0, 1).value_or(1);

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <likeness/core/files.h>

#include "serve/http_message.h"
#include "serve/json.h"

namespace likeness::serve {

/// 200 with `value` as JSON; text that is not UTF-8 is replaced, never an error.
HttpResponse json_response(const Json& value, int status = 200);

/// The body of a request as JSON of any kind. Throws Problem: unsupported_media_type,
/// invalid_request (broken or too deep).
Json json_body(const HttpRequest& request);

/// A picture's file as it was sent. Views the request, which must live longer, or owns what was
/// decoded from base64.
class UploadedFile {
 public:
  UploadedFile(std::string name, std::string filename, std::string_view view);
  UploadedFile(std::string name, std::string decoded);
  std::string_view bytes() const;
  const std::string& name() const { return name_; }          ///< of the field
  const std::string& filename() const { return filename_; }  ///< without folders; may be empty

 private:
  std::string name_;
  std::string filename_;
  std::string owned_;
  std::string_view view_;
};

class RequestFields {
 public:
  /// `request` must live as long. Throws Problem: unsupported_media_type (a body that is neither
  /// multipart/form-data nor JSON), invalid_request (JSON that is broken, too deep or no object).
  explicit RequestFields(const HttpRequest& request);

  /// Throws Problem(422, invalid_argument) for other names than these, so that a misspelt option is
  /// not silently ignored.
  void allow_only(std::initializer_list<std::string_view> names) const;

  /// Throws Problem(422): missing, given twice, empty, not base64.
  UploadedFile file(const std::string& name) const;
  /// All of that name (parts, or a JSON array of base64 texts), at most `limit`; may be none.
  std::vector<UploadedFile> files(const std::string& name, std::size_t limit) const;

  /// Nothing where it was not given. A form's fields come before JSON, JSON before the query. Throw
  /// Problem(422) naming the value and the range, and for what was given twice in one of them.
  std::optional<std::string> text(const std::string& name) const;
  std::optional<double> number(const std::string& name, double least, double most) const;
  std::optional<std::int64_t> integer(const std::string& name, std::int64_t least,
                                      std::int64_t most) const;
  std::optional<bool> flag(const std::string& name) const;  ///< true/false, 1/0

 private:
  const HttpRequest& request_;
  Json json_;  ///< null without a JSON body
};

}  // namespace likeness::serve
