#pragma once

/// Errors of Likeness: one exception type with a code.
///
/// Ordinary absence (nobody in the picture, no match) is an empty result, never an error. Bad
/// input, a bad file or a bad request throws `Error`. A caller's mistake (a broken requirement of a
/// function) throws `std::logic_error` through LIKENESS_CHECK; the library never aborts or prints.
///
///     throw Error(ErrorCode::corrupt_file, "photo.jpg: JPEG data ends after 1,024 bytes");

#include <stdexcept>
#include <string>
#include <string_view>

namespace likeness {

/// What went wrong. The names are stable: programs read them as `error.code` in JSON.
enum class ErrorCode {
  invalid_argument,    ///< an option or value that cannot be used
  not_found,           ///< file, folder or model id does not exist
  unreadable,          ///< exists, but cannot be read (permissions, a directory, I/O error)
  unsupported_format,  ///< not a kind of file that is read here
  corrupt_file,        ///< the right kind, but broken, truncated or hostile
  too_large,           ///< beyond a limit on bytes, pixels or dimensions
  no_face,             ///< a face is needed and none was found
  ambiguous_face,      ///< several faces, and the caller asked not to choose
  missing_model,       ///< weights are not in the cache and could not be fetched
  checksum_mismatch,   ///< a file differs from the manifest's sha256
  unavailable,         ///< a device, program or service that is needed is not there
  write_failed,        ///< an output could not be written (permissions, full disk)
  cancelled,           ///< stopped by the caller
  diverged,            ///< a computation gave NaN or infinity
  wrong_key,           ///< a key or passphrase that does not open what it was given for
  already_exists,      ///< a name that is taken
};

/// Stable snake_case name of `code`, for example "corrupt_file".
std::string_view to_string(ErrorCode code);

/// An error that its reader can act on: `what()` names the offending value and what to do.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

namespace detail {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

}  // namespace likeness

/// Requirement on the caller; throws std::logic_error with the condition when it does not hold.
#define LIKENESS_CHECK(condition) \
  ((condition) ? void() : ::likeness::detail::check_failed(#condition, __FILE__, __LINE__))
