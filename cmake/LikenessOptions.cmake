# likeness_options: how every target of this project is compiled.
add_library(likeness_options INTERFACE)
# One code model for libraries and programs: they share the precompiled header.
target_compile_options(likeness_options INTERFACE -Wall -Wextra -Wpedantic -fPIC)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns falsely about "literal" + std::string and insertions into vectors of bytes at -O3
  # (GCC bugs 105651, 105329).
  target_compile_options(likeness_options INTERFACE -Wno-restrict -Wno-stringop-overflow
                                                   -Wno-stringop-overread -Wno-array-bounds)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND Torch_VERSION VERSION_LESS 2)
  target_compile_options(likeness_options INTERFACE
    "SHELL:-include \"${PROJECT_SOURCE_DIR}/cmake/clang_with_libtorch_1.h\"")
endif()
if(LIKENESS_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # What a unity build includes looks to GCC like a header, where unnamed namespaces would be an error.
  target_compile_options(likeness_options INTERFACE -Wno-subobject-linkage)
endif()
if(LIKENESS_WERROR)
  target_compile_options(likeness_options INTERFACE -Werror)
endif()
if(LIKENESS_SANITIZE)
  # Without the second option, undefined behaviour would be printed and the test would pass.
  target_compile_options(likeness_options INTERFACE -fsanitize=${LIKENESS_SANITIZE}
                                                   -fno-sanitize-recover=all
                                                   -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # What the sanitizers add hides from GCC that LibTorch's optionals are set.
    target_compile_options(likeness_options INTERFACE -Wno-maybe-uninitialized)
  endif()
  target_link_options(likeness_options INTERFACE -fsanitize=${LIKENESS_SANITIZE})
endif()

# LibTorch's module headers take most of a network's compile: they are parsed once and shared by the
# targets that define networks, and by the tests, which use all of LibTorch's operations. Others
# include the much smaller <ATen/core/Tensor.h>; for them the precompiled header (0.4 GB to map)
# would cost more than it saves.
if(LIKENESS_PCH)
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/pch.cpp" CONTENT "")
  add_library(likeness_pch OBJECT "${CMAKE_CURRENT_BINARY_DIR}/pch.cpp")
  target_link_libraries(likeness_pch PRIVATE likeness_options ${TORCH_LIBRARIES})
  target_precompile_headers(likeness_pch PRIVATE
    <torch/nn/module.h> <torch/nn/modules/container/modulelist.h> <torch/types.h>)
endif()

# likeness_use_options(TARGET): compiles TARGET with the project's options.
function(likeness_use_options target)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:likeness_options>)
endfunction()

# likeness_use_pch(TARGET): for targets that define networks and for tests: LibTorch's headers,
# precompiled.
function(likeness_use_pch target)
  if(LIKENESS_PCH)
    target_precompile_headers(${target} REUSE_FROM likeness_pch)
  endif()
endfunction()

# likeness_use_clang_tidy(TARGET): looks over TARGET while it is built (preset lint).
function(likeness_use_clang_tidy target)
  if(LIKENESS_CLANG_TIDY)
    find_program(LIKENESS_CLANG_TIDY_PROGRAM NAMES clang-tidy-14 clang-tidy REQUIRED)
    mark_as_advanced(LIKENESS_CLANG_TIDY_PROGRAM)
    set_target_properties(${target} PROPERTIES
      CXX_CLANG_TIDY "${LIKENESS_CLANG_TIDY_PROGRAM};--quiet")
  endif()
endfunction()
