// Any text is a file of keys that keeps what its header promises, or Error(corrupt_file).

#include <cstddef>
#include <cstdint>
#include <string>

#include <likeness/core/error.h>

#include "serve/key_file.h"
#include "support/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace likeness;
  using namespace likeness::serve;
  try {
    const KeyFile file = parse_key_file({reinterpret_cast<const char*>(data), size}, "fuzz");
    for (const StoredKey& stored : file.keys) {
      LIKENESS_FUZZ_CHECK(stored.key.id.size() == 8);
      check_key_settings(stored.key.name, stored.key.limits);
    }
    LIKENESS_FUZZ_CHECK(key_file_text(parse_key_file(key_file_text(file), "again")) ==
                        key_file_text(file));
  } catch (const Error& error) {
    LIKENESS_FUZZ_CHECK(error.code() == ErrorCode::corrupt_file);
  }
  return 0;
}
