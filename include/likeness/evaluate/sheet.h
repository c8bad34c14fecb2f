#pragma once

/// Pictures side by side with captions: a contact sheet. One object belongs to one thread at a
/// time.

#include <string>
#include <vector>

#include <likeness/image/image.h>

namespace likeness {

class Sheet {
 public:
  /// Cells of `side` pixels, `gap` apart, under a line of captions and right of another one.
  Sheet(int columns, int rows, int side, int gap = 4);

  /// Puts `picture`, scaled into the cell, at column and row from 0.
  void put(int column, int row, const Image& picture);
  /// A caption above a column, or beside a row.
  void name_column(int column, const std::string& text);
  void name_row(int row, const std::string& text);

  const Image& image() const { return image_; }

 private:
  int left(int column) const;
  int top(int row) const;

  int side_;
  int gap_;
  Image image_;
};

}  // namespace likeness
