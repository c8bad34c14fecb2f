#pragma once

#include <cstdint>

#include <likeness/core/progress.h>
#include <likeness/net/painter_encoder.h>
#include <likeness/style/perceptual_network.h>
#include <likeness/train/checkpoint.h>
#include <likeness/train/painter_training.h>

#include "train/painter_pictures.h"

namespace likeness {

/// Teaches `encoder`, on options.device, for result.encoder_steps steps what `network` sees
/// (encoder_lesson.h), and fills in the encoder's part of `result`. Writes encoder.safetensors and
/// encoder.jsonl to options.out; with options.resume goes on from there. `settings`: all that the
/// outcome depends on. Throws Error as train_painter does.
void teach_encoder(const PainterTrainingOptions& options, const RunSettings& settings,
                   const PainterPictures& pictures, const PerceptualNetwork& network,
                   const net::PainterEncoder& encoder, PainterResult& result, Progress& progress,
                   const Cancellation* cancellation);

}  // namespace likeness
