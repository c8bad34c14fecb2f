#pragma once

namespace likeness::serve {

/// Makes the calling thread nicer (nice(1)) by `by`, to 19 at most: of threads that compute, so
/// that what is answered without them is answered at once, however much they have to do. Of this
/// thread alone, and of those that it starts from now on (as LibTorch does for it): Linux keeps a
/// priority for each.
void lower_priority(int by);

/// By how much threads are nicer than the process that compute what somebody waits for.
constexpr int kNicer = 5;
/// And those that compute what is fetched later.
constexpr int kMuchNicer = 10;

}  // namespace likeness::serve
