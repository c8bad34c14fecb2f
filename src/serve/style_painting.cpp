#include "serve/style_painting.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <vector>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/timer.h>
#include <likeness/style/one_pass.h>
#include <likeness/style/stylise.h>

namespace likeness::serve {
namespace {

namespace fs = std::filesystem;

/// Previews of a descent that uses all its iterations; long ones have more.
constexpr int kPreviews = 25;
constexpr int kMostBetweenPreviews = 10;

/// Tells the steps of a long call on.
class Steps : public Progress {
 public:
  explicit Steps(const StylePaintingEvents& events) : events_(events) {}
  void begin(std::string_view /*task*/, std::int64_t total) override { total_ = total; }
  void update(std::int64_t done) override {
    events_.progress(done, total_, timer_.seconds(), costs_);
  }
  void keep(const Costs& costs) { costs_ = costs; }

 private:
  const StylePaintingEvents& events_;
  Timer timer_;
  std::int64_t total_ = 0;
  std::optional<Costs> costs_;
};

StyliseOptions stylise_options(const StyleJob& job, const StylePaintingOptions& painting) {
  StyliseOptions run;
  run.size = job.options.size;
  run.iterations = job.options.iterations;
  run.weights.content = job.options.content_weight;
  run.weights.style = job.options.style_weight;
  run.style_scale = job.options.style_scale;
  run.original_colours = job.options.original_colours;
  run.memory = painting.memory;
  run.state_every = painting.state_every;
  // What earlier runs have spent counts; a little is left for the picture's last step.
  if (job.options.time_budget > 0)
    run.time_budget = std::max(0.001, job.options.time_budget - job.seconds);
  run.preview_every = std::clamp(job.options.iterations / kPreviews, 1, kMostBetweenPreviews);
  return run;
}

/// A state that is broken, gone or of another version of the program.
bool is_about_the_state(const Error& error) {
  return error.code() == ErrorCode::corrupt_file || error.code() == ErrorCode::not_found ||
         error.code() == ErrorCode::invalid_argument;
}

}  // namespace

StylePainted StyleBrushes::paint(const StyleJob& job, const StyleJobFiles& files,
                                 const StylePaintingEvents& events,
                                 const Cancellation& cancellation) {
  return job.options.mode == StyleMode::fast ? one_pass(job, files, events, cancellation)
                                             : descent(job, files, events, cancellation);
}

StylePainted StyleBrushes::descent(const StyleJob& job, const StyleJobFiles& files,
                                   const StylePaintingEvents& events,
                                   const Cancellation& cancellation) {
  const Image content = decode_image(files.content(job), "content", options_.limits);
  std::vector<StyleSource> styles;
  for (std::int64_t i = 0; i < job.styles; ++i)
    styles.push_back({.picture = decode_image(files.style(job, i), "style", options_.limits)});
  StyliseOptions run = stylise_options(job, options_);
  run.state = files.state_file(job);
  run.resume = fs::exists(run.state);
  run.preview = [&events](const Image& picture, int iteration) {
    events.preview(picture, iteration);
  };
  const auto call = [&] {
    Steps steps(events);
    run.on_step = [&steps](const Costs& costs, int) { steps.keep(costs); };
    StyliseResult result = stylise(network(), content, styles, run, steps, &cancellation);
    StylePainted painted{.picture = std::move(result.picture),
                         .iterations = result.iterations,
                         .seconds = result.seconds,
                         .cancelled = result.cancelled};
    // A descent that was stopped at a coarse size has no costs at the final one.
    if (result.costs.total > 0 || !result.cancelled) painted.costs = result.costs;
    return painted;
  };
  if (!run.resume) return call();
  try {
    events.note("style job " + job.id + ": goes on from its state");
    return call();
  } catch (const Error& error) {
    if (!is_about_the_state(error)) throw;
    events.note("style job " + job.id +
                ": begins anew, as its state cannot be used: " + error.what());
  }
  std::error_code ignored;
  fs::remove(run.state, ignored);
  run.resume = false;
  return call();
}

StylePainted StyleBrushes::one_pass(const StyleJob& job, const StyleJobFiles& files,
                                    const StylePaintingEvents& events,
                                    const Cancellation& cancellation) {
  const Image content = decode_image(files.content(job), "content", options_.limits);
  std::vector<OnePassStyle> styles;
  for (std::int64_t i = 0; i < job.styles; ++i)
    styles.push_back({.picture = decode_image(files.style(job, i), "style", options_.limits)});
  Steps steps(events);
  OnePassResult result = paint_in_one_pass(painter(), content, styles,
                                           {.controls = {.alpha = job.options.alpha},
                                            .size = job.options.size,
                                            .style_scale = job.options.style_scale,
                                            .original_colours = job.options.original_colours,
                                            .memory = options_.memory},
                                           steps, &cancellation);
  return {.picture = std::move(result.picture), .iterations = 1, .seconds = result.seconds};
}

const PerceptualNetwork& StyleBrushes::network() {
  if (!network_)
    network_ = builtin_perceptual_network(at::kCPU, {.bf16 = has_fast_bfloat16(at::kCPU)});
  return *network_;
}

const OnePassPainter& StyleBrushes::painter() {
  if (!painter_) painter_ = builtin_painter(at::kCPU, {.bf16 = has_fast_bfloat16(at::kCPU)});
  return *painter_;
}

}  // namespace likeness::serve
