#pragma once

#include <vector>

#include <likeness/faces/face.h>

namespace likeness {

/// One box a face, the best score first. Of boxes that overlap, by more than 0.7 of the smaller
/// one, the best score stays; but none gives way to one that is far smaller. That may be an eye or
/// a mouth that was taken for a face, and goes; or a head in the background, beside a cheek, and is
/// a face of its own.
std::vector<Face> without_doubles(std::vector<Face> faces);

}  // namespace likeness
