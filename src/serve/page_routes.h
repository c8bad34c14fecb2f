#pragma once

/// The web page: every file of a bundle at its path, and "/" for "/index.html". Open to everybody,
/// as it holds nothing of anybody; what it asks of the API needs a key like any other call.

#include "serve/page_bundle.h"
#include "serve/router.h"

namespace likeness::serve {

/// The page that is built into the program.
void add_page_routes(Router& router);
/// The files of `bundle`; the bytes that it views must outlive `router`.
/// Throws Error(corrupt_file) where it has no /index.html.
void add_page_routes(Router& router, const PageBundle& bundle);

}  // namespace likeness::serve
