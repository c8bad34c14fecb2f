#pragma once

/// The options of `likeness train siamese`, from the command line to the library.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <likeness/train/siamese_run.h>

#include "command.h"

namespace likeness::cli {

/// The options as they are typed.
struct SiameseCommand {
  SiameseOptions run;
  std::string data;
  std::string out;
  std::string log;
  std::string loss = "triplet";
  std::string mining = "batch-hard";
  std::string pair_form = "absolute";
  std::string optimiser = "adamw";
  std::string exclude;
  std::vector<std::string> benchmarks;
  std::string weights = "fp16";
  std::vector<std::string> without;  ///< kinds of augmentation
  std::vector<double> shares;        ///< of the networks that --init joins
  std::string train = "network";
  std::string head_start = "identity";
  std::string result = "best";
  int process_timeout = 1800;
  // Their usual values depend on what is trained.
  std::optional<std::int64_t> steps;
  std::optional<std::int64_t> warm_up;
  std::optional<double> learning_rate;
  std::optional<double> weight_decay;
};

/// All but those that every command has.
void add_siamese_options(CLI::App& command, SiameseCommand& options);

/// What the library takes, but for --init, which is passed on as it was typed. Throws
/// Error(invalid_argument) for names that it does not know, as read_file does for the list of
/// --exclude. A process of several takes its part of the machine, and is quiet unless it is the
/// first.
SiameseOptions run_options(const SiameseCommand& options, CommandContext& context);

}  // namespace likeness::cli
