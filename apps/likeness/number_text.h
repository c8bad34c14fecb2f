#pragma once

/// Numbers as people read them.

#include <string>

namespace likeness::cli {

/// `value` with `digits` digits after the point: "0.412".
std::string fixed(double value, int digits);
/// A share in [0, 1] as "99.8 %"; near 0 and 1 as "< 0.1 %" and "> 99.9 %".
std::string percent(double share);
/// A share as "99.35 %", for tables: unlike percent(), as it is near 0 and 1.
std::string percentage(double share);
/// A rate in (0, 1] as "1 in 1,000".
std::string one_in(double rate);

}  // namespace likeness::cli
