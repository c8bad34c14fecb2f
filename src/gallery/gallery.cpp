#include <array>
#include <cmath>
#include <ctime>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/gallery/gallery.h>
#include <nlohmann/json.hpp>

namespace likeness {
namespace {

[[noreturn]] void refuse_name(const std::string& name, const std::string& reason) {
  throw Error(ErrorCode::invalid_argument,
              "the name " + in_quotes(name) + " cannot be enrolled: " + reason);
}

bool is_utf8(const std::string& text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

bool is_digest(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void check_example(const NewExample& example, const std::string& subject,
                   const GalleryModel& model) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorCode::invalid_argument, "an example of " + in_quotes(subject) + " (" +
                                                 in_quotes(example.source) + ") " + what);
  };
  if (example.encoding.size() != static_cast<std::size_t>(model.dimensions))
    refuse("has an encoding of " + std::to_string(example.encoding.size()) + " numbers; those of " +
           model.id + " have " + std::to_string(model.dimensions));
  double squares = 0;
  for (const float value : example.encoding) squares += static_cast<double>(value) * value;
  if (!(std::abs(squares - 1) < 1e-2)) refuse("has an encoding that is not of length 1");
  if (!is_digest(example.source_digest)) refuse("has no SHA-256 of its picture");
  if (!(example.quality >= 0 && example.quality <= 1)) refuse("has a quality outside of [0, 1]");
  if (example.source.size() > 4096 || !is_utf8(example.source))
    refuse("has a file name that is too long or not UTF-8");
}

}  // namespace

void check_subject_name(const std::string& name) {
  if (name.empty()) refuse_name(name, "it is empty");
  if (name.size() > kLongestSubjectName)
    refuse_name(name, "it has " + std::to_string(name.size()) + " bytes; at most " +
                          std::to_string(kLongestSubjectName) + " are kept");
  if (in_quotes(name.substr(0, 100)) != "'" + name.substr(0, 100) + "'" && name.size() <= 100)
    refuse_name(name, "it holds control characters or is not UTF-8");
  if (!is_utf8(name)) refuse_name(name, "it is not UTF-8");
  for (const char character : name)
    if (static_cast<unsigned char>(character) < 0x20 || character == 0x7f)
      refuse_name(name, "it holds control characters");
  if (name.front() == ' ' || name.back() == ' ')
    refuse_name(name, "it begins or ends with a space");
}

void check_enrolments(std::span<const Enrolment> enrolments, const GalleryModel& model) {
  for (const Enrolment& enrolment : enrolments) {
    check_subject_name(enrolment.subject);
    for (const NewExample& example : enrolment.examples)
      check_example(example, enrolment.subject, model);
  }
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace likeness
