/// likeness evaluate …: how good is it?

#include "evaluate_command.h"

#include <map>
#include <set>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/evaluate/encoding_file.h>
#include <likeness/evaluate/face_place.h>
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
         fixed(detector.min_score, 2) + " by " + detector_id(manifest);
}

std::set<std::string> people_of(const PictureSet& set) {
  std::set<std::string> names;
  for (const auto& [picture, person] : set.people) names.insert(person);
  return names;
}

}  // namespace

void add_no_face_option(CLI::App& command, NoFace& no_face) {
  const std::map<std::string, NoFace> names = {{"wrong", NoFace::wrong},
                                               {"centre", NoFace::centre}};
  command
      .add_option("--no-face", no_face,
                  "A picture without a face that is found: wrong, it counts as decided wrongly, or "
                  "centre, it is encoded from where the others have theirs")
      ->type_name("POLICY")
      ->transform(CLI::CheckedTransformer(names).description(""))
      ->default_str("wrong");
}

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
                                           const std::string& file, NoFace no_face,
                                           CommandContext& context) const {
  const EncodeOptions options{.threads = context.threads,
                              .cancellation = &context.stop_on_interrupt()};
  const PictureSteps steps = face_steps(detector_, encoder_);
  Progress& progress = context.progress();
  EncodedPictures encoded =
      file.empty() ? encode_pictures(folder, pictures, steps, options, progress)
                   : encode_pictures(folder, pictures, steps, options, {file, settings_}, progress);
  if (no_face == NoFace::centre)
    encode_without_face(folder, encoded, steps_at(usual_place(folder, encoded), encoder_), options,
                        progress);
  return encoded;
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
      .add_option(
          "--images,--data", options.images,
          "Folder of pictures, with one folder for each person, as PERSON/PICTURE.jpg, or a "
          "CSV file path,identity")
      ->type_name("DIR|CSV")
      ->required();
  command
      .add_option("--pairs", options.pairs,
                  "Take only the pictures of these lists (LFW, CFP), each compared with each: "
                  "pairsDevTrain.txt, never a list that is tested on (default: all pictures)")
      ->type_name("FILE");
  command
      .add_option("--exclude", options.exclude,
                  "Leave out the people that these files name, one a line or in a list of pairs: "
                  "those that are tested on")
      ->type_name("FILE");
  add_encodings_option(command, options.encodings);
}

KnownPeople read_people(const PeopleOptions& options, Progress& progress) {
  namespace fs = std::filesystem;
  KnownPeople people{options.images, {}};
  std::error_code ignored;
  const bool is_list = options.pairs.empty() && fs::is_regular_file(options.images, ignored);
  if (!is_list) check_images(options.images);
  if (is_list) {
    people.set = read_picture_list(options.images);
    people.folder = fs::path(options.images).parent_path();
  } else if (options.pairs.empty()) {
    people.set = pictures_in_folder(options.images);
  } else {
    std::vector<PairList> lists;
    for (const std::string& path : options.pairs) lists.push_back(read_pairs(path));
    people.set = pictures_of_people(lists);
  }
  for (const std::string& path : options.exclude) {
    const std::size_t before = people_of(people.set).size();
    people.set = without_people(std::move(people.set), read_names(path));
    progress.note("--exclude " + path + ": " +
                  std::to_string(before - people_of(people.set).size()) + " of " +
                  std::to_string(before) + " people are left out");
  }
  if (people.set.pictures.empty())
    throw Error(ErrorCode::invalid_argument, "--exclude: leaves no picture; all people are in it");
  return people;
}

LabelledEncodings encode_people(const EvaluationNetworks& networks, const KnownPeople& people,
                                const std::string& file, CommandContext& context) {
  LabelledEncodings encodings = label_encodings(
      networks.encode(people.folder, people.set.pictures, file, NoFace::wrong, context),
      people.set.people);
  const std::size_t without = people.set.pictures.size() - encodings.pictures.size();
  if (without > 0)
    context.progress().note(std::to_string(without) + " of " +
                            std::to_string(people.set.pictures.size()) +
                            " pictures are left out: no face was found in them");
  return encodings;
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
  add_style_measures_command(*command, context);
}

}  // namespace likeness::cli
