#pragma once

/// What `likeness video` takes, as it was typed.

#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <likeness/image/video.h>
#include <likeness/style/film.h>

namespace likeness::cli {

struct VideoCommand {
  std::string input;
  std::string output;
  std::vector<std::string> styles;
  std::vector<double> blend;
  std::vector<double> strength;  ///< fine, middle, coarse
  double alpha = 1;
  int size = 0;  ///< longest side; 0: that of the film
  double style_scale = 1;
  bool original_colours = false;
  std::string painter;  ///< folder; empty: the one that is compiled in
  bool fast = false;
  bool optimise = false;
  int iterations = 30;
  double coherence = FilmOptions{}.coherence;
  std::string start;
  std::string duration;
  bool resume = false;
  int camera = -1;
  bool window = false;
};

void add_video_options(CLI::App& command, VideoCommand& options);

/// Throws Error(invalid_argument) for options that do not go together.
void check_video_options(const VideoCommand& options);

/// Everything that a painted frame depends on, in words and digests of the pictures that are read:
/// to tell whether a film may be gone on with.
std::string film_identity(const VideoCommand& options, const std::string& painter);

/// "1:30", "12.5", "90s", "2m" in seconds. Throws Error(invalid_argument).
double parse_time(const std::string& text, const std::string& option);

}  // namespace likeness::cli
