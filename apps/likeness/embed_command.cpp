/// likeness embed PATH… -o OUT: one encoding for each face.

#include <filesystem>

#include <likeness/core/error.h>
#include <likeness/image/codec.h>

#include "command.h"
#include "encoding_writer.h"
#include "face_json.h"
#include "networks.h"
#include "photo_batch.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

/// Photos that are encoded in one batch: enough for the networks to run at full speed, few enough
/// for a lively progress bar.
constexpr std::size_t kChunk = 8;

struct EmbedOptions {
  std::vector<std::string> paths;
  std::string output;
  EncoderChoice encoder;
  DetectorOptions detector;
  bool all_faces = false;
};

/// Detects and aligns; the pixels are gone when it returns, so that a batch stays small.
std::vector<AlignedFace> read_faces(const fs::path& path, const FaceDetector& detector,
                                    const FaceEncoder& encoder, bool all_faces,
                                    PhotoResult& photo) {
  const Image image = read_image(path);
  photo.width = image.width();
  photo.height = image.height();
  photo.faces = detector.detect(image);
  if (photo.faces.empty())
    throw Error(ErrorCode::no_face,
                path.string() + ": no face found; lower --min-score to look for harder ones");
  const std::size_t main = main_face(photo.faces, image.width(), image.height());
  std::vector<AlignedFace> aligned;
  for (std::size_t i = 0; i < photo.faces.size(); ++i) {
    if (!all_faces && i != main) continue;
    photo.encoded.push_back(i);
    aligned.push_back(encoder.align(image, photo.faces[i]));
  }
  return aligned;
}

std::vector<PhotoResult> embed_photos(std::span<const fs::path> paths, const FaceDetector& detector,
                                      const FaceEncoder& encoder, bool all_faces) {
  std::vector<PhotoResult> photos;
  std::vector<AlignedFace> batch;
  for (const fs::path& path : paths)
    photos.push_back(attempt(path, [&](PhotoResult& photo) {
      for (AlignedFace& face : read_faces(path, detector, encoder, all_faces, photo))
        batch.push_back(std::move(face));
    }));
  if (batch.empty()) return photos;
  std::vector<Encoding> encodings = encoder.encode(batch);
  auto next = encodings.begin();
  for (PhotoResult& photo : photos)
    for (std::size_t i = 0; i < photo.encoded.size(); ++i)
      photo.encodings.push_back(std::move(*next++));
  return photos;
}

/// Passes encodings on to the writer and failures to the reader.
class EmbedCollector {
 public:
  EmbedCollector(const EmbedOptions& options, std::string model, CommandContext& context,
                 EncodingWriter& writer)
      : options_(options), model_(std::move(model)), context_(context), writer_(writer) {}

  void add(const PhotoResult& photo) {
    if (photo.failure) return add(*photo.failure);
    for (std::size_t i = 0; i < photo.encodings.size(); ++i) {
      const std::size_t index = photo.encoded[i];
      writer_.add({photo.path, index, photo.faces[index], photo.encodings[i]});
      ++faces_;
    }
  }
  std::size_t faces() const { return faces_; }

  void print_summary(const BatchSummary& batch, int dimensions) {
    if (options_.output == "-") return;
    if (context_.json)
      return context_.print_json({{"output", options_.output},
                                  {"model", model_},
                                  {"dimensions", dimensions},
                                  {"photos", batch.finished},
                                  {"encodings", faces_},
                                  {"failed", failed_}});
    context_.print(options_.output + ": " + std::to_string(faces_) + " encodings of " +
                   std::to_string(batch.finished - batch.failed) + " photos (" + model_ + ", " +
                   std::to_string(dimensions) + " numbers each), " + std::to_string(batch.failed) +
                   " skipped\n");
  }

 private:
  void add(const Failure& failure) {
    context_.warn("skipped " + failure.message);
    if (!context_.json) return;
    const Json json = to_json(failure);
    if (options_.output == "-")
      context_.print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    else
      failed_.push_back(json);
  }

  const EmbedOptions& options_;
  std::string model_;
  CommandContext& context_;
  EncodingWriter& writer_;
  std::size_t faces_ = 0;
  Json failed_ = Json::array();
};

int run_embed(const EmbedOptions& options, CommandContext& context) {
  ModelStore store = context.store();
  const std::string model = open_face_encoder(store, options.encoder.model);
  check_encoding_output(options.output);
  const Inputs inputs = expand_inputs(options.paths);
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model, context);
  const FaceDetector detector(store, device, options.detector);
  const FaceEncoder encoder(store, model, device, options.encoder.options());
  const auto writer =
      open_encoding_writer(options.output, model, static_cast<std::size_t>(encoder.dimensions()),
                           [&context](std::string_view line) { context.print(line); });

  EmbedCollector collector(options, model, context, *writer);
  const BatchSummary summary = process_photos(
      inputs, context, "Encoding faces", kChunk,
      [&](std::size_t, std::span<const fs::path> paths) {
        return embed_photos(paths, detector, encoder, options.all_faces);
      },
      [&](const PhotoResult& photo) { collector.add(photo); });
  if (collector.faces() > 0) {
    writer->finish();
    collector.print_summary(summary, encoder.dimensions());
  }
  return summary.conclude();
}

}  // namespace

void add_embed_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<EmbedOptions>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "embed",
       .summary = "Encode faces: a point on the unit sphere for each, for searches of your own",
       .examples = "likeness embed photos/ -o faces.npy\n"
                   "likeness embed 'photos/*.jpg' --all-faces -o faces.jsonl\n"
                   "likeness embed anna.jpg -o -\n"
                   "python3 -c \"import numpy; print(numpy.load('faces.npy').shape)\""},
      [options, &context] { return run_embed(*options, context); });
  command
      .add_option("PATH", options->paths,
                  "Photos, folders (with all below them), patterns, or - for standard input")
      ->required();
  command
      .add_option("-o,--output", options->output,
                  "OUT.npy: float32 rows, and OUT.npy.txt with path, face, box and score of each "
                  "row, between tabs; OUT.jsonl: one JSON object a face; -: these on standard "
                  "output")
      ->type_name("OUT")
      ->required();
  command.add_flag("--all-faces", options->all_faces,
                   "All faces of a photo (default: the largest and most central)");
  add_encoder_options(command, options->encoder);
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
