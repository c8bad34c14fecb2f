#include "serve/page_bundle.h"

#include <string>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <zlib.h>

#include "serve/page_routes.h"
#include "serve/problem.h"

namespace likeness::serve {
namespace {

constexpr std::string_view kHtml = "<!doctype html><title>Likeness</title>";
constexpr std::string_view kScript = "export const answer = 42; export const again = 42;";

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string packed(std::string_view content) {
  std::string gzip(content.size() + 64, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(gzip.data());
  stream.avail_out = static_cast<uInt>(gzip.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  gzip.resize(stream.total_out);
  deflateEnd(&stream);
  return gzip;
}

std::string entry(const std::string& path, const std::string& type, std::string_view content,
                  const std::string& mutability, std::size_t offset, std::size_t length) {
  return path + '\t' + type + '\t' + sha256(bytes_of(content)) + '\t' + mutability + '\t' +
         std::to_string(offset) + '\t' + std::to_string(length) + '\t' +
         std::to_string(content.size()) + '\n';
}

/// A page and a script with a hash in its name.
std::string small_bundle() {
  const std::string html = packed(kHtml);
  const std::string script = packed(kScript);
  return "likeness-page 1\n" +
         entry("/assets/page-1a2b.js", "text/javascript", kScript, "immutable", html.size(),
               script.size()) +
         entry("/index.html", "text/html; charset=utf-8", kHtml, "changing", 0, html.size()) +
         "\n" + html + script;
}

ErrorCode refusal_of(std::string_view bundle) {
  try {
    const PageBundle page(bytes_of(bundle));
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "was taken";
  return ErrorCode::unavailable;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(PageBundle, FindsFilesWithTheirTypeAndContent) {
  const std::string bytes = small_bundle();
  const PageBundle page(bytes_of(bytes));
  ASSERT_EQ(page.files().size(), 2U);
  const auto script = page.find("/assets/page-1a2b.js");
  ASSERT_TRUE(script);
  EXPECT_EQ(script->type, "text/javascript");
  EXPECT_EQ(script->etag, sha256(bytes_of(kScript)));
  EXPECT_TRUE(script->immutable);
  EXPECT_EQ(unpack(*script), kScript);
  EXPECT_FALSE(page.find("/index.html")->immutable);
  EXPECT_EQ(unpack(*page.find("/index.html")), kHtml);
}

TEST(PageBundle, DoesNotFindWhatIsNotThere) {
  const std::string bytes = small_bundle();
  const PageBundle page(bytes_of(bytes));
  EXPECT_FALSE(page.find("/"));
  EXPECT_FALSE(page.find("/assets"));
  EXPECT_FALSE(page.find("/index.htm"));
}

TEST(PageBundle, RefusesEveryPieceOfItself) {
  const std::string bytes = small_bundle();
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_EQ(refusal_of(std::string_view(bytes).substr(0, length)), ErrorCode::corrupt_file)
        << length;
}

TEST(PageBundle, RefusesAnIndexThatIsNotOne) {
  const std::string bytes = small_bundle();
  EXPECT_EQ(refusal_of(replaced(bytes, "likeness-page 1", "likeness-page 2")),
            ErrorCode::corrupt_file);
  EXPECT_EQ(refusal_of(replaced(bytes, "\timmutable\t", "\tperhaps\t")), ErrorCode::corrupt_file);
  EXPECT_EQ(refusal_of(replaced(bytes, "/index.html", "index.html")), ErrorCode::corrupt_file);
  EXPECT_EQ(refusal_of(replaced(bytes, "\tchanging\t0", "\tchanging\t-1")),
            ErrorCode::corrupt_file);
  EXPECT_EQ(refusal_of(replaced(bytes, "\tchanging\t0", "\tchanging\t18446744073709551615")),
            ErrorCode::corrupt_file);
  EXPECT_EQ(refusal_of(replaced(bytes, "text/html; charset=utf-8\t", "text/html\t\t")),
            ErrorCode::corrupt_file);
}

TEST(PageBundle, ContentThatIsNotAsLongAsTheIndexSaysIsRefused) {
  const std::string size = "\t" + std::to_string(kHtml.size()) + "\n\n";
  for (const int difference : {-1, 1}) {
    const std::string other =
        "\t" + std::to_string(static_cast<int>(kHtml.size()) + difference) + "\n\n";
    const std::string bytes = replaced(small_bundle(), size, other);
    const PageBundle page(bytes_of(bytes));
    EXPECT_THROW(unpack(*page.find("/index.html")), Error) << difference;
  }
}

TEST(PageBundle, FlippedContentIsRefused) {
  std::string bytes = small_bundle();
  bytes[bytes.size() - 12] ^= 0x40;  // in the script, the last file
  const PageBundle page(bytes_of(bytes));
  EXPECT_THROW(unpack(*page.find("/assets/page-1a2b.js")), Error);
}

std::string header(const HttpResponse& response, const std::string& name) {
  for (const auto& [known, value] : response.headers)
    if (known == name) return value;
  return {};
}

class PageRoutes : public testing::Test {
 protected:
  HttpResponse get(const std::string& path, std::map<std::string, std::string> headers = {}) {
    const auto found = router_.find("GET", path);
    EXPECT_TRUE(found.route->open);
    EXPECT_TRUE(found.route->page);
    HttpRequest request{.method = "GET", .path = path};
    request.headers = std::move(headers);
    return found.route->handler(request);
  }
  void SetUp() override { add_page_routes(router_, PageBundle(bytes_of(bytes_))); }

  const std::string bytes_ = small_bundle();
  Router router_;
};

TEST_F(PageRoutes, TheRootIsTheIndex) {
  const HttpResponse response = get("/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(response.body, kHtml);
  EXPECT_EQ(header(response, "Cache-Control"), "no-cache");
  EXPECT_EQ(header(response, "Permissions-Policy"), "camera=(self), microphone=(), geolocation=()");
}

TEST_F(PageRoutes, ThePolicyForbidsInlineCodeAndOtherPlaces) {
  for (const char* path : {"/", "/index.html", "/assets/page-1a2b.js"}) {
    const std::string policy = header(get(path), "Content-Security-Policy");
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << path;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos) << path;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << path;
    EXPECT_EQ(policy.find("http"), std::string::npos) << path;
  }
}

TEST_F(PageRoutes, AssetsAreKeptForAYear) {
  EXPECT_EQ(header(get("/assets/page-1a2b.js"), "Cache-Control"),
            "public, max-age=31536000, immutable");
}

TEST_F(PageRoutes, GzipGoesToThoseWhoTakeIt) {
  for (const char* accepted : {"gzip", "br, gzip;q=0.8", "*", "deflate,gzip"}) {
    const HttpResponse response = get("/", {{"accept-encoding", accepted}});
    EXPECT_EQ(header(response, "Content-Encoding"), "gzip") << accepted;
    EXPECT_EQ(response.body, packed(kHtml)) << accepted;
  }
  for (const char* accepted : {"", "br", "gzip;q=0", "identity", "gzip; q=0.0"}) {
    const HttpResponse response = get("/", {{"accept-encoding", accepted}});
    EXPECT_EQ(header(response, "Content-Encoding"), "") << accepted;
    EXPECT_EQ(response.body, kHtml) << accepted;
  }
}

TEST_F(PageRoutes, WhoHasItAlreadyGetsNoContent) {
  const std::string tag = header(get("/"), "ETag");
  ASSERT_EQ(tag.substr(0, 3), "W/\"");
  for (const std::string& known : {tag, tag.substr(2), "\"other\", " + tag, std::string("*")}) {
    const HttpResponse response = get("/", {{"if-none-match", known}});
    EXPECT_EQ(response.status, 304) << known;
    EXPECT_TRUE(response.body.empty());
    EXPECT_EQ(header(response, "ETag"), tag);
  }
  EXPECT_EQ(get("/", {{"if-none-match", "\"other\""}}).status, 200);
}

TEST_F(PageRoutes, OtherPathsAreNotFound) {
  EXPECT_THROW(router_.find("GET", "/assets/other.js"), Problem);
  EXPECT_THROW(router_.find("POST", "/"), Problem);
}

TEST(PageRoutesOf, ABundleWithoutAnIndexIsRefused) {
  const std::string bytes = "likeness-page 1\n\n";
  Router router;
  EXPECT_THROW(add_page_routes(router, PageBundle(bytes_of(bytes))), Error);
}

TEST(PageRoutesOf, TheBuiltInPageIsWhole) {
  Router router;
  add_page_routes(router);
  for (const Route& route : router.routes()) {
    HttpRequest request{.method = "GET", .path = route.pattern};
    const HttpResponse response = route.handler(request);
    const std::string tag = sha256(bytes_of(response.body)).substr(0, 32);
    EXPECT_EQ(header(response, "ETag"), "W/\"" + tag + "\"") << route.pattern;
  }
  // What the page names is there.
  const std::string html =
      router.find("GET", "/").route->handler({.method = "GET", .path = "/"}).body;
  ASSERT_NE(html.find("Likeness"), std::string::npos);
  for (const std::string_view attribute : {"src=\"", "href=\""}) {
    for (std::size_t at = html.find(attribute); at != std::string::npos;
         at = html.find(attribute, at + 1)) {
      const std::size_t begin = at + attribute.size();
      std::string path = html.substr(begin, html.find('"', begin) - begin);
      if (path == "openapi.json") continue;  // the API's
      path = path.starts_with("./") ? path.substr(1) : "/" + path;
      EXPECT_NO_THROW(router.find("GET", path)) << path;
    }
  }
}

}  // namespace
}  // namespace likeness::serve
