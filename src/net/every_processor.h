#pragma once

// For loops over long rows: compiled several times, and the program chooses what suits the
// processor when it starts. Sanitizers cannot do without their own start, which comes later.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LIKENESS_EVERY_PROCESSOR [[gnu::target_clones("avx512f", "avx2", "default")]]
#else
#define LIKENESS_EVERY_PROCESSOR
#endif

// Before a loop: no step reads what another one writes.
#if defined(__GNUC__) && !defined(__clang__)
#define LIKENESS_INDEPENDENT _Pragma("GCC ivdep")
#else
#define LIKENESS_INDEPENDENT
#endif
