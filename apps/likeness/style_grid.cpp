#include "style_grid.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/sheet.h>
#include <likeness/image/codec.h>
#include <likeness/style/one_pass.h>

#include "inputs.h"
#include "json.h"
#include "style_fast.h"
#include "style_inputs.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kCell = 192;
constexpr std::size_t kLargestSheet = 40;  ///< contents or styles on a sheet

/// A picture that was asked for: where it is, and what it is called in the results.
struct Named {
  fs::path path;
  std::string name;
};

/// Names without endings; what has the same name as another one gets a number.
std::vector<Named> named(const std::vector<fs::path>& paths) {
  std::set<std::string> taken;
  std::vector<Named> result;
  for (const fs::path& path : paths) {
    const std::string stem = path.stem().string();
    std::string name = stem;
    for (int number = 2; !taken.insert(name).second; ++number)
      name = stem + "-" + std::to_string(number);
    result.push_back({path, name});
  }
  return result;
}

/// One painting of one content in one style.
using Paint = std::function<Image(const Image& content, const Image& style)>;

/// By one pass or by descent, with the networks loaded once.
Paint painting(const StyleCommand& options, CommandContext& context) {
  const StyliseOptions run = stylise_options(options);
  const c10::Device device = context.prepare_device();
  const Cancellation* stop = &context.stop_on_interrupt();
  static Progress silent;
  if (options.fast) {
    auto painter = std::make_shared<OnePassPainter>(load_painter(options, device));
    if (!painter->styles().empty())
      throw Error(ErrorCode::invalid_argument, "--grid: paints in the styles of pictures, and " +
                                                   options.painter + " knows only its own");
    return [painter, run, stop, pass = one_pass_options(options, run)](const Image& content,
                                                                       const Image& style) {
      return paint_in_one_pass(*painter, content, {{.picture = style}}, pass, silent, stop).picture;
    };
  }
  auto network = std::make_shared<PerceptualNetwork>(load_network(options, device));
  return [network, run, stop](const Image& content, const Image& style) {
    StyliseResult result = stylise(*network, content, {{.picture = style}}, run, silent, stop);
    if (result.cancelled) throw Error(ErrorCode::cancelled, "stopped");
    return std::move(result.picture);
  };
}

class Grid {
 public:
  Grid(const StyleCommand& options, CommandContext& context)
      : options_(options), context_(context), folder_(options.output) {
    contents_ = take(std::vector<std::string>{options.content});
    styles_ = take(options.styles);
  }

