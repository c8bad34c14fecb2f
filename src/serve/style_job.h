#pragma once

/// A painting that was ordered: what is wanted and how far it is. Values; JSON for clients and for
/// the disk.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <likeness/image/codec.h>
#include <likeness/style/objective.h>
#include <likeness/style/stylise.h>

#include "serve/request_fields.h"

namespace likeness::serve {

enum class StyleMode {
  optimise,  ///< by descent: stylise.h
  fast,      ///< in one pass: one_pass.h
};
enum class StyleJobState { queued, running, done, failed, cancelled };
std::string_view to_string(StyleMode mode);
std::string_view to_string(StyleJobState state);
/// Throw Error(invalid_argument) with the names that there are.
StyleMode style_mode_from_name(std::string_view name);
StyleJobState style_job_state_from_name(std::string_view name);

/// What is wanted; ranges have been checked.
struct StyleJobOptions {
  StyleMode mode = StyleMode::optimise;
  int size = 512;  ///< longest side of the result
  OriginalColours original_colours = OriginalColours::no;
  double style_scale = 1;
  ImageFormat format = ImageFormat::jpeg;  ///< of the result: jpeg or png
  // By descent:
  int iterations = 120;
  double time_budget = 0;  ///< seconds; 0: any
  double content_weight = CostWeights().content;
  double style_weight = CostWeights().style;
  // In one pass:
  double alpha = 1;
};

struct StyleJobError {
  std::string code;
  std::string detail;
};

struct StyleJob {
  std::string id = {};     ///< 32 hexadecimal digits
  std::string owner = {};  ///< the caller's id; empty: whoever was here while there were no keys
  StyleJobState state = StyleJobState::queued;
  StyleJobOptions options = {};
  std::int64_t styles = 1;      ///< pictures
  std::int64_t created_at = 0;  ///< milliseconds since 1970, as the other times
  std::optional<std::int64_t> started_at = {};
  std::optional<std::int64_t> finished_at = {};
  int attempts = 0;     ///< runs that did not end in order count too
  double progress = 0;  ///< 0…1
  std::int64_t iteration = 0;
  std::int64_t iterations = 0;  ///< planned; tiles in one pass
  int width = 0;                ///< of the result
  int height = 0;
  std::optional<Costs> costs =
      {};                    ///< of a descent: on the way at the size at hand, then of its result
  double seconds = 0;        ///< of painting
  std::int64_t preview = 0;  ///< the iteration of the newest preview; 0: there is none
  bool has_result = false;
  std::optional<StyleJobError> error = {};
  std::uint64_t changes = 0;  ///< grows with each change; not kept on disk

  bool finished() const {
    return state != StyleJobState::queued && state != StyleJobState::running;
  }
};

/// As clients see it (docs/openapi.json).
Json job_json(const StyleJob& job);

/// As it is kept, and read again. Throws Error(corrupt_file) that names `name`.
std::string job_record(const StyleJob& job);
StyleJob job_from_record(std::string_view text, const std::string& name);

/// 32 hexadecimal digits that nobody can guess; and whether `text` is such a thing, so that it may
/// become part of a path.
std::string new_job_id();
bool is_job_id(std::string_view text);

/// Milliseconds since 1970.
std::int64_t milliseconds_now();

}  // namespace likeness::serve
