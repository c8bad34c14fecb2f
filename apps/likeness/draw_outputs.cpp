#include "draw_outputs.h"

#include <set>
#include <string>
#include <system_error>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

void refuse_to_overwrite(const fs::path& output, const fs::path& photo) {
  std::error_code ignored;
  if (fs::equivalent(output, photo, ignored))
    throw Error(ErrorCode::invalid_argument,
                "--draw " + output.string() + ": would overwrite the photo; name another place");
}

/// A file in `folder` for each photo, with its name; a number tells equal names apart.
std::vector<fs::path> outputs_in(const fs::path& folder, const std::vector<fs::path>& photos) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder, error))
    throw Error(ErrorCode::write_failed, "--draw " + folder.string() +
                                             ": several photos need a folder here, and it cannot "
                                             "be created");
  std::vector<fs::path> outputs;
  std::set<fs::path> taken;
  for (const fs::path& photo : photos) {
    const std::string stem = photo == "-" ? "standard-input" : photo.stem().string();
    const std::string ending = has_image_ending(photo) ? photo.extension().string() : ".png";
    fs::path output = folder / (stem + ending);
    for (int number = 2; !taken.insert(output).second; ++number)
      output = folder / (stem + "-" + std::to_string(number) + ending);
    check_writable(output);
    refuse_to_overwrite(output, photo);
    outputs.push_back(output);
  }
  return outputs;
}

}  // namespace

std::vector<fs::path> draw_outputs(const fs::path& draw, const std::vector<fs::path>& photos) {
  if (draw.empty()) return {};
  if (photos.size() > 1 || fs::is_directory(draw) || !draw.has_filename())
    return outputs_in(draw, photos);
  format_from_path(draw);
  check_writable(draw);
  if (!photos.empty()) refuse_to_overwrite(draw, photos.front());
  return {draw};
}

}  // namespace likeness::cli
