# likeness_embed(TARGET FILE SYMBOL)
#
# Compiles the text FILE into TARGET, which reads it with
#
#     #include "embedded/SYMBOL.h"
#     std::string_view text = likeness::embedded::SYMBOL();
#
# Changing FILE builds it again.

function(likeness_embed target file symbol)
  get_filename_component(file "${file}" ABSOLUTE BASE_DIR "${PROJECT_SOURCE_DIR}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  # Bytes instead of a string literal: compilers limit the length of those.
  file(READ "${file}" bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")

  set(folder "${PROJECT_BINARY_DIR}/generated")
  file(CONFIGURE OUTPUT "${folder}/embedded/${symbol}.h" @ONLY CONTENT
[=[#pragma once

#include <string_view>

namespace likeness::embedded {

std::string_view @symbol@();

}  // namespace likeness::embedded
]=])
  file(CONFIGURE OUTPUT "${folder}/embedded/${symbol}.cpp" @ONLY CONTENT
[=[#include "embedded/@symbol@.h"

namespace likeness::embedded {

std::string_view @symbol@() {
  static constexpr unsigned char kBytes[] = {
@bytes@};
  return {reinterpret_cast<const char*>(kBytes), sizeof(kBytes)};
}

}  // namespace likeness::embedded
]=])
  target_sources(${target} PRIVATE "${folder}/embedded/${symbol}.cpp")
  target_include_directories(${target} PRIVATE "${folder}")
endfunction()

# likeness_embed_binary(TARGET FILE SYMBOL)
#
# The same for large files: the assembler copies the bytes, which no compiler has to parse.
function(likeness_embed_binary target file symbol)
  get_filename_component(file "${file}" ABSOLUTE BASE_DIR "${PROJECT_SOURCE_DIR}")
  set(folder "${PROJECT_BINARY_DIR}/generated")
  file(CONFIGURE OUTPUT "${folder}/embedded/${symbol}.h" @ONLY CONTENT
[=[#pragma once

#include <cstdint>
#include <span>

namespace likeness::embedded {

std::span<const std::uint8_t> @symbol@();

}  // namespace likeness::embedded
]=])
  file(CONFIGURE OUTPUT "${folder}/embedded/${symbol}.cpp" @ONLY CONTENT
[=[#include "embedded/@symbol@.h"

__asm__(
    ".section .rodata\n"
    ".balign 64\n"
    "likeness_@symbol@_begin:\n"
    ".incbin \"@file@\"\n"
    "likeness_@symbol@_end:\n"
    ".previous\n");

extern "C" {
extern const std::uint8_t begin_of_file[] __asm__("likeness_@symbol@_begin");
extern const std::uint8_t end_of_file[] __asm__("likeness_@symbol@_end");
}

namespace likeness::embedded {

std::span<const std::uint8_t> @symbol@() {
  return {begin_of_file, end_of_file};
}

}  // namespace likeness::embedded
]=])
  set_source_files_properties("${folder}/embedded/${symbol}.cpp" PROPERTIES
    OBJECT_DEPENDS "${file}" SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE "${folder}/embedded/${symbol}.cpp")
  target_include_directories(${target} PRIVATE "${folder}")
endfunction()
