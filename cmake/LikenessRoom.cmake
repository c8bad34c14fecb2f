# likeness_room(NAME [NETWORKS] [ROOMS left-neighbours…] [PUBLIC libraries…] [LINK libraries…])
#
# A room is one static library likeness::NAME made of src/NAME/*.cpp with its public headers in
# include/likeness/NAME. ROOMS are the rooms that it may use. PUBLIC names the outside libraries
# that its public headers show, LINK those that only its sources use: their headers are out of
# reach for whoever links the room. NETWORKS: its sources define networks.
function(likeness_room name)
  cmake_parse_arguments(arg "NETWORKS" "" "ROOMS;PUBLIC;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${name}/*.cpp")
  if(NOT sources)  # an empty room
    file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp" CONTENT "")
    set(sources "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp")
  endif()
  add_library(likeness_${name} STATIC ${sources})
  add_library(likeness::${name} ALIAS likeness_${name})
  set_target_properties(likeness_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(likeness_${name} PUBLIC cxx_std_20)
  target_include_directories(likeness_${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
           $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE "${PROJECT_SOURCE_DIR}/src")
  list(TRANSFORM arg_ROOMS PREPEND likeness_)
  target_link_libraries(likeness_${name} PUBLIC ${arg_ROOMS} ${arg_PUBLIC} PRIVATE ${arg_LINK})
  # A room's own tests see what its sources see.
  set_property(TARGET likeness_${name} PROPERTY LIKENESS_TEST_LIBRARIES ${arg_LINK})
  likeness_use_options(likeness_${name})
  if(arg_NETWORKS)
    likeness_use_pch(likeness_${name})
  endif()
  likeness_use_clang_tidy(likeness_${name})
endfunction()

# likeness_library(rooms…): likeness::likeness, all rooms as one target, and the installation.
function(likeness_library)
  add_library(likeness_all INTERFACE)
  add_library(likeness::likeness ALIAS likeness_all)
  set_target_properties(likeness_all PROPERTIES EXPORT_NAME likeness)
  list(TRANSFORM ARGN PREPEND likeness_ OUTPUT_VARIABLE rooms)
  target_link_libraries(likeness_all INTERFACE ${rooms})
  list(TRANSFORM ARGN PREPEND likeness:: OUTPUT_VARIABLE names)
  list(JOIN names ", " LIKENESS_ROOM_TARGETS)  # for likenessConfig.cmake.in
  likeness_install(likeness_all ${rooms})
endfunction()
