#include "gallery_reencode.h"

#include <likeness/core/error.h>
#include <likeness/faces/detector.h>
#include <likeness/gallery/face_crop.h>
#include <nlohmann/json.hpp>

namespace likeness::cli {
namespace {

/// Enough for the networks to run at full speed, little to lose.
constexpr std::size_t kReencodedTogether = 64;

}  // namespace

int reencode_gallery(const GalleryChoice& choice, const EncoderChoice& encoder_choice,
                     CommandContext& context) {
  if (!encoder_choice.model_given)
    throw Error(ErrorCode::invalid_argument,
                "say which model to change to, for example --model mobilefacenet");
  ModelStore store = context.store();
  const std::unique_ptr<Gallery> gallery = open_gallery(choice);
  const std::string model = open_face_encoder(store, encoder_choice.model);
  const c10::Device device = context.prepare_device();
  fetch_missing_weights(store, model, context);
  const FaceEncoder encoder(store, model, device, encoder_choice.options());
  const FaceDetector detector(store, device);
  const GalleryModel next = gallery_model(store, model, encoder.dimensions());
  const GalleryInfo info = gallery->info();
  if (next == info.model)
    throw Error(ErrorCode::invalid_argument, "the gallery is of the model " + model + " already");

  const Cancellation& cancellation = context.stop_on_interrupt();
  Progress& progress = context.progress();
  progress.begin("Encoding again", info.crops);
  std::int64_t done = 0;
  for (;;) {
    const std::vector<StoredExample> waiting = gallery->waiting_for(next, kReencodedTogether);
    if (waiting.empty()) break;
    std::vector<std::int64_t> ids;
    std::vector<AlignedFace> faces;
    for (const StoredExample& stored : waiting) {
      const FaceCrop crop = face_crop_from_bytes(stored.crop);
      ids.push_back(stored.example.id);
      faces.push_back(encoder.align(
          crop.picture, {.box = {},
                         .landmarks = crop.landmarks,
                         .mean_face = detector.mean_face(crop.picture, crop.landmarks)}));
    }
    gallery->add_encodings(next, ids, encoder.encode(faces));
    progress.update(done += static_cast<std::int64_t>(ids.size()));
    cancellation.check();
  }
  progress.end();
  gallery->change_model(next, current_actor());
  gallery->rebuild_index();
  if (context.json)
    context.print_json({{"model", model}, {"examples", info.examples}});
  else
    context.print("the gallery is of the model " + model + " now\n");
  return kOk;
}

}  // namespace likeness::cli