  int run() {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) throw Error(ErrorCode::write_failed, folder_.string() + ": " + error.message());
    check_writable(folder_ / "contact_sheet.jpg");
    begin_sheet();
    const Paint paint = painting(options_, context_);
    try {
      for (std::size_t c = 0; c < contents_.size(); ++c) paint_row(c, paint);
    } catch (const Error& stopped) {
      if (stopped.code() != ErrorCode::cancelled) throw;
      stopped_ = true;
    }
    context_.progress().end();
    if (sheet_) write_image(folder_ / "contact_sheet.jpg", sheet_->image());
    report();
    return stopped_ ? kInterrupted : failures_.empty() ? kOk : kSomeFailed;
  }

 private:
  std::vector<Named> take(const std::vector<std::string>& arguments) {
    Inputs inputs = expand_inputs(arguments);
    for (Failure& failure : inputs.failures) fail(std::move(failure));
    return named(inputs.photos);
  }

  void fail(Failure failure) {
    context_.warn(failure.message);
    failures_.push_back(std::move(failure));
  }

  void begin_sheet() {
    context_.progress().begin("Painting",
                              static_cast<std::int64_t>(contents_.size() * styles_.size()));
    if (contents_.size() > kLargestSheet || styles_.size() > kLargestSheet) {
      context_.progress().note("more than " + std::to_string(kLargestSheet) +
                               " pictures a side: no contact sheet is made");
      return;
    }
    sheet_.emplace(static_cast<int>(styles_.size()) + 1, static_cast<int>(contents_.size()) + 1,
                   kCell);
  }

  std::optional<Image> read(const Named& picture) {
    try {
      return read_image(picture.path);
    } catch (const Error& error) {
      fail({picture.path, error.code(), error.what()});
      return std::nullopt;
    }
  }

  void paint_row(std::size_t row, const Paint& paint) {
    const std::optional<Image> content = read(contents_[row]);
    if (content && sheet_) {
      sheet_->put(0, static_cast<int>(row) + 1, *content);
      sheet_->name_row(static_cast<int>(row) + 1, contents_[row].name.substr(0, 10));
    }
    for (std::size_t column = 0; column < styles_.size(); ++column) {
      if (content) paint_one(*content, row, column, paint);
      context_.progress().update(static_cast<std::int64_t>(row * styles_.size() + column + 1));
    }
  }

  void paint_one(const Image& content, std::size_t row, std::size_t column, const Paint& paint) {
    if (unreadable_.contains(styles_[column].path)) return;
    const std::optional<Image> style = read(styles_[column]);
    if (!style) {
      unreadable_.insert(styles_[column].path);
      return;
    }
    const fs::path file = folder_ / (contents_[row].name + "__" + styles_[column].name + ".png");
    try {
      const Image picture = paint(content, *style);
      write_image(file, picture, options_.quality);
      written_.push_back({file, row, column});
      if (!sheet_) return;
      sheet_->put(static_cast<int>(column) + 1, static_cast<int>(row) + 1, picture);
      sheet_->put(static_cast<int>(column) + 1, 0, *style);
      sheet_->name_column(static_cast<int>(column) + 1, styles_[column].name.substr(0, 22));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled || error.code() == ErrorCode::write_failed) throw;
      fail({file, error.code(), file.string() + ": " + error.what()});
    }
  }

  void report() const {
    if (!context_.json) {
      context_.print(std::to_string(written_.size()) + " paintings in " + folder_.string() +
                     (sheet_ ? ", all of them on " + (folder_ / "contact_sheet.jpg").string()
                             : std::string()) +
                     "\n");
      return;
    }
    Json json = {
        {"folder", folder_.string()},
        {"contact_sheet", sheet_ ? Json((folder_ / "contact_sheet.jpg").string()) : Json()},
        {"stopped", stopped_},
        {"pictures", Json::array()},
        {"failed", Json::array()}};
    for (const Written& one : written_)
      json["pictures"].push_back({{"content", contents_[one.row].path.string()},
                                  {"style", styles_[one.column].path.string()},
                                  {"picture", one.file.string()}});
    for (const Failure& failure : failures_)
      json["failed"].push_back({{"path", failure.path.string()}, {"error", failure.message}});
    context_.print_json(json);
  }

  struct Written {
    fs::path file;
    std::size_t row;
    std::size_t column;
  };

  const StyleCommand& options_;
  CommandContext& context_;
  fs::path folder_;
  std::vector<Named> contents_;
  std::vector<Named> styles_;
  std::vector<Failure> failures_;
  std::set<fs::path> unreadable_;  ///< styles that were reported once
  std::optional<Sheet> sheet_;
  std::vector<Written> written_;
  bool stopped_ = false;
};

}  // namespace

int run_style_grid(const StyleCommand& options, CommandContext& context) {
  if (!options.masks.empty() || !options.style_masks.empty() || !options.blend.empty())
    throw Error(ErrorCode::invalid_argument,
                "--grid: paints one style at a time; --mask, --style-mask and --blend are not for "
                "it");
  if (options.refine > 0 || options.run.resume || options.run.preview_every > 0)
    throw Error(ErrorCode::invalid_argument,
                "--grid: --refine, --resume and --preview-every are not for it");
  return Grid(options, context).run();
}

}  // namespace likeness::cli
