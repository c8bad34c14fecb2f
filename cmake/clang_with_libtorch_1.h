#pragma once

// LibTorch 1.13's ATen/core/ivalue_inl.h uses std::vector<IValue> while IValue is still incomplete.
// Clang instantiates constexpr members at once and refuses, and from C++20 on libstdc++'s vector
// has nothing but those. So Clang reads this file first and gets the containers as they are in
// C++17.

#define _GLIBCXX20_CONSTEXPR
#include <type_traits>
#undef __cpp_lib_is_constant_evaluated
