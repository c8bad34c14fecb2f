#include "gallery/missing_example.h"

#include <string>

#include <likeness/core/error.h>

namespace likeness {

void refuse_unknown_example(std::int64_t id) {
  throw Error(ErrorCode::not_found, "there is no example " + std::to_string(id) +
                                        "; likeness gallery show NAME lists a person's");
}

void refuse_missing_crop(std::int64_t id) {
  throw Error(ErrorCode::not_found, "no picture was kept of example " + std::to_string(id) +
                                        "; people are enrolled with theirs by --keep-crops");
}

}  // namespace likeness
