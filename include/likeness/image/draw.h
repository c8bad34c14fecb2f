#pragma once

/// Drawing on a picture, for results that people look at. All functions change `image` in place,
/// clip at its borders and never throw for coordinates outside of it (NaN included).

#include <array>
#include <cstdint>
#include <string_view>

#include <likeness/image/geometry.h>
#include <likeness/image/image.h>

namespace likeness {

using Color = std::array<std::uint8_t, 3>;  ///< R, G, B

void draw_box(Image& image, const Box& box, Color color, int thickness = 2);
void draw_dot(Image& image, Point center, float radius, Color color);
/// Fills the rectangle.
void fill_box(Image& image, const Box& box, Color color);
/// One line of text with its top-left corner at `position`; `height` is that of a capital letter in
/// pixels. Letters outside ASCII are drawn as '?'.
void draw_text(Image& image, std::string_view text, Point position, int height, Color color);
/// Width in pixels that draw_text would use.
int text_width(std::string_view text, int height);
/// Copies `source` onto `image` with its top-left corner at (x, y).
void paste(Image& image, const Image& source, int x, int y);

}  // namespace likeness
