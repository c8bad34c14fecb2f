/// likeness evaluate style: how well do pictures show a content in a style?

#include <algorithm>
#include <cstddef>
#include <map>

#include <likeness/core/error.h>
#include <likeness/evaluate/student_measures.h>
#include <likeness/image/codec.h>

#include "evaluate_command.h"
#include "json.h"
#include "number_text.h"
#include "student_table.h"
#include "style_inputs.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

struct StyleOptions {
  std::string content;
  std::string style;
  std::string pairs;
  std::string weights;
  std::string student;  ///< empty: none
  std::vector<std::string> pictures;
  double style_weight = 30;
};

struct Row {
  PaintedPicture painted;
  StyleMeasures measures;
  std::optional<StudentMeasures> student;
};

/// Looks at each content and style once, in whatever order the list has them.
class Judge {
 public:
  Judge(PerceptualNetwork network, std::optional<PerceptualNetwork> student)
      : network_(std::move(network)), student_(std::move(student)) {}

  Row measure(const PaintedPicture& painted) {
    const Looked& content = known(painted.content);
    const Looked& style = known(painted.style);
    try {
      const Looked picture = look(painted.picture);
      Row row{painted, measure_style(picture.judge, content.judge, style.judge), {}};
      if (student_)
        row.student = measure_student({picture.judge, content.judge, style.judge},
                                      {picture.student, content.student, style.student});
      return row;
    } catch (const Error& error) {
      throw Error(error.code(), with_name(painted.picture, error.what()));
    }
  }

 private:
  struct Looked {
    JudgedPicture judge;
    JudgedPicture student;  ///< empty without one
  };

  static std::string with_name(const fs::path& path, const std::string& message) {
    return message.starts_with(path.string()) ? message : path.string() + ": " + message;
  }
  Looked look(const fs::path& path) const {
    const Image picture = read_image(path);
    Looked looked{.judge = judge_picture(network_, picture, path.string()), .student = {}};
    if (student_) looked.student = judge_picture(*student_, picture, path.string());
    return looked;
  }
  const Looked& known(const fs::path& path) {
    const auto found = known_.find(path);
    return found != known_.end() ? found->second : known_.emplace(path, look(path)).first->second;
  }

  PerceptualNetwork network_;
  std::optional<PerceptualNetwork> student_;
  std::map<fs::path, Looked> known_;
};

template <class Value>
double mean_of(const std::vector<Row>& rows, const Value& value) {
  double sum = 0;
  for (const Row& row : rows) sum += value(row.measures);
  return sum / static_cast<double>(rows.size());
}

/// Nothing unless all rows have it.
template <class Value>
std::optional<double> mean_where_all(const std::vector<Row>& rows, const Value& value) {
  const bool all = std::all_of(rows.begin(), rows.end(),
                               [&](const Row& row) { return value(row.measures).has_value(); });
  if (!all) return std::nullopt;
  return mean_of(rows, [&](const StyleMeasures& measures) { return *value(measures); });
}

StyleMeasures mean_of(const std::vector<Row>& rows) {
  using M = StyleMeasures;
  M mean{.content = mean_of(rows, [](const M& m) { return m.content; }),
         .style_layers = {},
         .adain = mean_of(rows, [](const M& m) { return m.adain; }),
         .variation = mean_of(rows, [](const M& m) { return m.variation; }),
         .content_share = mean_where_all(rows, [](const M& m) { return m.content_share; }),
         .style_share = mean_where_all(rows, [](const M& m) { return m.style_share; })};
  for (std::size_t i = 0; i < mean.style_layers.size(); ++i)
    mean.style_layers[i] = mean_of(rows, [i](const M& m) { return m.style_layers[i]; });
  return mean;
}

Json to_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const StyleMeasures& measures, double style_weight) {
  Json layers = Json::object();
  for (std::size_t i = 0; i < kJudgedTaps.size(); ++i)
    layers[std::string(net::to_string(kJudgedTaps[i]))] = measures.style_layers[i];
  return {{"content", measures.content},
          {"style", measures.style()},
          {"style_layers", layers},
          {"adain", measures.adain},
          {"tv", measures.variation},
          {"content_n", to_json(measures.content_share)},
          {"style_n", to_json(measures.style_share)},
          {"total", measures.total(style_weight)}};
}

Json to_json(const std::vector<Row>& rows, const StyleOptions& options) {
  Json pictures = Json::array();
  for (const Row& row : rows) {
    Json picture = {{"picture", row.painted.picture.string()},
                    {"content_picture", row.painted.content.string()},
                    {"style_picture", row.painted.style.string()}};
    picture.update(to_json(row.measures, options.style_weight));
    if (row.student) picture["student"] = student_json(*row.student);
    pictures.push_back(picture);
  }
  return {{"weights", options.weights},
          {"style_weight", options.style_weight},
          {"pictures", pictures},
          {"mean", to_json(mean_of(rows), options.style_weight)}};
}

