#pragma once

/// One painting of the queue from its files to the picture. One object belongs to one thread.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <likeness/core/progress.h>
#include <likeness/image/codec.h>
#include <likeness/image/image.h>
#include <likeness/style/one_pass_painter.h>
#include <likeness/style/perceptual_network.h>

#include "serve/style_job.h"
#include "serve/style_job_files.h"

namespace likeness::serve {

struct StylePaintingOptions {
  DecodeLimits limits = {};
  std::int64_t memory = 0;  ///< bytes that may be used; 0: 70 % of what is free
  double state_every = 20;  ///< seconds between states of a descent on disk
};

/// What is heard on the way, on the painting's own thread.
struct StylePaintingEvents {
  /// `done` of `total` steps, after `seconds` of this call; a descent tells its costs at the size
  /// at hand.
  std::function<void(std::int64_t done, std::int64_t total, double seconds,
                     const std::optional<Costs>& costs)>
      progress;
  std::function<void(const Image& picture, std::int64_t iteration)> preview;
  std::function<void(const std::string& text)> note;  ///< for the log
};

struct StylePainted {
  Image picture;
  std::int64_t iterations = 0;
  double seconds = 0;
  std::optional<Costs> costs = {};
  bool cancelled = false;  ///< `picture` is what there was by then
};

class StyleBrushes {
 public:
  explicit StyleBrushes(const StylePaintingOptions& options) : options_(options) {}

  /// Paints the job's pictures; a descent goes on from the job's state where there is one, and
  /// begins anew where it cannot be used. When it is cancelled, a descent leaves its state and
  /// returns; one pass throws Error(cancelled). Throws Error as decode_image, stylise and
  /// paint_in_one_pass do.
  StylePainted paint(const StyleJob& job, const StyleJobFiles& files,
                     const StylePaintingEvents& events, const Cancellation& cancellation);

 private:
  StylePainted descent(const StyleJob& job, const StyleJobFiles& files,
                       const StylePaintingEvents& events, const Cancellation& cancellation);
  StylePainted one_pass(const StyleJob& job, const StyleJobFiles& files,
                        const StylePaintingEvents& events, const Cancellation& cancellation);
  const PerceptualNetwork& network();
  const OnePassPainter& painter();

  StylePaintingOptions options_;
  std::optional<PerceptualNetwork> network_;  ///< loaded with the first painting
  std::optional<OnePassPainter> painter_;
};

}  // namespace likeness::serve
