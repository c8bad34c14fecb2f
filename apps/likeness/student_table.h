#pragma once

/// What a slim network is wrong about, as `likeness evaluate style --student` prints it.

#include <string>

#include <likeness/evaluate/student_measures.h>

#include "json.h"

namespace likeness::cli {

Json student_json(const StudentMeasures& measures);

/// One line a layer, and one for the content; `name` is that of the painting.
std::string student_table(const StudentMeasures& measures, const std::string& name);

}  // namespace likeness::cli
