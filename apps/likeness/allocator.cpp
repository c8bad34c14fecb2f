/// What the program asks of jemalloc, which it is linked with (LIKENESS_JEMALLOC): networks take
/// and free the same tensors again and again, so freed pages are kept for the next ones; `likeness
/// serve` gives back what is left over once a minute. MALLOC_CONF in the environment says otherwise
/// (jemalloc(3), "TUNING"). Without jemalloc nobody reads it.

extern "C" {

const char* malloc_conf = "dirty_decay_ms:-1,muzzy_decay_ms:-1";
}
