#include "train/run_folder.h"

#include <system_error>

#include <likeness/core/error.h>
#include <likeness/core/files.h>

namespace likeness {

namespace fs = std::filesystem;

std::string id_from_folder(const fs::path& folder) {
  std::string id;
  const fs::path whole = fs::absolute(folder).lexically_normal();
  const std::string name = (whole.has_filename() ? whole : whole.parent_path()).filename().string();
  for (const char c : name) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    id += plain ? lower : '_';
  }
  return id;
}

void prepare_run_folder(const fs::path& folder, bool resume) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::write_failed, folder.string() + ": " + error.message());
  check_writable(folder / "model.json");
  if (resume) return;
  for (const char* checkpoint : {"checkpoint.safetensors", "encoder.safetensors"})
    if (fs::exists(folder / checkpoint, error))
      throw Error(ErrorCode::invalid_argument,
                  folder.string() +
                      ": a run is there already; go on with --resume, or choose another --out");
}

}  // namespace likeness
