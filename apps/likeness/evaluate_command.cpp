/// likeness evaluate …: how good is it?

#include "evaluate_command.h"

#include <system_error>

#include <likeness/core/error.h>

#include "networks.h"

namespace likeness::cli {
namespace {

/// Fetches the weights first, then chooses the device.
FaceDetector load_detector(const ModelStore& store, const std::string& model,
                           const DetectorOptions& options, CommandContext& context) {
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model, context);
  return {store, device, options};
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
      encoder_(store, model, context.prepare_device(), encoder) {}

EncodedPictures EvaluationNetworks::encode(const std::filesystem::path& folder,
                                           const std::vector<std::string>& pictures,
                                           CommandContext& context) const {
  return encode_pictures(folder, pictures, face_steps(detector_, encoder_),
                         {.threads = context.threads, .cancellation = &context.stop_on_interrupt()},
                         context.progress());
}

void check_images(const std::string& images) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(images, ignored))
    throw Error(ErrorCode::not_found, "--images " + images + ": no such folder");
}

void add_evaluate_command(CLI::App& parent, CommandContext& context) {
  CLI::App* command =
      parent.add_subcommand("evaluate", "Measure accuracy, calibrate, on lists of pairs");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  likeness evaluate verification --images lfw --pairs pairs.txt --report out/");
  add_verification_command(*command, context);
  add_calibration_command(*command, context);
  add_fusion_command(*command, context);
}

}  // namespace likeness::cli
