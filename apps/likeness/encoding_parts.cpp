#include "encoding_parts.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "encoding_text.h"
#include "face_json.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path) {
  throw Error(ErrorCode::write_failed, path.string() + ": " + std::strerror(errno));
}

/// The same for the same file as long as it is not changed.
std::string key_of(const fs::path& photo) {
  struct stat info = {};
  ::stat(photo.c_str(), &info);  // zeros for what is gone
  const std::string text =
      fs::absolute(photo).lexically_normal().string() + '\0' + std::to_string(info.st_size) + '\0' +
      std::to_string(info.st_mtim.tv_sec) + '.' + std::to_string(info.st_mtim.tv_nsec);
  return sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string header_of(const std::string& settings) {
  return Json({{"likeness_parts", 1}, {"settings", settings}}).dump();
}

Json face_line(const EncodedFace& encoded) {
  const Face& face = encoded.face;
  return {{"face", encoded.index},
          {"box", {face.box.x, face.box.y, face.box.width, face.box.height}},
          {"score", face.score},
          {"encoding", to_base64(encoded.encoding)}};
}

EncodedFace face_from(const Json& json, const fs::path& photo) {
  const Json& box = json.at("box");
  return {photo.string(),
          json.at("face").get<std::size_t>(),
          {.box = {box.at(0), box.at(1), box.at(2), box.at(3)},
           .landmarks = {},
           .score = json.at("score")},
          encoding_from_base64(json.at("encoding").get<std::string>())};
}

}  // namespace

EncodingParts::EncodingParts(const fs::path& folder, int number, const std::string& settings)
    : own_(folder / (std::to_string(number) + ".jsonl")), settings_(settings) {
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  descriptor_ = ::open(own_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(own_);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor_);
    throw Error(ErrorCode::unavailable,
                own_.string() + ": another process is encoding for this output; wait for its end");
  }
  try {
    begin_part();
    refresh();
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

EncodingParts::~EncodingParts() {
  ::close(descriptor_);
}

/// Keeps what this part holds as far as its lines are whole and its settings are ours.
void EncodingParts::begin_part() {
  std::ifstream file(own_, std::ios::binary);
  std::int64_t whole = 0;
  std::string line;
  if (std::getline(file, line) && !file.eof() && line == header_of(settings_)) {
    do whole += static_cast<std::int64_t>(line.size()) + 1;
    while (std::getline(file, line) && !file.eof());
  }
  if (::ftruncate(descriptor_, whole) != 0) fail(own_);
  if (whole == 0) append(header_of(settings_));
}

void EncodingParts::refresh() {
  lines_.clear();
  std::set<fs::path> parts;
  for (const auto& entry : fs::directory_iterator(own_.parent_path()))
    if (entry.path().extension() == ".jsonl") parts.insert(entry.path());
  for (const fs::path& part : parts) read_part(part);
}

void EncodingParts::read_part(const fs::path& part) {
  std::ifstream file(part, std::ios::binary);
  std::string line;
  if (!std::getline(file, line) || line != header_of(settings_)) return;
  auto offset = static_cast<std::int64_t>(line.size()) + 1;
  // The last line may be half written: another process is at it, or was killed.
  for (; std::getline(file, line) && !file.eof();
       offset += static_cast<std::int64_t>(line.size()) + 1) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("photo") || !json["photo"].is_string()) continue;
    Line& known = lines_[json["photo"].get<std::string>()];
    if (!known.encoded) known = {part, offset, json.contains("faces")};
  }
}

bool EncodingParts::tried(const fs::path& photo) const {
  return lines_.contains(key_of(photo));
}

bool EncodingParts::encoded(const fs::path& photo) const {
  const auto line = lines_.find(key_of(photo));
  return line != lines_.end() && line->second.encoded;
}

EncodedPhoto EncodingParts::find(const fs::path& photo) const {
  const Line& line = lines_.at(key_of(photo));
  std::ifstream file(line.part, std::ios::binary);
  file.seekg(line.offset);
  std::string text;
  std::getline(file, text);
  EncodedPhoto result;
  try {
    const Json json = Json::parse(text);
    if (line.encoded)
      for (const Json& face : json.at("faces")) result.faces.push_back(face_from(face, photo));
    else
      result.failure = {photo, static_cast<ErrorCode>(json.at("code").get<int>()),
                        json.at("message").get<std::string>()};
  } catch (const Json::exception&) {
    throw Error(ErrorCode::corrupt_file, line.part.string() + ": is damaged; delete this file");
  }
  return result;
}

void EncodingParts::add(const fs::path& photo, const EncodedPhoto& result) {
  Json json = {{"photo", key_of(photo)}};
  if (result.failure) {
    json["code"] = static_cast<int>(result.failure->code);
    json["message"] = result.failure->message;
  } else {
    json["faces"] = Json::array();
    for (const EncodedFace& face : result.faces) json["faces"].push_back(face_line(face));
  }
  append(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void EncodingParts::append(const std::string& line) const {
  const std::string text = line + "\n";
  for (std::size_t written = 0; written < text.size();) {
    const ssize_t count = ::write(descriptor_, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(own_);
    written += static_cast<std::size_t>(count);
  }
}

EncodingParts::Turn::Turn(const fs::path& folder) {
  const fs::path path = folder / "lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path);
  while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

EncodingParts::Turn::~Turn() {
  ::close(descriptor_);
}

}  // namespace likeness::cli
