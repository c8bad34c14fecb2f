#pragma once

/// Keeping the content's colours: the two ways of Gatys et al. 2017, "Controlling Perceptual
/// Factors in Neural Style Transfer", section 5. Pure functions, safe to call from many threads.
///
///     paint with match_colours(style, photo) as the style,      // before: linear colour matching
///     or show with_colours_of(painted, photo)                   // after: luminance transfer

#include <likeness/image/image.h>

namespace likeness {

/// Luminance transfer: the luminance of `painted` (Rec. 601, as in YIQ) with the chroma of
/// `content`. Chroma that this luminance cannot show (no lighter red than pure red) is reduced, in
/// its hue, so that the luminance is kept to rounding. Alpha is that of `painted`. Requires equal
/// sizes.
Image with_colours_of(const Image& painted, const Image& content);

/// Linear colour matching: each pixel x of `style` becomes A·x + b, so that mean and covariance of
/// RGB are those of `content`, with A = Σ_C^½ Σ_S^-½ ("image analogies"), rounded and clipped.
/// Pixels of alpha 0 do not count; where none counts, `style` is returned as it is. Directions in
/// which the style varies by less than one step of 255, such as the colours of a grey picture, are
/// not spread any further than those that do by one. Alpha is kept.
Image match_colours(const Image& style, const Image& content);

}  // namespace likeness
