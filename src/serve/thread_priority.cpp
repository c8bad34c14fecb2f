#include "serve/thread_priority.h"

#include <algorithm>

#include <sys/resource.h>
#include <unistd.h>

namespace likeness::serve {

void lower_priority(int by) {
  constexpr int kNicest = 19;
  const auto self = static_cast<id_t>(::gettid());
  ::setpriority(PRIO_PROCESS, self, std::min(kNicest, ::getpriority(PRIO_PROCESS, self) + by));
}

}  // namespace likeness::serve
