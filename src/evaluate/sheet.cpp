#include <likeness/evaluate/sheet.h>
#include <likeness/image/draw.h>
#include <likeness/image/transform.h>

namespace likeness {
namespace {

constexpr int kCaption = 20;  // pixels above the columns
constexpr int kNames = 84;    // pixels left of the rows
constexpr int kLetter = 8;
constexpr Color kWhite = {255, 255, 255};
constexpr Color kInk = {40, 40, 40};

}  // namespace

Sheet::Sheet(int columns, int rows, int side, int gap)
    : side_(side),
      gap_(gap),
      image_(kNames + columns * (side + gap), kCaption + rows * (side + gap)) {
  fill_box(image_, {0, 0, static_cast<float>(image_.width()), static_cast<float>(image_.height())},
           kWhite);
}

int Sheet::left(int column) const {
  return kNames + column * (side_ + gap_);
}

int Sheet::top(int row) const {
  return kCaption + row * (side_ + gap_);
}

void Sheet::put(int column, int row, const Image& picture) {
  const Image scaled = resize_to_fit(without_alpha(picture), side_);
  paste(image_, scaled, left(column) + (side_ - scaled.width()) / 2,
        top(row) + (side_ - scaled.height()) / 2);
}

void Sheet::name_column(int column, const std::string& text) {
  draw_text(image_, text, {static_cast<float>(left(column)), 6}, kLetter, kInk);
}

void Sheet::name_row(int row, const std::string& text) {
  const int middle = top(row) + side_ / 2;
  draw_text(image_, text, {2, static_cast<float>(middle)}, kLetter, kInk);
}

}  // namespace likeness
