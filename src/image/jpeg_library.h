#pragma once

/// libjpeg's headers in the order that they need, and its errors without output or exit().

#include <array>
#include <csetjmp>
#include <cstdio>

// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

namespace likeness {

/// libjpeg reports through C callbacks and leaves by longjmp; the functions that call setjmp hold
/// nothing that has a destructor.
struct JpegErrors {
  jpeg_error_mgr base = {};  // first, so that libjpeg's pointer to it points to this
  std::jmp_buf escape = {};
  std::array<char, JMSG_LENGTH_MAX> message = {};

  [[noreturn]] static void fail(j_common_ptr info) {
    auto* errors = reinterpret_cast<JpegErrors*>(info->err);
    errors->base.format_message(info, errors->message.data());
    std::longjmp(errors->escape, 1);
  }

  /// For the `err` field of libjpeg's structs.
  jpeg_error_mgr* manager() {
    jpeg_std_error(&base);
    base.error_exit = fail;
    base.emit_message = [](j_common_ptr, int) {};
    return &base;
  }
};

}  // namespace likeness
