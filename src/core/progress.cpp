#include <likeness/core/error.h>
#include <likeness/core/progress.h>

namespace likeness {

void Cancellation::check() const {
  if (requested()) throw Error(ErrorCode::cancelled, "stopped on request");
}

}  // namespace likeness
