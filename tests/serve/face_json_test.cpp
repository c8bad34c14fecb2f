#include "serve/face_json.h"

#include <optional>

#include <gtest/gtest.h>

namespace likeness::serve {
namespace {

TEST(FaceJson, FloatsAreAsShortAsTheyCanBe) {
  EXPECT_EQ(Json(shortest(0.1F)).dump(), "0.1");
  EXPECT_EQ(Json(shortest(1.0F / 3)).dump(), "0.33333334");
  for (const float value : {0.0F, -1.5e-7F, 3.14159274F, 1e10F})
    EXPECT_EQ(static_cast<float>(shortest(value)), value);
  EXPECT_EQ(encoding_json({0.6F, -0.8F}).dump(), "[0.6,-0.8]");
}

TEST(FaceJson, PlacesAreInHundredthsOfAPixel) {
  EXPECT_EQ(to_json(Box{1.234F, -2, 3.999F, 4}).dump(),
            R"({"left":1.23,"top":-2.0,"width":4.0,"height":4.0})");
}

TEST(FaceJson, WhatIsNotKnownIsNull) {
  EXPECT_TRUE(or_null(std::optional<double>()).is_null());
  EXPECT_EQ(or_null(std::optional(0.25)), 0.25);
}

}  // namespace
}  // namespace likeness::serve
