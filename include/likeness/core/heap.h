#pragma once

/// Memory that is freed: kept for the next allocation, or given back to the system. The program
/// `likeness` runs on jemalloc (apps/likeness/allocator.cpp), other users of the library on what
/// they link, which is glibc's heap as a rule.

namespace likeness {

/// Has glibc's heap keep freed memory for the next allocation instead of giving it back to the
/// system, however large: a training step takes and frees the same hundreds of megabytes each time,
/// which the system would fill with zeros anew. Measured on a step of MobileFaceNet with 64 faces:
/// 1.3 s of one core instead of 1.8 s. A setting of the whole process, for programs that train:
/// call it once, early. Does nothing to another heap.
void keep_freed_memory();

/// Gives the memory back to the system that is freed but still kept, of all heaps, however it lies
/// between what is alive. For programs that run for days: what one large request left behind would
/// else stay. Takes milliseconds, in which allocations of other threads wait; safe to call from
/// any. For glibc's heap and jemalloc; does nothing to another.
void return_freed_memory();

}  // namespace likeness
