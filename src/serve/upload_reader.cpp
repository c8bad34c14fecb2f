#include "serve/upload_reader.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "serve/problem.h"

namespace likeness::serve {
namespace {

using Clock = std::chrono::steady_clock;

Problem too_large(const UploadLimits& limits) {
  return {413, "too_large",
          "the request is larger than " + std::to_string(limits.bytes) + " bytes"};
}

/// Of its Content-Length; nothing where it does not say.
std::optional<std::uint64_t> declared_bytes(const httplib::Request& from) {
  const std::string text = from.get_header_value("Content-Length");
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return bytes;
}

/// Watches what comes in and remembers why it was cut off.
class Meter {
 public:
  explicit Meter(const UploadLimits& limits) : limits_(limits), end_(Clock::now() + limits.time) {}

  bool take(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > limits_.bytes)
      refusal_ = too_large(limits_);
    else if (Clock::now() > end_)
      refusal_ = Problem(
          408, "timeout",
          "the request did not arrive within " + std::to_string(limits_.time.count()) + " seconds");
    return !refusal_;
  }
  bool take_part() {
    if (++parts_ > limits_.parts)
      refusal_ = Problem(400, "invalid_request",
                         "the form has more than " + std::to_string(limits_.parts) + " parts");
    return !refusal_;
  }
  const std::optional<Problem>& refusal() const { return refusal_; }

 private:
  const UploadLimits& limits_;
  Clock::time_point end_;
  std::size_t bytes_ = 0;
  std::size_t parts_ = 0;
  std::optional<Problem> refusal_;
};

}  // namespace

UploadBudget::Share UploadBudget::take(std::size_t bytes) {
  const auto wanted = static_cast<std::ptrdiff_t>(bytes);
  if (left_.fetch_sub(wanted) < wanted) {
    left_ += wanted;
    throw Problem(503, "busy", "too many uploads at once; try again in a moment", 1);
  }
  return {*this, bytes};
}

std::size_t announced_bytes(const httplib::Request& from, const UploadLimits& limits) {
  const auto declared = declared_bytes(from);
  return declared && *declared < limits.bytes ? static_cast<std::size_t>(*declared) : limits.bytes;
}

void read_upload(const httplib::Request& from, const httplib::ContentReader& reader,
                 const UploadLimits& limits, HttpRequest& to) {
  Meter meter(limits);
  bool whole = false;
  if (from.is_multipart_form_data()) {
    whole = reader(
        [&](const httplib::MultipartFormData& part) {
          if (!meter.take_part()) return false;
          to.parts.push_back({part.name, part.filename, part.content_type, {}});
          return true;
        },
        [&](const char* data, std::size_t size) {
          if (to.parts.empty() || !meter.take(size)) return false;
          to.parts.back().content.append(data, size);
          return true;
        });
  } else {
    if (const auto declared = declared_bytes(from); declared && *declared <= limits.bytes)
      to.body.reserve(static_cast<std::size_t>(*declared));
    whole = reader([&](const char* data, std::size_t size) {
      if (!meter.take(size)) return false;
      to.body.append(data, size);
      return true;
    });
  }
  if (meter.refusal()) throw Problem(*meter.refusal());
  // What says that it is too long was passed over by the library.
  if (!whole && declared_bytes(from) > limits.bytes) throw too_large(limits);
  if (!whole)
    throw Problem(400, "invalid_request",
                  "the body ended early, or is not what its Content-Type says");
}

void discard_upload(const httplib::Request& from, const httplib::ContentReader& reader,
                    const UploadLimits& limits) {
  Meter meter(limits);
  const auto forget = [&meter](const char*, std::size_t size) { return meter.take(size); };
  if (from.is_multipart_form_data())
    reader([](const httplib::MultipartFormData&) { return true; }, forget);
  else
    reader(forget);
}

}  // namespace likeness::serve