std::string right(const std::string& text) {
  constexpr std::size_t kWidth = 11;
  return std::string(kWidth - std::min(kWidth, text.size()), ' ') + text;
}

std::string style_line(const StyleMeasures& measures, double style_weight,
                       const std::string& name) {
  const auto share = [](const std::optional<double>& value) {
    return right(value ? fixed(*value, 4) : "-");
  };
  std::string text = right(fixed(measures.total(style_weight), 4)) +
                     right(fixed(measures.content, 4)) + right(fixed(measures.style(), 4));
  for (const double layer : measures.style_layers) text += right(fixed(layer, 4));
  return text + right(fixed(measures.adain, 4)) + right(fixed(measures.variation, 4)) +
         share(measures.content_share) + share(measures.style_share) + "  " + name + "\n";
}

std::string to_text(const std::vector<Row>& rows, double style_weight) {
  std::string text = right("J") + right("content") + right("style");
  for (const net::Tap tap : kJudgedTaps) text += right(std::string(net::to_string(tap)));
  text += right("adain") + right("tv") + right("content_n") + right("style_n") + "  picture\n";
  for (const Row& row : rows)
    text += style_line(row.measures, style_weight, row.painted.picture.string());
  if (rows.size() > 1) text += style_line(mean_of(rows), style_weight, "mean");
  for (const Row& row : rows)
    if (row.student) text += "\n" + student_table(*row.student, row.painted.picture.string());
  return text;
}

std::vector<PaintedPicture> painted_pictures(const StyleOptions& options) {
  if (!options.pairs.empty()) return read_painted_pictures(options.pairs);
  if (options.content.empty() || options.style.empty() || options.pictures.empty())
    throw Error(ErrorCode::invalid_argument,
                "nothing to measure: give --content, --style and pictures, or --pairs");
  std::vector<PaintedPicture> result;
  for (const std::string& picture : options.pictures)
    result.push_back({.content = options.content, .style = options.style, .picture = picture});
  return result;
}

int run_evaluation(const StyleOptions& options, CommandContext& context) {
  const std::vector<PaintedPicture> pictures = painted_pictures(options);
  const c10::Device device = context.prepare_device();
  std::optional<PerceptualNetwork> student;
  if (!options.student.empty()) student = open_student(options.student, device, {});
  Judge judge(load_vgg19(options.weights, device, {}), std::move(student));
  const Cancellation& cancellation = context.stop_on_interrupt();
  Progress& progress = context.progress();
  progress.begin("looking at pictures", static_cast<std::int64_t>(pictures.size()));
  std::vector<Row> rows;
  for (const PaintedPicture& painted : pictures) {
    cancellation.check();
    rows.push_back(judge.measure(painted));
    progress.update(static_cast<std::int64_t>(rows.size()));
  }
  progress.end();
  if (context.json)
    context.print_json(to_json(rows, options));
  else
    context.print(to_text(rows, options.style_weight));
  return kOk;
}

}  // namespace

void add_style_measures_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<StyleOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "style",
       .summary = "How well do pictures show a content in a style? J = content + W * style under "
                  "VGG-19",
       .examples =
           "likeness evaluate style --content photo.png --style painting.png --weights "
           "vgg19.safetensors ours.png theirs.png\n"
           "likeness evaluate style --pairs painted.csv --weights vgg19.safetensors --json\n"
           "likeness evaluate style --content photo.png --style painting.png --weights "
           "vgg19.safetensors --student vgg_half ours.png"},
      [options, &context] { return run_evaluation(*options, context); });
  CLI::Option* pictures = command.add_option("pictures", options->pictures,
                                             "Pictures of the content in the style, of its size");
  pictures->type_name("PICTURE");
  CLI::Option* content =
      command.add_option("--content", options->content, "The photo that they show");
  content->type_name("PICTURE");
  CLI::Option* style =
      command.add_option("--style", options->style, "The painting whose style they have");
  style->type_name("PICTURE");
  command
      .add_option("--pairs", options->pairs,
                  "CSV file content,style,picture, with paths from its folder on: a table")
      ->type_name("FILE.csv")
      ->excludes(pictures)
      ->excludes(content)
      ->excludes(style);
  command
      .add_option("--weights", options->weights,
                  "VGG-19 with torchvision's names, from conv1_1 to conv4_1 at least")
      ->type_name("FILE.safetensors")
      ->required();
  command
      .add_option("--student", options->student,
                  "What this slim network is wrong about, layer by layer: vgg_half (built in), or "
                  "the folder of one from 'likeness train perceptual'")
      ->type_name("NETWORK");
  command.add_option("--style-weight", options->style_weight, "W")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_compute_options(command, context);
}

}  // namespace likeness::cli
