#pragma once

/// The painter of a film as `likeness video` asks for it, with all that it needs.

#include <memory>
#include <string>
#include <vector>

#include <likeness/style/film.h>

#include "command.h"
#include "video_options.h"

namespace likeness::cli {

class FilmStyles {
 public:
  /// Loads the network. Throws Error as the painter and the perceptual network do.
  FilmStyles(const VideoCommand& options, const CommandContext& context);

  /// Tells its weights from others.
  std::string fingerprint() const;
  /// A painter for results of `longest` pixels. Reads the styles; throws Error as read_image does.
  /// Must not outlive this. Says in `notes` what the user should know.
  FilmPainter painter(int longest, std::vector<std::string>& notes) const;

 private:
  Image style(const std::string& name, int longest) const;
  std::vector<double> shares(std::vector<std::string>& notes) const;
  std::unique_ptr<FrameBrush> one_pass(int longest, const std::vector<double>& shares) const;
  std::unique_ptr<FrameBrush> descent(int longest, const std::vector<double>& shares) const;

  const VideoCommand& options_;
  std::unique_ptr<OnePassPainter> painter_;     ///< null with --optimise
  std::unique_ptr<PerceptualNetwork> network_;  ///< with --optimise
};

}  // namespace likeness::cli
