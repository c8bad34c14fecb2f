# likeness_page(TARGET)
#
# Compiles the web page (web/) into TARGET as one file, likeness::embedded::page_bundle(). npm builds
# it; without npm, or with LIKENESS_BUILD_PAGE off, a page that says so takes its place.

function(likeness_page target)
  set(bundle "${PROJECT_BINARY_DIR}/page.bundle")
  set(web "${PROJECT_SOURCE_DIR}/web")
  set(packer "${PROJECT_SOURCE_DIR}/tools/pack_page.sh")
  find_program(LIKENESS_NPM npm DOC "npm, which builds the web page")
  mark_as_advanced(LIKENESS_NPM)
  if(LIKENESS_BUILD_PAGE AND LIKENESS_NPM)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${web}/src/*" "${web}/public/*")
    list(APPEND sources "${web}/.npmrc" "${web}/index.html" "${web}/package.json"
                        "${web}/package-lock.json" "${web}/tsconfig.json" "${web}/vite.config.ts")
    add_custom_command(OUTPUT "${bundle}"
      COMMAND "${PROJECT_SOURCE_DIR}/tools/web.sh" "${bundle}"
      DEPENDS ${sources} "${PROJECT_SOURCE_DIR}/tools/web.sh" "${packer}"
      COMMENT "Building the web page" VERBATIM)
  else()
    if(LIKENESS_BUILD_PAGE)
      message(WARNING "npm was not found: likeness serve will have no web page. "
                      "tools/setup.sh page installs npm; -DLIKENESS_BUILD_PAGE=OFF silences this.")
    else()
      message(WARNING "LIKENESS_BUILD_PAGE is off: likeness serve will have no web page.")
    endif()
    file(GLOB sources CONFIGURE_DEPENDS "${web}/unbuilt/*")
    add_custom_command(OUTPUT "${bundle}"
      COMMAND "${packer}" "${web}/unbuilt" "${bundle}"
      DEPENDS ${sources} "${packer}"
      COMMENT "Packing the page that takes the web page's place" VERBATIM)
  endif()
  likeness_embed_binary(${target} "${bundle}" page_bundle)
endfunction()
