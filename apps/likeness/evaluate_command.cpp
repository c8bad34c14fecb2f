/// likeness evaluate …: how good is it?

#include "evaluate_command.h"

#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/evaluate/encoding_file.h>
#include <likeness/image/codec.h>

#include "networks.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

/// Fetches the weights first, then chooses the device.
FaceDetector load_detector(const ModelStore& store, const std::string& model,
                           const DetectorOptions& options, CommandContext& context) {
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model, context);
  return {store, device, options};
}

/// All that the encodings depend on beside the pictures.
std::string describe_settings(const Manifest& manifest, const std::string& model,
                              const DetectorOptions& detector, const EncoderOptions& encoder) {
  std::string settings = model + " " + weights_fingerprint(manifest, model);
  if (!encoder.flip) settings += ", no flip";
  if (encoder.bf16) settings += ", bf16";
  return settings + ", faces from " + std::to_string(detector.min_face) + " pixels and score " +
         fixed(detector.min_score, 2);
}

}  // namespace

void add_images_option(CLI::App& command, std::string& images) {
  command
      .add_option("--images", images,
                  "Folder with NAME/NAME_0001.jpg for each picture of the pairs")
      ->type_name("DIR")
      ->required();
}

EvaluationNetworks::EvaluationNetworks(const ModelStore& store, const std::string& model,
                                       const DetectorOptions& detector,
                                       const EncoderOptions& encoder, CommandContext& context)
    : detector_(load_detector(store, model, detector, context)),
      encoder_(store, model, context.prepare_device(), encoder),
      settings_(describe_settings(store.manifest(), model, detector, encoder)) {}

EncodedPictures EvaluationNetworks::encode(const std::filesystem::path& folder,
                                           const std::vector<std::string>& pictures,
                                           const std::string& file, CommandContext& context) const {
  const EncodeOptions options{.threads = context.threads,
                              .cancellation = &context.stop_on_interrupt()};
  const PictureSteps steps = face_steps(detector_, encoder_);
  if (file.empty()) return encode_pictures(folder, pictures, steps, options, context.progress());
  return encode_pictures(folder, pictures, steps, options, {file, settings_}, context.progress());
}

void add_encodings_option(CLI::App& command, std::string& file) {
  command
      .add_option(
          "--encodings", file,
          "Keep the encodings in this file; pictures that are in it already are not encoded "
          "again")
      ->type_name("FILE.safetensors");
}

void add_people_options(CLI::App& command, PeopleOptions& options) {
  command
      .add_option("--images,--data", options.images,
                  "Folder of pictures, with one folder for each person, as PERSON/PICTURE.jpg")
      ->type_name("DIR")
      ->required();
  command
      .add_option("--pairs", options.pairs,
                  "Take only the pictures of these lists (LFW, CFP), each compared with each: "
                  "pairsDevTrain.txt, never a list that is tested on (default: all pictures)")
      ->type_name("FILE");
  command
      .add_option("--exclude", options.exclude,
                  "Leave out the people of these lists, by their names: those that are tested on")
      ->type_name("FILE");
  add_encodings_option(command, options.encodings);
}

PictureSet read_people(const PeopleOptions& options) {
  check_images(options.images);
  PictureSet set;
  if (options.pairs.empty()) {
    set = pictures_in_folder(options.images);
  } else {
    std::vector<PairList> lists;
    for (const std::string& path : options.pairs) lists.push_back(read_pairs(path));
    set = pictures_of_people(lists);
  }
  for (const std::string& path : options.exclude)
    set = without_people(std::move(set), read_pictures(path));
  if (set.pictures.empty())
    throw Error(ErrorCode::invalid_argument, "--exclude: leaves no picture; all people are in it");
  return set;
}

void check_images(const std::string& images) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(images, ignored))
    throw Error(ErrorCode::not_found, "--images " + images + ": no such folder");
}

Image picture_for_report(const std::string& path, const std::optional<EncodedPicture>& encoded,
                         const FaceEncoder& encoder) {
  try {
    Image photo = read_image(path);
    return encoded ? encoder.align(photo, encoded->face).crops.front() : photo;
  } catch (const Error&) {
    return {112, 112};
  }
}

void add_evaluate_command(CLI::App& parent, CommandContext& context) {
  CLI::App* command = parent.add_subcommand("evaluate", "Measure accuracy on lists of pairs");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  likeness evaluate verification --images lfw --pairs pairs.txt --report out/");
  add_verification_command(*command, context);
  add_identification_command(*command, context);
  add_fusion_command(*command, context);
}

}  // namespace likeness::cli
