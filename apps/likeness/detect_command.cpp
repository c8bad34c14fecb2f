/// likeness detect IMG…: where are the faces?

#include <filesystem>

#include <likeness/core/device.h>
#include <likeness/faces/explain.h>
#include <likeness/image/codec.h>

#include "command.h"
#include "draw_outputs.h"
#include "face_json.h"
#include "networks.h"
#include "number_text.h"
#include "photo_batch.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

struct DetectOptions {
  std::vector<std::string> paths;
  DetectorOptions detector;
  std::string draw;
};

std::string to_text(const PhotoResult& photo) {
  const std::size_t count = photo.faces.size();
  std::string text = photo.path + ": " + (count == 0 ? "no" : std::to_string(count)) +
                     (count == 1 ? " face" : " faces") + " in " + std::to_string(photo.width) +
                     " x " + std::to_string(photo.height) + " pixels\n";
  for (std::size_t i = 0; i < count; ++i)
    text += "  " + std::to_string(i) + ": " + describe(photo.faces[i].box) + ", score " +
            fixed(photo.faces[i].score, 3) + "\n";
  return text;
}

Json detected_json(const PhotoResult& photo) {
  Json faces = Json::array();
  for (const Face& face : photo.faces) faces.push_back(json_of(face));
  return {{"path", photo.path}, {"width", photo.width}, {"height", photo.height}, {"faces", faces}};
}

/// Prints photos as they come: lines for people, or one JSON array.
class DetectionPrinter {
 public:
  explicit DetectionPrinter(CommandContext& context) : context_(context) {}
  void print(const PhotoResult& photo) {
    if (context_.json)
      return print_element(photo.failure ? json_of(*photo.failure) : detected_json(photo));
    if (photo.failure) return context_.warn("skipped " + photo.failure->message);
    context_.print(to_text(photo));
  }
  void finish() {
    if (context_.json) context_.print(first_ ? "[]\n" : "\n]\n");
  }

 private:
  void print_element(const Json& element) {
    context_.print((first_ ? "[\n" : ",\n") +
                   element.dump(2, ' ', false, Json::error_handler_t::replace));
    first_ = false;
  }

  CommandContext& context_;
  bool first_ = true;
};

int run_detect(const DetectOptions& options, CommandContext& context) {
  const Inputs inputs = expand_inputs(options.paths);
  const std::vector<fs::path> outputs = draw_outputs(options.draw, inputs.photos);
  const c10::Device device = context.prepare_device();
  const ModelStore store = context.store();
  fetch_missing_weights(store, "", context);
  const FaceDetector detector(store, device, options.detector);

  const auto detect = [&](std::size_t index, std::span<const fs::path> photos) {
    return std::vector{attempt(photos.front(), [&](PhotoResult& photo) {
      const Image image = read_image(photos.front());
      photo.width = image.width();
      photo.height = image.height();
      photo.faces = detector.detect(image);
      if (!outputs.empty()) write_image(outputs[index], draw_faces(image, photo.faces));
    })};
  };
  DetectionPrinter printer(context);
  const BatchSummary summary =
      process_photos(inputs, context, "Detecting faces", 1, detect,
                     [&](const PhotoResult& photo) { printer.print(photo); });
  printer.finish();
  return summary.conclude();
}

}  // namespace

void add_detect_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<DetectOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "detect",
       .summary = "Find the faces in photos: boxes, five landmarks, scores",
       .examples = "likeness detect group.jpg\n"
                   "likeness detect group.jpg --draw faces.png\n"
                   "likeness detect holiday/ 'more/*.jpg' --draw drawn/ --json > faces.json"},
      [options, &context] { return run_detect(*options, context); });
  command
      .add_option("IMG", options->paths,
                  "Photos, folders (with all below them), patterns, or - for standard input")
      ->required();
  command
      .add_option("--draw", options->draw,
                  "Draw the faces: a file for one photo, a folder for several")
      ->type_name("OUT");
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
