/// likeness video IN OUT --style PICTURE: a film painted in the style of a picture.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/heap.h>
#include <likeness/core/timer.h>
#include <likeness/image/transform.h>
#include <likeness/image/video.h>
#include <likeness/style/colour.h>

#include "film_brush.h"
#include "film_parts.h"
#include "json.h"
#include "video_options.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kWindow[] = "likeness video";

struct FilmReport {
  int width = 0;
  int height = 0;
  double rate = 0;
  std::int64_t frames = 0;   ///< of the whole result
  std::int64_t resumed = 0;  ///< of them, painted by an earlier call
  std::int64_t repeated = 0;
  std::int64_t dropped = 0;
  std::int64_t cuts = 0;
  double seconds = 0;
  bool cut_off = false;
  bool stopped = false;
  std::vector<std::string> notes;

  double frames_a_second() const {
    return seconds > 0 ? static_cast<double>(frames - resumed) / seconds : 0;
  }
};

void check_outputs(const VideoCommand& options) {
  check_video_ending(options.output);
  check_writable(options.output);
  std::vector<std::string> inputs = options.styles;
  inputs.push_back(options.input);
  std::error_code ignored;
  for (const std::string& input : inputs)
    if (fs::equivalent(options.output, input, ignored))
      throw Error(ErrorCode::invalid_argument,
                  options.output + ": would overwrite what is read; name another place");
}

FilmSize result_size(int width, int height, int longest) {
  if (longest == 0) return {width, height};
  const double scale = static_cast<double>(longest) / std::max(width, height);
  return {std::max(1, static_cast<int>(std::lround(scale * width))),
          std::max(1, static_cast<int>(std::lround(scale * height)))};
}

/// One call of `likeness video IN OUT`.
class FilmJob {
 public:
  FilmJob(const VideoCommand& options, CommandContext& context)
      : options_(options),
        context_(context),
        span_({.start = options.start.empty() ? 0 : parse_time(options.start, "--start"),
               .duration =
                   options.duration.empty() ? 0 : parse_time(options.duration, "--duration")}),
        film_(options.input, span_),
        styles_(options, context),
        size_(result_size(film_.info().width, film_.info().height, options.size)),
        painter_(styles_.painter(std::max(size_.width, size_.height), report_.notes)),
        parts_(options.output, film_identity(options, styles_.fingerprint()), options.resume) {
    report_.width = size_.width;
    report_.height = size_.height;
    report_.rate = film_.rate();
    if (size_.width % 2 != 0 || size_.height % 2 != 0)
      report_.notes.emplace_back("an odd side gains a row or column that repeats the last one");
  }

  FilmReport run() {
    const Timer timer;
    take_up();
    paint_all();
    report_.repeated = film_.repeated();
    report_.dropped = film_.dropped();
    report_.cuts = painter_.cuts();
    report_.cut_off = film_.cut_off();
    if (!report_.stopped) {
      for (std::string& note : parts_.join({.file = options_.input, .start = span_.start}))
        report_.notes.push_back(std::move(note));
    }
    report_.seconds = timer.seconds();
    say();
    return std::move(report_);
  }

 private:
  /// Goes to where an earlier call stopped.
  void take_up() {
    report_.resumed = report_.frames = parts_.frames();
    if (report_.resumed == 0) return;
    painter_.restore(parts_.painter_state());
    for (std::int64_t i = 0; i < report_.resumed; ++i)
      if (film_.next() == nullptr) break;
  }

  void paint_all() {
    Progress& progress = context_.progress();
    const Cancellation& cancellation = context_.stop_on_interrupt();
    progress.begin("Painting frames", film_.expected_frames());
    progress.resume(report_.frames);
    while (const SteadyFrame* frame = film_.next()) {
      parts_.write(painted(*frame), film_.rate());
      progress.update(++report_.frames);
      if (parts_.part_is_full()) finish_part();
      report_.stopped = report_.stopped || cancellation.requested();
      if (report_.stopped) break;
    }
    finish_part();
    progress.end();
  }

