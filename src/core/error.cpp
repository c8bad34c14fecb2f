#include <likeness/core/error.h>

namespace likeness {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::unreadable:
      return "unreadable";
    case ErrorCode::unsupported_format:
      return "unsupported_format";
    case ErrorCode::corrupt_file:
      return "corrupt_file";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::no_face:
      return "no_face";
    case ErrorCode::ambiguous_face:
      return "ambiguous_face";
    case ErrorCode::missing_model:
      return "missing_model";
    case ErrorCode::checksum_mismatch:
      return "checksum_mismatch";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::write_failed:
      return "write_failed";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::diverged:
      return "diverged";
    case ErrorCode::wrong_key:
      return "wrong_key";
    case ErrorCode::already_exists:
      return "already_exists";
  }
  LIKENESS_CHECK(!"an ErrorCode without a name");
  return {};
}

namespace detail {

void check_failed(const char* condition, const char* file, int line) {
  throw std::logic_error(std::string("requirement not met: ") + condition + " (" + file + ":" +
                         std::to_string(line) + ")");
}

}  // namespace detail
}  // namespace likeness
