# Writes LIST, the tests of CTest for the suites of the GoogleTest program PROGRAM; called by
# likeness_discover_suites().
execute_process(COMMAND "${PROGRAM}" --gtest_list_tests "--gtest_filter=-${WITHOUT}"
                OUTPUT_VARIABLE listing RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} cannot list its tests (${result})")
endif()

# Lines of a listing: "Suite." or "Suite.  # TypeParam = …", and below it "  Case".
string(REPLACE ";" " " listing "${listing}")
string(REPLACE "\n" ";" lines "${listing}")
get_filename_component(program "${PROGRAM}" NAME)
string(REGEX REPLACE "_tests$" "" room "${program}")
set(content "")
set(cases 0)
foreach(line IN LISTS lines)
  if(line MATCHES "^([A-Za-z0-9_/]+)\\.")
    set(suite "${CMAKE_MATCH_1}")
    if(suite MATCHES "^DISABLED_|/DISABLED_")  # for tests that start it themselves
      set(suite "")
      continue()
    endif()
    string(APPEND content
      "add_test([==[${room}.${suite}]==] [==[${PROGRAM}]==] [==[--gtest_filter=${suite}.*-${WITHOUT}]==])\n"
      "set_tests_properties([==[${room}.${suite}]==] PROPERTIES ${PROPERTIES}\n"
      "  SKIP_REGULAR_EXPRESSION [==[\\[  SKIPPED \\] [A-Za-z0-9_./]+\n*$]==])\n")
  elseif(suite AND line MATCHES "^  ")
    math(EXPR cases "${cases} + 1")
  endif()
endforeach()
string(REPLACE ";" " " content "${content}")
file(WRITE "${LIST}" "# ${cases} cases\n${content}")
