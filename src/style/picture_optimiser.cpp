#include <string>

#include <likeness/core/error.h>
#include <likeness/style/picture_optimiser.h>

#include "style/adam.h"
#include "style/lbfgs.h"

namespace likeness {

std::string_view to_string(PictureMethod method) {
  return method == PictureMethod::lbfgs ? "lbfgs" : "adam";
}

PictureMethod picture_method_from_name(std::string_view name) {
  for (const PictureMethod method : {PictureMethod::lbfgs, PictureMethod::adam})
    if (to_string(method) == name) return method;
  throw Error(ErrorCode::invalid_argument,
              "'" + std::string(name) + "' is no optimiser; use lbfgs or adam");
}

std::unique_ptr<PictureOptimiser> make_picture_optimiser(const PictureOptimiserOptions& options) {
  LIKENESS_CHECK(options.history >= 1 && options.learning_rate > 0);
  if (options.method == PictureMethod::adam) return std::make_unique<Adam>(options);
  return std::make_unique<Lbfgs>(options.history);
}

}  // namespace likeness
