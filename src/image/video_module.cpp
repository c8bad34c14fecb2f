#include "image/video_module.h"

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <dlfcn.h>
#include <likeness/core/error.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Where the module may lie: beside the program, in the library folder next to the program's, where
/// it was built or installed, and where the system looks.
std::vector<std::string> places() {
  const std::string name = LIKENESS_VIDEOIO_NAME;
  std::vector<std::string> places;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error) {
    places.push_back((program / name).string());
    places.push_back((program.parent_path() / LIKENESS_VIDEOIO_LIBDIR / name).string());
  }
  for (const char* folder : {LIKENESS_VIDEOIO_BUILT, LIKENESS_VIDEOIO_INSTALLED})
    places.push_back((fs::path(folder) / name).string());
  places.push_back(name);
  return places;
}

const VideoModule& load() {
  std::string reason = std::string(LIKENESS_VIDEOIO_NAME) + " was not found";
  for (const std::string& place : places()) {
    std::error_code ignored;
    if (place.find('/') != std::string::npos && !fs::exists(place, ignored)) continue;
    // Never unloaded: libraries below it keep threads and handlers.
    void* handle = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      if (place.find('/') != std::string::npos) reason = ::dlerror();
      continue;
    }
    const auto entry =
        reinterpret_cast<const VideoModule* (*)()>(::dlsym(handle, "likeness_video_module"));
    if (entry != nullptr) return *entry();
    reason = place + ": not the module that was expected";
  }
  throw Error(ErrorCode::unavailable, "video needs OpenCV's videoio and highgui: " + reason);
}

}  // namespace

const VideoModule& video_module() {
  static const VideoModule& module = load();
  return module;
}

}  // namespace likeness
