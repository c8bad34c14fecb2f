#pragma once

/// Takes a request's body off the wire within limits: bytes of one body, bytes of all bodies that
/// are being read or worked on, parts of a form, and time.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>

#include <httplib.h>

#include "serve/http_message.h"

namespace likeness::serve {

/// The memory that all bodies together may take. Safe to use from many threads.
class UploadBudget {
 public:
  explicit UploadBudget(std::size_t bytes) : left_(static_cast<std::ptrdiff_t>(bytes)) {}

  /// Gives its bytes back when it is destroyed.
  class Share {
   public:
    Share(UploadBudget& budget, std::size_t bytes) : budget_(budget), bytes_(bytes) {}
    ~Share() { budget_.left_ += static_cast<std::ptrdiff_t>(bytes_); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

   private:
    UploadBudget& budget_;
    std::size_t bytes_;
  };
  /// Throws Problem("busy") when there is not enough left.
  Share take(std::size_t bytes);

 private:
  std::atomic<std::ptrdiff_t> left_;
};

struct UploadLimits {
  std::size_t bytes = std::size_t{32} << 20;  ///< of one body
  std::size_t parts = 64;                     ///< of a form
  std::chrono::seconds time{60};              ///< for one body to arrive
};

/// What the body will take at most: its Content-Length, or the limit where it does not say.
std::size_t announced_bytes(const httplib::Request& from, const UploadLimits& limits);

/// Fills in `to`'s body or parts. Throws Problem: 413 too_large, 400 invalid_request (a broken
/// form, more parts than the limit, a connection that ended), 408 timeout.
void read_upload(const httplib::Request& from, const httplib::ContentReader& reader,
                 const UploadLimits& limits, HttpRequest& to);
/// Reads the body and forgets it, up to the limits, so that a client that is still sending hears
/// the answer.
void discard_upload(const httplib::Request& from, const httplib::ContentReader& reader,
                    const UploadLimits& limits);

}  // namespace likeness::serve
