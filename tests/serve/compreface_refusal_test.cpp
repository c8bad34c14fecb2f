#include "serve/compreface_refusal.h"

#include <limits>

#include "serve/compreface_image_id.h"
#include "serve/compreface_service_fixture.h"

namespace likeness::serve {
namespace {

TEST(CompreFaceImageId, CarriesTheNumberThereAndBack) {
  EXPECT_EQ(image_id(7), "6c696b65-6e65-8000-8000-000000000007");
  for (const std::int64_t example :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{1} << 40, (std::int64_t{1} << 62) + 5,
        std::numeric_limits<std::int64_t>::max()})
    EXPECT_EQ(example_of_image(image_id(example)), example);
  EXPECT_EQ(example_of_image("6C696B65-6E65-8000-8000-00000000000F"), 15);
}

TEST(CompreFaceImageId, RefusesWhatItDidNotMake) {
  const auto status = [](const std::string& id) {
    try {
      example_of_image(id);
    } catch (const Problem& problem) {
      return problem.status();
    }
    return 0;
  };
  EXPECT_EQ(status(kNoUuid), 400);
  EXPECT_EQ(status("6c696b65-6e65-8000-8000-00000000000g"), 400);
  EXPECT_EQ(status("6c696b65-6e65-8000-8000+000000000007"), 400);
  EXPECT_EQ(status(kForeignUuid), 404);
  EXPECT_EQ(status("6c696b65-6e65-4000-8000-000000000007"), 404);
  EXPECT_EQ(status("6c696b65-6e65-8000-c000-000000000007"), 404);
}

TEST_F(CompreFaceRoutes, WithoutAGalleryOnlyRecognitionIsRefused) {
  Router router;
  add_compreface_routes(router, nullptr, *engine_, {});
  expect_refused(ask_door(router, "GET", kSubjects, {}), 503, 0);
  const Answer verified = ask_door(router, "POST", kVerify,
                                   form({file_part("source_image", as_jpeg(kAnnaOnce)),
                                         file_part("target_image", as_jpeg(kAnnaOnce))}));
  EXPECT_NEAR(
      verified.json.at("result").at(0).at("face_matches").at(0).at("similarity").get<double>(), 1,
      1e-4)
      << "without calibration: (1 + cos) / 2";
}

TEST_F(CompreFaceRoutes, ReadingKeysMayOnlyRead) {
  for (const Route& route : router_.routes()) {
    const bool changes =
        route.method == "PUT" || route.method == "DELETE" ||
        (route.method == "POST" && (route.pattern == kSubjects || route.pattern == kFaces ||
                                    route.pattern == kFaces + "/delete"));
    EXPECT_EQ(route.role, changes ? Role::enrol : Role::read) << route.method << route.pattern;
    EXPECT_FALSE(route.open);
  }
}

TEST(CompreFaceRefusals, KeepTheStatusesThatCompreFaceHasNotAndSayWhenToComeBack) {
  const HttpResponse busy = compreface_refusal(Problem(429, "rate_limited", "too many", 3));
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.headers, (decltype(busy.headers){{"Retry-After", "3"}}));
  EXPECT_EQ(Json::parse(busy.body), (Json{{"code", 0}, {"message", "too many"}}));
  EXPECT_EQ(compreface_refusal(Problem(401, "unauthorized", "no key")).status, 401);
  EXPECT_EQ(Json::parse(compreface_refusal(Problem(401, "unauthorized", "no key")).body)["code"],
            20);
  EXPECT_EQ(compreface_refusal(Problem(500, "internal", "x")).status, 500);
}

}  // namespace
}  // namespace likeness::serve
