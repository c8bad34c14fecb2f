# What `cmake --install` writes: the program (apps/), the rooms' libraries and public headers, and
# the package files behind find_package(likeness).
include(CMakePackageConfigHelpers)
set(LIKENESS_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/likeness")

# likeness_install(targets…): all rooms and likeness::likeness.
function(likeness_install)
  install(TARGETS ${ARGN} EXPORT likenessTargets
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT likenessTargets NAMESPACE likeness:: DESTINATION ${LIKENESS_PACKAGE_DIR})
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/likeness" "${PROJECT_BINARY_DIR}/include/likeness"
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DOCDIR})

  configure_package_config_file(
    "${PROJECT_SOURCE_DIR}/cmake/likenessConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/likenessConfig.cmake"
    INSTALL_DESTINATION ${LIKENESS_PACKAGE_DIR})
  # Before 1.0 a minor version may change the interface.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/likenessConfigVersion.cmake"
                                   COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/likenessConfig.cmake"
                "${PROJECT_BINARY_DIR}/likenessConfigVersion.cmake"
          DESTINATION ${LIKENESS_PACKAGE_DIR})
endfunction()
