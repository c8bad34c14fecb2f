#pragma once

/// Packages as npm publishes them, made by tests.

#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

namespace likeness {

struct PackedFile {
  std::string path;  ///< in the archive, for example "package/model/a.bin"
  std::string content;
  std::string link_target = {};  ///< a symbolic link instead of a file
};

/// Writes a .tgz.
inline void write_package(const std::filesystem::path& path, std::span<const PackedFile> files) {
  archive* writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_format_pax_restricted(writer);
  if (archive_write_open_filename(writer, path.c_str()) != ARCHIVE_OK)
    throw std::runtime_error("cannot write " + path.string());
  for (const PackedFile& file : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, file.path.c_str());
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, file.link_target.empty() ? AE_IFREG : AE_IFLNK);
    if (!file.link_target.empty()) archive_entry_set_symlink(entry, file.link_target.c_str());
    archive_entry_set_size(entry, static_cast<std::int64_t>(file.content.size()));
    archive_write_header(writer, entry);
    archive_write_data(writer, file.content.data(), file.content.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
}

inline void write_package(const std::filesystem::path& path, const std::vector<PackedFile>& files) {
  write_package(path, std::span(files));
}

}  // namespace likeness
