/// likeness train …: networks that learn from pictures.

#include "train_command.h"

namespace likeness::cli {

void add_train_command(CLI::App& parent, CommandContext& context) {
  CLI::App* command = parent.add_subcommand("train", "Train networks on pictures of your own");
  command->require_subcommand(1);
  add_siamese_command(*command, context);
  add_pair_classifier_command(*command, context);
  add_perceptual_command(*command, context);
  add_painter_command(*command, context);
}

}  // namespace likeness::cli
