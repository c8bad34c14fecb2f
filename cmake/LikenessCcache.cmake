# Compiles through ccache where it is installed. The sloppiness is what ccache needs to keep
# compilations that use a precompiled header.
if(LIKENESS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(LIKENESS_CCACHE_PROGRAM ccache)
  mark_as_advanced(LIKENESS_CCACHE_PROGRAM)
  if(LIKENESS_CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      "${LIKENESS_CCACHE_PROGRAM}")
  endif()
endif()
