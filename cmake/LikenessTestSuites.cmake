# likeness_discover_suites(TARGET [WITHOUT patterns] [PROPERTIES name value…])
#
# Every GoogleTest suite of TARGET becomes a test of CTest, named ROOM.Suite. CMake's own
# gtest_discover_tests() starts the program once for each test case; starting LibTorch takes longer
# than most of them.
#
# WITHOUT: cases to leave out, as behind the minus of --gtest_filter. A suite is called skipped if a
# case of it was skipped and none failed.
set(LIKENESS_LIST_TEST_SUITES "${CMAKE_CURRENT_LIST_DIR}/list_test_suites.cmake")

function(likeness_discover_suites target)
  cmake_parse_arguments(arg "" "WITHOUT" "PROPERTIES" ${ARGN})
  set(list "${CMAKE_CURRENT_BINARY_DIR}/${target}_suites.cmake")
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND "${CMAKE_COMMAND}" "-DPROGRAM=$<TARGET_FILE:${target}>" "-DWITHOUT=${arg_WITHOUT}"
            "-DPROPERTIES=${arg_PROPERTIES}" "-DLIST=${list}" -P "${LIKENESS_LIST_TEST_SUITES}"
    BYPRODUCTS "${list}" VERBATIM)
  set(include "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake")
  file(CONFIGURE OUTPUT "${include}" @ONLY CONTENT
[=[if(EXISTS "@list@")
  include("@list@")
else()
  add_test(@target@_is_not_built @target@_is_not_built)
endif()
]=])
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include}")
endfunction()
