# likeness_video_module(): the module likeness_videoio, which the image room loads when a film is
# read or written (src/image/video_module.h says why it is apart).
function(likeness_video_module)
  add_library(likeness_videoio MODULE src/image/videoio/module.cpp)
  target_compile_features(likeness_videoio PRIVATE cxx_std_20)
  target_include_directories(likeness_videoio PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(likeness_videoio PRIVATE opencv_core opencv_videoio opencv_highgui)
  likeness_use_options(likeness_videoio)
  set_target_properties(likeness_videoio PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  install(TARGETS likeness_videoio LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})

  # OpenCV's headers for video, not its libraries.
  target_include_directories(likeness_image PRIVATE
    $<TARGET_PROPERTY:opencv_videoio,INTERFACE_INCLUDE_DIRECTORIES>)
  target_link_libraries(likeness_image PRIVATE ${CMAKE_DL_LIBS})
  add_dependencies(likeness_image likeness_videoio)
  set_property(SOURCE src/image/video_module.cpp APPEND PROPERTY COMPILE_DEFINITIONS
    LIKENESS_VIDEOIO_NAME="$<TARGET_FILE_NAME:likeness_videoio>"
    LIKENESS_VIDEOIO_BUILT="${PROJECT_BINARY_DIR}"
    LIKENESS_VIDEOIO_INSTALLED="${CMAKE_INSTALL_FULL_LIBDIR}"
    LIKENESS_VIDEOIO_LIBDIR="${CMAKE_INSTALL_LIBDIR}")
endfunction()
