#pragma once

/// gallery reencode: another model for everybody.

#include "command.h"
#include "gallery_choice.h"
#include "networks.h"

namespace likeness::cli {

/// Encodes every kept picture with the model of `encoder`, some at a time, then changes over. What
/// was encoded stays when it is stopped; until the end the gallery works with its old model.
int reencode_gallery(const GalleryChoice& choice, const EncoderChoice& encoder,
                     CommandContext& context);

}  // namespace likeness::cli
