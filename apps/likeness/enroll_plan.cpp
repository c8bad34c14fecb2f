#include "enroll_plan.h"

#include <filesystem>
#include <optional>
#include <span>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/gallery/gallery.h>

#include "process_share.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

/// This process's share, where a launcher has started several.
void take_share(EnrolPlan& plan) {
  const std::optional<ProcessPlace> place = process_place();
  if (!place) return;
  plan.inputs = share_of(plan.inputs, place);
  plan.subjects = share_of(plan.subjects, place);
}

/// DIR/NAME/… and DIR/NAME.jpg.
std::string subject_in(const fs::path& folder, const fs::path& photo) {
  const fs::path below = photo.lexically_relative(folder);
  const fs::path first = *below.begin();
  return first == below ? photo.stem().string() : first.string();
}

/// A name that cannot be enrolled is the photo's failure; the others go on.
void add_photo(EnrolPlan& plan, const fs::path& folder, const fs::path& photo) {
  std::string subject = subject_in(folder, photo);
  try {
    check_subject_name(subject);
  } catch (const Error& error) {
    plan.inputs.failures.push_back({photo, error.code(), photo.string() + ": " + error.what()});
    return;
  }
  plan.inputs.photos.push_back(photo);
  plan.subjects.push_back(std::move(subject));
}

}  // namespace

EnrolPlan plan_enrolment(const std::vector<std::string>& arguments, const std::string& folder) {
  EnrolPlan plan;
  if (!folder.empty()) {
    if (!arguments.empty())
      throw Error(ErrorCode::invalid_argument,
                  "--dir takes names and photos from the folder; leave out " +
                      in_quotes(arguments.front()));
    if (!fs::is_directory(folder))
      throw Error(ErrorCode::not_found, "--dir " + folder + ": is not a folder");
    Inputs found = expand_inputs(std::vector<std::string>{folder});
    plan.inputs.failures = std::move(found.failures);
    for (const fs::path& photo : found.photos) add_photo(plan, folder, photo);
    take_share(plan);
    return plan;
  }
  if (arguments.size() < 2)
    throw Error(ErrorCode::invalid_argument,
                "give a name and one photo or more, for example: likeness enroll Anna anna.jpg");
  const std::string& name = arguments.front();
  check_subject_name(name);
  plan.inputs = expand_inputs(std::span(arguments).subspan(1));
  plan.subjects.assign(plan.inputs.photos.size(), name);
  return plan;
}

}  // namespace likeness::cli
