/// likeness embed PATH… -o OUT: one encoding for each face.

#include <filesystem>
#include <optional>

#include <likeness/core/error.h>

#include "command.h"
#include "embed_photos.h"
#include "encoding_parts.h"
#include "encoding_writer.h"
#include "networks.h"
#include "photo_batch.h"
#include "process_share.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

struct EmbedOptions {
  std::vector<std::string> paths;
  std::string output;
  EncoderChoice encoder;
  DetectorOptions detector;
  bool all_faces = false;
  bool resume = false;
};

/// What a run works with.
struct EmbedRun {
  const EmbedOptions& options;
  CommandContext& context;
  std::string model;
  std::string fingerprint;
  FaceDetector detector;
  FaceEncoder encoder;

  BatchSummary process(const Inputs& inputs,
                       const std::function<void(const PhotoResult&)>& consume) const {
    return process_photos(
        inputs, context, "Encoding faces", kEmbedChunk,
        [this](std::size_t, std::span<const fs::path> paths) {
          return embed_photos(paths, detector, encoder, options.all_faces);
        },
        consume);
  }
  std::unique_ptr<EncodingWriter> open_writer() const {
    return open_encoding_writer(options.output, model,
                                static_cast<std::size_t>(encoder.dimensions()),
                                [this](std::string_view line) { context.print(line); });
  }
  /// What an encoding depends on beside its photo.
  std::string settings() const {
    return Json({model, fingerprint, options.encoder.no_flip, options.encoder.bf16,
                 options.all_faces, options.detector.min_face, options.detector.min_score})
        .dump();
  }
};

/// All at once, by this process alone.
int embed_directly(const EmbedRun& run, const Inputs& inputs) {
  const auto writer = run.open_writer();
  EmbedCollector collector(run.options.output, run.model, run.context, *writer);
  const BatchSummary summary = run.process(inputs, [&](const PhotoResult& photo) {
    if (photo.failure) return collector.add(*photo.failure);
    collector.add(encoded_faces(photo));
  });
  if (collector.faces() > 0) {
    writer->finish();
    collector.print_summary(run.encoder.dimensions());
  }
  return summary.conclude();
}

void encode_missing(const EmbedRun& run, const Inputs& share, EncodingParts& parts) {
  Inputs missing = {.photos = {}, .failures = {}, .partial = true};
  for (const fs::path& photo : share.photos)
    if (!parts.encoded(photo)) missing.photos.push_back(photo);
  for (const Failure& failure : share.failures) run.context.warn("skipped " + failure.message);
  const BatchSummary summary = run.process(missing, [&](const PhotoResult& photo) {
    if (photo.failure) run.context.warn("skipped " + photo.failure->message);
    parts.add(photo.path, {encoded_faces(photo), photo.failure});
  });
  summary.conclude();
}

/// OUT from the parts, in the order of the inputs; whether any input failed.
bool join_parts(const EmbedRun& run, const Inputs& inputs, const EncodingParts& parts) {
  const auto writer = run.open_writer();
  EmbedCollector collector(run.options.output, run.model, run.context, *writer);
  std::optional<Failure> first;
  const auto fail = [&](const Failure& failure) {
    collector.add(failure, true);
    if (!first) first = failure;
  };
  for (const Failure& failure : inputs.failures) fail(failure);
  for (const fs::path& photo : inputs.photos) {
    const EncodedPhoto result = parts.find(photo);
    if (result.failure)
      fail(*result.failure);
    else
      collector.add(result.faces);
  }
  if (collector.faces() == 0)
    throw Error(first->code, "none of the inputs could be used, the first: " + first->message);
  writer->finish();
  collector.print_summary(run.encoder.dimensions());
  return first.has_value();
}

/// Keeps what is done in OUT.parts; whoever finds all of it there makes OUT.
int embed_in_parts(const EmbedRun& run, const Inputs& inputs,
                   const std::optional<ProcessPlace>& place) {
  for (const fs::path& photo : inputs.photos)
    if (photo == "-")
      throw Error(
          ErrorCode::invalid_argument,
          "-: standard input cannot be read again by a later run, nor by several processes");
  const fs::path folder = run.options.output + ".parts";
  EncodingParts parts(folder, place ? place->rank : 0, run.settings());
  encode_missing(run, share_of(inputs, place), parts);

  const EncodingParts::Turn turn(folder);
  parts.refresh();
  std::size_t missing = 0;
  for (const fs::path& photo : inputs.photos) missing += parts.tried(photo) ? 0 : 1;
  if (missing > 0) {
    if (!run.context.json)
      run.context.print(run.options.output + ": waits for " + std::to_string(missing) + " of " +
                        std::to_string(inputs.photos.size()) + " photos of other processes\n");
    return kOk;
  }
  const bool failed = join_parts(run, inputs, parts);
  return failed && !place ? kSomeFailed : kOk;
}

int run_embed(const EmbedOptions& options, CommandContext& context) {
  ModelStore store = context.store();
  const std::string model = open_face_encoder(store, options.encoder.model);
  const bool printed = options.output == "-";
  if (options.resume && printed)
    throw Error(ErrorCode::invalid_argument, "--resume: needs a file to go on with, not -o -");
  check_encoding_output(options.output);
  const std::optional<ProcessPlace> place = process_place();
  const Inputs inputs = expand_inputs(options.paths);
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model, context);
  const EmbedRun run = {options,
                        context,
                        model,
                        weights_fingerprint(store.manifest(), model),
                        FaceDetector(store, device, options.detector),
                        FaceEncoder(store, model, device, options.encoder.options())};
  if (printed) return embed_directly(run, share_of(inputs, place));
  return options.resume || place ? embed_in_parts(run, inputs, place) : embed_directly(run, inputs);
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
                   "mpirun -n 4 likeness embed photos/ -o faces.npy --threads 1\n"
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
  command.add_flag("--resume", options->resume,
                   "Keep what is encoded in the folder OUT.parts, and encode only what is missing "
                   "there: new and changed photos, and what a run that was stopped left. Processes "
                   "of torchrun, srun or mpirun always do so and share the work; the last one "
                   "makes OUT. The folder may be deleted");
  add_encoder_options(command, options->encoder);
  add_detector_options(command, options->detector);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
