#pragma once

#include <map>
#include <string>
#include <vector>

#include <likeness/style/stylise.h>

namespace likeness {

/// Throws Error(invalid_argument) that says `what`.
[[noreturn]] void refuse(const std::string& what);

/// Throws Error(invalid_argument) for what cannot be painted (stylise.h).
void check_painting(const Image& content, const std::vector<StyleSource>& styles,
                    const StyliseOptions& options);

/// Shares as factors: those of styles without a region sum to 1; a style with a region counts alone
/// there, times its share against the mean share of those with one.
std::vector<StyleSource> with_even_shares(std::vector<StyleSource> styles);

/// What a painting's result depends on, for people to compare: options as text, pictures as
/// digests.
std::map<std::string, std::string> painting_identity(const PerceptualNetwork& network,
                                                     const Image& content,
                                                     const std::vector<StyleSource>& styles,
                                                     const StyliseOptions& options);

}  // namespace likeness
