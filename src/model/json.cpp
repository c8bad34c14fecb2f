#include "model/json.h"

#include <set>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/core/text.h>

namespace likeness {
namespace {

using nlohmann::json;

/// Called by the parser at every step, so that what is not wanted stops it at once.
class Guard {
 public:
  Guard(const std::string& name, std::size_t max_depth) : name_(name), max_depth_(max_depth) {}

  void operator()(json::parse_event_t event, const json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
      case json::parse_event_t::array_start:
        if (keys_.size() == max_depth_)
          throw Error(ErrorCode::corrupt_file, name_ + ": JSON is nested deeper than " +
                                                   std::to_string(max_depth_) + " levels");
        keys_.emplace_back();
        break;
      case json::parse_event_t::object_end:
      case json::parse_event_t::array_end:
        keys_.pop_back();
        break;
      case json::parse_event_t::key: {
        const auto& key = parsed.get_ref<const std::string&>();
        if (!keys_.back().insert(key).second)
          throw Error(ErrorCode::corrupt_file,
                      name_ + ": JSON has the key " + in_quotes(key) + " twice in one object");
        break;
      }
      case json::parse_event_t::value:
        break;
    }
  }

 private:
  const std::string& name_;
  std::size_t max_depth_;
  std::vector<std::set<std::string>> keys_;  // of the objects that are open
};

}  // namespace

json parse_json(std::string_view text, const std::string& name, std::size_t max_depth) {
  Guard guard(name, max_depth);
  const auto callback = [&](int, json::parse_event_t event, json& parsed) {
    guard(event, parsed);
    return true;
  };
  try {
    return json::parse(text, callback);
  } catch (const json::exception& error) {
    throw Error(ErrorCode::corrupt_file, name + ": not JSON: " + in_quotes(error.what()));
  }
}

json parse_json(std::span<const std::uint8_t> text, const std::string& name,
                std::size_t max_depth) {
  return parse_json({reinterpret_cast<const char*>(text.data()), text.size()}, name, max_depth);
}

}  // namespace likeness
