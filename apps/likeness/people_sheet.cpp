#include "people_sheet.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/page.h>
#include <likeness/evaluate/text.h>
#include <likeness/image/codec.h>
#include <likeness/image/draw.h>

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kColumns = 10;
constexpr int kGap = 4;
constexpr int kLabel = 28;  ///< height of the line above a person's faces
constexpr int kStep = kSheetFace + kGap;
constexpr Color kPaper = {255, 255, 255};
constexpr Color kInk = {31, 35, 40};

bool is_page(const fs::path& path) {
  return path.extension() == ".html" || path.extension() == ".htm";
}

std::string label(std::size_t person, const Person& faces) {
  return "Person " + std::to_string(person + 1) + ": " + count_photos(faces);
}

std::string to_page(const std::vector<Person>& people) {
  std::string html = page_start("Who is in these photos");
  if (people.empty()) html += "<p>Nobody was found.</p>\n";
  for (std::size_t i = 0; i < people.size(); ++i) {
    html += "<figure style=\"margin-bottom: 1rem\">\n<figcaption><strong>" + label(i, people[i]) +
            "</strong></figcaption>\n<div class=\"pictures\" "
            "style=\"flex-wrap: wrap\">\n";
    for (const FoundFace* face : people[i])
      html += "<span title=\"" + escaped(face->path) + "\">" +
              embedded_picture(face->path, [&](const std::string&) { return face->picture; }) +
              "</span>\n";
    html += "</div>\n</figure>\n";
  }
  return html + page_end();
}

int rows_of(const Person& person) {
  return (static_cast<int>(person.size()) + kColumns - 1) / kColumns;
}

Image to_picture(const std::vector<Person>& people, const fs::path& path) {
  constexpr std::int64_t kMostPixels = 100'000'000;  // what read_image would take
  constexpr int kWidth = kColumns * kStep + kGap;
  std::int64_t height = kGap;
  for (const Person& person : people) height += kLabel + std::int64_t{rows_of(person)} * kStep;
  if (height * kWidth > kMostPixels)
    throw Error(ErrorCode::too_large,
                path.string() + ": too many faces for one picture; a page (.html) has room");
  Image sheet(kWidth, static_cast<int>(height));
  fill_box(sheet, {0, 0, static_cast<float>(kWidth), static_cast<float>(height)}, kPaper);
  int top = kGap;
  for (std::size_t i = 0; i < people.size(); ++i) {
    draw_text(sheet, label(i, people[i]), {kGap, static_cast<float>(top + 8)}, 12, kInk);
    top += kLabel;
    for (std::size_t k = 0; k < people[i].size(); ++k) {
      const int place = static_cast<int>(k);
      paste(sheet, people[i][k]->picture, kGap + place % kColumns * kStep,
            top + place / kColumns * kStep);
    }
    top += rows_of(people[i]) * kStep;
  }
  return sheet;
}

}  // namespace

std::string count_photos(const Person& person) {
  std::set<std::string> photos;
  for (const FoundFace* face : person) photos.insert(face->path);
  return std::to_string(photos.size()) + (photos.size() == 1 ? " photo" : " photos");
}

void check_people_sheet(const fs::path& path) {
  if (!is_page(path) && !has_image_ending(path))
    throw Error(ErrorCode::invalid_argument,
                "--report " + path.string() + ": must end with .html, or .png for a picture");
  check_writable(path);
}

void write_people_sheet(const fs::path& path, const std::vector<Person>& people) {
  if (is_page(path))
    write_file(path, to_page(people));
  else
    write_image(path, to_picture(people, path));
}

}  // namespace likeness::cli
