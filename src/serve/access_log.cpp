#include "serve/access_log.h"

#include <cerrno>
#include <cmath>
#include <cstring>

#include <likeness/core/error.h>
#include <likeness/gallery/gallery.h>

#include "serve/json.h"

namespace likeness::serve {
namespace {

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void AccessLog::Close::operator()(std::FILE* file) const {
  if (file != stderr) std::fclose(file);
}

AccessLog::AccessLog(const std::filesystem::path& file) : requests_(!file.empty()) {
  file_.reset(file.empty() || file == "-" ? stderr : std::fopen(file.c_str(), "ae"));
  if (!file_)
    throw Error(ErrorCode::write_failed,
                file.string() + ": the log cannot be written: " + std::strerror(errno));
}

void AccessLog::add(const Served& served) {
  if (!requests_ && served.failure.empty()) return;
  const HttpRequest& request = served.request;
  Json json = {{"time", utc_now()},
               {"id", request.id},
               {"address", request.address},
               {"key", request.caller.id},
               {"method", request.method},
               {"route", served.route == nullptr ? std::string() : served.route->pattern},
               {"status", served.status},
               {"ms", std::round(served.seconds * 1e4) / 10},
               {"in", served.bytes_in},
               {"out", served.bytes_out}};
  if (!served.code.empty()) json["code"] = served.code;
  if (!served.failure.empty()) json["failure"] = served.failure;
  write(line_of(json));
}

void AccessLog::note(const std::string& text) {
  write(line_of({{"time", utc_now()}, {"note", text}}));
}

void AccessLog::write(const std::string& line) {
  const std::scoped_lock lock(mutex_);
  std::fwrite(line.data(), 1, line.size(), file_.get());
  std::fflush(file_.get());
}

}  // namespace likeness::serve