  void finish_part() {
    try {
      parts_.finish_part(painter_.state());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::write_failed || parts_.frames() == 0) throw;
      throw Error(error.code(), std::string(error.what()) + " (" + std::to_string(parts_.frames()) +
                                    " frames are kept in " + parts_.folder().string() +
                                    "; go on with --resume)");
    }
  }

  Image painted(const SteadyFrame& frame) {
    Image scaled = without_alpha(frame.picture);
    if (scaled.width() != size_.width || scaled.height() != size_.height)
      scaled = resize(scaled, size_.width, size_.height);
    Image result =
        frame.repeated && painter_.frames() > 0 ? painter_.last() : painter_.paint(scaled);
    if (options_.original_colours) result = with_colours_of(result, scaled);
    if (options_.window && !show_in_window(kWindow, result)) report_.stopped = true;
    return result;
  }

  void say() {
    if (report_.repeated + report_.dropped > 0)
      report_.notes.push_back("frames lie at varying distances: brought to " +
                              Json(report_.rate).dump() + " a second, " +
                              std::to_string(report_.repeated) + " repeated, " +
                              std::to_string(report_.dropped) + " left out");
    for (const std::string& note : report_.notes) context_.progress().note(note);
    if (report_.cut_off)
      context_.warn(options_.input + ": breaks off before its end; what it holds is painted");
  }

  const VideoCommand& options_;
  CommandContext& context_;
  FilmReport report_;
  FilmSpan span_;
  SteadyFilm film_;
  FilmStyles styles_;
  FilmSize size_;
  FilmPainter painter_;
  FilmParts parts_;
};

Json to_json(const FilmReport& report, const VideoCommand& options) {
  return {{"output", options.output},
          {"frames", report.frames},
          {"width", report.width},
          {"height", report.height},
          {"frame_rate", report.rate},
          {"seconds", report.seconds},
          {"frames_per_second", report.frames_a_second()},
          {"resumed_from", report.resumed},
          {"cuts", report.cuts},
          {"repeated", report.repeated},
          {"dropped", report.dropped},
          {"cut_off", report.cut_off},
          {"stopped", report.stopped},
          {"notes", report.notes}};
}

std::string to_text(const FilmReport& report, const VideoCommand& options) {
  std::ostringstream text;
  text.precision(3);
  text << options.output << ": ";
  if (report.stopped) {
    text << "stopped after " << report.frames << " frames, which are kept in " << options.output
         << ".parts; go on with the same command and --resume\n";
    return text.str();
  }
  text << report.frames << " frames of " << report.width << " x " << report.height << " in "
       << format_duration(report.seconds) << ", " << report.frames_a_second() << " a second\n";
  return text.str();
}

int run_camera(const VideoCommand& options, CommandContext& context) {
  check_display();
  constexpr int kUsual = 640;
  VideoReader camera(options.camera);
  const FilmStyles styles(options, context);
  const FilmSize size = result_size(camera.info().width, camera.info().height,
                                    options.size > 0 ? options.size : kUsual);
  std::vector<std::string> notes;
  FilmPainter painter = styles.painter(std::max(size.width, size.height), notes);
  for (const std::string& note : notes) context.progress().note(note);
  const Cancellation& cancellation = context.stop_on_interrupt();
  while (const auto frame = camera.next()) {
    const Image scaled = resize(frame->picture, size.width, size.height);
    const Image painted = painter.paint(scaled);
    if (!show_in_window(kWindow,
                        options.original_colours ? with_colours_of(painted, scaled) : painted))
      break;
    if (cancellation.requested()) return kInterrupted;
  }
  return kOk;
}

int run_video(const VideoCommand& options, CommandContext& context) {
  keep_freed_memory();
  check_video_options(options);
  if (options.camera >= 0) return run_camera(options, context);
  if (options.window) check_display();
  check_outputs(options);
  const FilmReport report = FilmJob(options, context).run();
  if (context.json)
    context.print_json(to_json(report, options));
  else
    context.print(to_text(report, options));
  if (report.stopped) return kInterrupted;
  return report.cut_off ? kSomeFailed : kOk;
}

}  // namespace

void add_video_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<VideoCommand>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "video",
       .summary = "Paint a film in the style of a picture, without flicker",
       .examples = "likeness video in.mp4 out.mp4 --style wave.jpg\n"
                   "likeness video in.mp4 out.mp4 --style wave.jpg seurat.jpg --blend 0.3,0.7\n"
                   "likeness video in.mkv out.mp4 --style wave.jpg --start 1:30 --duration 20s\n"
                   "likeness video in.mp4 out.mp4 --style wave.jpg --resume\n"
                   "likeness video in.mp4 out.mp4 --style wave.jpg --size 512 --optimise\n"
                   "likeness video --camera 0 --window --style wave.jpg"},
      [options, &context] { return run_video(*options, context); });
  add_video_options(command, *options);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
