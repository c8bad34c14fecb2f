#pragma once

/// What the pages of reports have in common.

#include <string>
#include <vector>

#include <likeness/evaluate/report.h>

namespace likeness {

/// The start of a self-contained page up to its heading, which is `title`; the page ends with
/// page_end(). Readable in light and dark.
std::string page_start(const std::string& title);
std::string page_end();

/// A table with a line of names on top; all cells but the first of each row are numbers.
std::string number_table(const std::vector<std::string>& names,
                         const std::vector<std::vector<std::string>>& rows);

/// A picture made small, inside of the page.
std::string embedded_picture(const std::string& name, const PictureSource& source);
/// `picture` itself, made smaller where a side is over `max_side`.
std::string embedded_picture(const std::string& name, const Image& picture, int max_side);

}  // namespace likeness
