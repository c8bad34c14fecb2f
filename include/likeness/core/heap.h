#pragma once

namespace likeness {

/// Has the C library keep freed memory for the next allocation instead of giving it back to the
/// system, however large: a training step takes and frees the same hundreds of megabytes each time,
/// which the system would fill with zeros anew. Measured on a step of MobileFaceNet with 64 faces:
/// 1.3 s of one core instead of 1.8 s. A setting of the whole process, for programs that train:
/// call it once, early. Does nothing without glibc.
void keep_freed_memory();

/// Has all threads share few heaps, one for every four cores. By itself the C library makes up to
/// eight for each core, and every one grows to the most that its threads have held at a time, which
/// happens late: two heaps still grew after minutes of mixed work on two cores, one did not, at the
/// same throughput. A setting of the whole process: call it once, before threads start. Does
/// nothing without glibc.
void share_heaps();

/// Gives the memory back to the system that is freed but still kept, of all heaps, however it lies
/// between what is alive. For programs that run for days: what one large request left behind would
/// else stay in pieces, which the next one may not fit in. Takes milliseconds, in which allocations
/// of other threads wait; safe to call from any. Does nothing without glibc.
void return_freed_memory();

}  // namespace likeness
