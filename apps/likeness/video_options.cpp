#include "video_options.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <likeness/core/error.h>
#include <likeness/core/files.h>

#include "quantities.h"
#include "style_options.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

void add_painting(CLI::App& command, VideoCommand& options) {
  const std::string group = "What is painted";
  command.add_option("--style", options.styles, "The picture in whose style; or several")
      ->type_name("PICTURE")
      ->required()
      ->group(group);
  command.add_option("--blend", options.blend, "How much of each style, for several: 0.3,0.7")
      ->type_name("SHARE")
      ->delimiter(',')
      ->group(group);
  command.add_option("--alpha", options.alpha, "0: the film as it is, 1: the style in full")
      ->type_name("A")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--strength", options.strength,
                  "Factors of --alpha for fine, middle and coarse structure: 1,0.5,0")
      ->type_name("FACTOR")
      ->delimiter(',')
      ->expected(3)
      ->group(group);
  command.add_option("--size", options.size, "Longest side of the result (default: the film's)")
      ->type_name("PIXELS")
      ->check(CLI::Range(16, 8192).description(""))
      ->group(group);
  command
      .add_option("--style-scale", options.style_scale,
                  "Size of the style against the result: larger gives larger strokes")
      ->type_name("SCALE")
      ->check(CLI::Range(0.05, 8.0).description(""))
      ->capture_default_str()
      ->group(group);
  command
      .add_flag("--original-colors,--original-colours", options.original_colours,
                "Keep the film's colours: only brightness is painted")
      ->group(group);
  command
      .add_option("--painter", options.painter,
                  "Folder of a painter from 'likeness train painter' (default: the built-in one)")
      ->type_name("DIR")
      ->group(group);
}

void add_film(CLI::App& command, VideoCommand& options) {
  const std::string group = "Film";
  command
      .add_option("--coherence", options.coherence,
                  "How far what was painted before is kept where it is still seen: 0 paints every "
                  "frame by itself and flickers")
      ->type_name("0…1")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->capture_default_str()
      ->group(group);
  command.add_flag("--fast", options.fast, "Paint in one pass (this is the default)")->group(group);
  command
      .add_flag("--optimise,--optimize", options.optimise,
                "Paint each frame by gradient descent instead: finer, and slow")
      ->group(group);
  command.add_option("--iterations", options.iterations, "Steps a frame, with --optimise")
      ->type_name("N")
      ->check(CLI::Range(1, 10000).description(""))
      ->capture_default_str()
      ->group(group);
  command.add_option("--start", options.start, "Begin here: 12.5, 1:30, 90s")
      ->type_name("TIME")
      ->group(group);
  command.add_option("--duration", options.duration, "Paint so much of it")
      ->type_name("TIME")
      ->group(group);
  command
      .add_flag("--resume", options.resume, "Go on with a film that was stopped (from OUT.parts)")
      ->group(group);
  command.add_option("--camera", options.camera, "Paint what this camera sees, from 0; no IN")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber.description(""))
      ->group(group);
  command
      .add_flag("--window", options.window, "Show the frames in a window while they are painted")
      ->group(group);
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::invalid_argument, what);
}

/// Size and time of a file are enough for a film; a style's content is looked at.
std::string film_digest(const std::string& file) {
  std::error_code ignored;
  std::ostringstream text;
  text << fs::file_size(file, ignored) << ' '
       << fs::last_write_time(file, ignored).time_since_epoch().count();
  return text.str();
}

}  // namespace

double parse_time(const std::string& text, const std::string& option) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return text == "0" ? 0 : parse_duration(text, option);
  const std::string minutes = text.substr(0, colon);
  const std::string seconds = text.substr(colon + 1);
  const auto value = [&](const std::string& part) {
    char* end = nullptr;
    const double number = std::strtod(part.c_str(), &end);
    if (part.empty() || *end != '\0' || !std::isfinite(number) || number < 0)
      refuse(option + " " + text + ": not a time; write 12.5, 1:30 or 90s");
    return number;
  };
  return 60 * value(minutes) + value(seconds);
}

void check_video_options(const VideoCommand& options) {
  if (options.camera < 0 && (options.input.empty() || options.output.empty()))
    refuse("name a film to read and one to write: likeness video IN OUT --style PICTURE");
  if (options.camera >= 0 && !options.window)
    refuse("--camera: what it sees is shown in a window; add --window");
  if (options.camera >= 0 && !options.input.empty())
    refuse("--camera takes the place of IN and OUT: leave them out");
  if (options.camera >= 0 && options.optimise)
    refuse("--camera: --optimise is far too slow for it");
  if (options.fast && options.optimise) refuse("--fast and --optimise: choose one");
  if (options.optimise && (options.alpha != 1 || !options.strength.empty()))
    refuse("--alpha and --strength belong to painting in one pass, not to --optimise");
  if (!options.blend.empty() && options.blend.size() != options.styles.size())
    refuse("--blend: " + std::to_string(options.blend.size()) + " given for " +
           std::to_string(options.styles.size()) + " styles");
  double sum = 0;
  for (const double share : options.blend) {
    if (!std::isfinite(share) || share < 0) refuse("--blend: shares are numbers from 0 on");
    sum += share;
  }
  if (!options.blend.empty() && sum <= 0) refuse("--blend: all shares are 0");
  for (const double factor : options.strength)
    if (!std::isfinite(factor) || factor < 0 || factor * options.alpha > 1)
      refuse("--strength: factors are numbers from 0 on that --alpha times does not bring over 1");
}

std::string film_identity(const VideoCommand& options, const std::string& painter) {
  std::ostringstream text;
  text.precision(17);
  text << film_digest(options.input) << '|' << painter << '|' << options.alpha << '|'
       << options.size << '|' << options.style_scale << '|' << options.original_colours << '|'
       << options.optimise << '|' << options.iterations << '|' << options.coherence << '|'
       << options.start << '|' << options.duration;
  for (const double share : options.blend) text << "|b" << share;
  for (const double factor : options.strength) text << "|s" << factor;
  constexpr std::size_t kLargestStyle = std::size_t{256} << 20;
  for (const std::string& style : options.styles) {
    std::error_code ignored;
    text << '|' << (fs::exists(style, ignored) ? sha256(read_file(style, kLargestStyle)) : style);
  }
  const std::string words = text.str();
  return sha256({reinterpret_cast<const std::uint8_t*>(words.data()), words.size()}).substr(0, 16);
}

void add_video_options(CLI::App& command, VideoCommand& options) {
  command.add_option("IN", options.input, "The film to paint: whatever FFmpeg reads");
  command.add_option("OUT", options.output, "The painted film: .mp4, .mov, .mkv, .avi or .webm");
  add_painting(command, options);
  add_film(command, options);
}

}  // namespace likeness::cli
