#include "serve/page_routes.h"

#include <likeness/core/error.h>

#include "embedded/page_bundle.h"

namespace likeness::serve {
namespace {

/// Nothing but the page's own files; pictures that it makes itself (blob:) or that come with an
/// answer (data:). No page may frame it, so that nobody is led to click on it unawares.
constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; media-src blob:; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";
constexpr const char* kPermissionsPolicy = "camera=(self), microphone=(), geolocation=()";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Calls `look` with each part of a list that commas separate, until it returns true.
template <typename Look>
bool any_of_list(std::string_view list, const Look& look) {
  while (true) {
    const std::size_t end = list.find(',');
    if (look(trimmed(list.substr(0, end)))) return true;
    if (end == std::string_view::npos) return false;
    list.remove_prefix(end + 1);
  }
}

/// Weak (W/), as one tag stands for the packed and the unpacked content.
std::string tag_of(const PageFile& file) {
  return "W/\"" + std::string(file.etag.substr(0, 32)) + "\"";
}

bool has_it_already(const HttpRequest& request, const std::string& tag) {
  const std::string_view known = request.header("if-none-match");
  return !known.empty() && any_of_list(known, [&](std::string_view one) {
    return one == "*" || one == tag || one == std::string_view(tag).substr(2);
  });
}

/// "gzip", "gzip;q=0.8" or "*", but not with a weight of zero.
bool unpacks_gzip(const HttpRequest& request) {
  return any_of_list(request.header("accept-encoding"), [](std::string_view one) {
    const std::string_view name = trimmed(one.substr(0, one.find(';')));
    if (name != "gzip" && name != "*") return false;
    const std::size_t weight = one.find("q=");
    return weight == std::string_view::npos ||
           one.find_first_of("123456789", weight) != std::string_view::npos;
  });
}

HttpResponse answer(const PageFile& file, const HttpRequest& request) {
  HttpResponse response{.content_type = std::string(file.type)};
  const std::string tag = tag_of(file);
  response.headers = {
      {"ETag", tag},
      {"Vary", "Accept-Encoding"},
      {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Content-Security-Policy", kContentSecurityPolicy},
      {"Permissions-Policy", kPermissionsPolicy},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"}};
  if (has_it_already(request, tag)) {
    response.status = 304;
  } else if (unpacks_gzip(request)) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body.assign(file.gzip.begin(), file.gzip.end());
  } else {
    response.body = unpack(file);
  }
  return response;
}

void add(Router& router, const std::string& path, const PageFile& file) {
  router.add({.method = "GET",
              .pattern = path,
              .handler = [file](const HttpRequest& request) { return answer(file, request); },
              .open = true,
              .page = true,
              .light = true});
}

}  // namespace

void add_page_routes(Router& router, const PageBundle& bundle) {
  const auto index = bundle.find("/index.html");
  if (!index) throw Error(ErrorCode::corrupt_file, "page bundle: it has no /index.html");
  add(router, "/", *index);
  for (const PageFile& file : bundle.files()) add(router, std::string(file.path), file);
}

void add_page_routes(Router& router) {
  add_page_routes(router, PageBundle(embedded::page_bundle()));
}

}  // namespace likeness::serve
