#pragma once

/// The files of the web page, packed into one by tools/pack_page.sh and built into the program.
/// Views the packed bytes, which must live longer; immutable, safe to use from many threads.
///
///     const PageBundle page(embedded::page_bundle());
///     if (const auto file = page.find("/index.html")) …  file->gzip, file->type

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace likeness::serve {

struct PageFile {
  std::string_view path;   ///< as asked for: "/index.html"
  std::string_view type;   ///< "text/html; charset=utf-8"
  std::string_view etag;   ///< hexadecimal digits of the content's SHA-256
  bool immutable = false;  ///< its name holds a hash of its content: it never changes
  std::size_t size = 0;    ///< bytes once unpacked
  std::span<const std::uint8_t> gzip = {};
};

class PageBundle {
 public:
  /// Throws Error(corrupt_file): not a bundle, cut off, or an index that points beyond it.
  explicit PageBundle(std::span<const std::uint8_t> bytes);

  std::optional<PageFile> find(std::string_view path) const;
  const std::vector<PageFile>& files() const { return files_; }

 private:
  std::vector<PageFile> files_;
};

/// The file's content, for clients that do not unpack gzip themselves. Throws Error(corrupt_file)
/// when it is broken or not as long as the index says.
std::string unpack(const PageFile& file);

}  // namespace likeness::serve
