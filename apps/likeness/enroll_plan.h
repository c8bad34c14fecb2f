#pragma once

/// What `likeness enroll` is to do: which photos, and whom each shows.

#include <string>
#include <vector>

#include "inputs.h"

namespace likeness::cli {

/// Photos with the person that each shows.
struct EnrolPlan {
  Inputs inputs;
  std::vector<std::string> subjects;  ///< of inputs.photos, place by place
};

/// NAME PHOTO…, or all of `folder` unless that is empty: FOLDER/NAME/… and FOLDER/NAME.jpg, of
/// which this process takes its share where a launcher has started several. A name that cannot be
/// enrolled is its photo's failure. Throws Error: invalid_argument, not_found.
EnrolPlan plan_enrolment(const std::vector<std::string>& arguments, const std::string& folder);

}  // namespace likeness::cli
