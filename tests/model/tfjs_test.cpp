#include <cstdint>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/model/tfjs.h>

#include "support/error_code.h"

namespace likeness {
namespace {

TensorMap parse(const std::string& manifest, const std::string& data) {
  const auto bytes = [](const std::string& text) {
    return std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  return parse_tfjs_weights(bytes(manifest), bytes(data), "net");
}

/// A manifest with one group of weights.
std::string manifest(const std::string& weights) {
  return R"([{"weights":[)" + weights + R"(],"paths":["net.bin"]}])";
}

std::string weight(const std::string& shape, const std::string& dtype,
                   const std::string& quantization = "") {
  return R"({"name":"w","shape":)" + shape + R"(,"dtype":")" + dtype + "\"" +
         (quantization.empty() ? "" : R"(,"quantization":)" + quantization) + "}";
}

void expect_layers_refused(const std::string& manifest, const std::string& data,
                           const std::string& part) {
  SCOPED_TRACE(manifest.substr(0, 200));
  const auto call = [&] { parse(manifest, data); };
  EXPECT_EQ(code_of(call), ErrorCode::corrupt_file);
  EXPECT_NE(message_of(call).find(part), std::string::npos) << message_of(call);
}

TEST(Tfjs, ReadsFloatsAndIntegersAsTheyAre) {
  const auto tensors = parse(manifest(R"({"name":"f","shape":[1,2],"dtype":"float32"},)"
                                      R"({"name":"i","shape":[],"dtype":"int32"})"),
                             std::string("\x00\x00\x80\x3f\x00\x00\x00\xc0\xfe\xff\xff\xff", 12));
  ASSERT_EQ(tensors.size(), 2U);
  EXPECT_TRUE(at::equal(tensors.at("f"), at::tensor({1.0F, -2.0F}).reshape({1, 2})));
  EXPECT_TRUE(at::equal(tensors.at("i"), at::scalar_tensor(-2, at::kInt)));
}

TEST(Tfjs, DequantisesBytes) {
  const auto tensors =
      parse(manifest(weight("[3]", "float32", R"({"dtype":"uint8","scale":0.1,"min":-2.5})")),
            std::string("\x00\x01\xff", 3));
  // q · 0.1 − 2.5, computed in double and rounded once.
  EXPECT_TRUE(at::equal(tensors.at("w"), at::tensor({-2.5F, -2.4F, 23.0F})));
}

TEST(Tfjs, DequantisesPairsOfBytesAsLittleEndian) {
  const auto tensors =
      parse(manifest(weight("[2,1]", "float32", R"({"dtype":"uint16","scale":2,"min":1})")),
            std::string("\x01\x00\x00\x01", 4));
  EXPECT_TRUE(at::equal(tensors.at("w"), at::tensor({3.0F, 513.0F}).reshape({2, 1})));
}

TEST(Tfjs, RoundsDequantisedIntegers) {
  const auto tensors =
      parse(manifest(weight("[3]", "int32", R"({"dtype":"uint8","scale":0.4,"min":-1})")),
            std::string("\x00\x01\x03", 3));
  EXPECT_EQ(tensors.at("w").scalar_type(), at::kInt);
  EXPECT_TRUE(at::equal(tensors.at("w"), at::tensor({-1, -1, 0}, at::kInt)));  // -1, -0.6, 0.2
}

TEST(Tfjs, ReadsSeveralGroupsOneAfterTheOther) {
  const std::string group =
      R"({"weights":[{"name":"%","shape":[1],"dtype":"float32",)"
      R"("quantization":{"dtype":"uint8","scale":1,"min":0}}],"paths":["x.bin"]})";
  auto a = group;
  auto b = group;
  a.replace(a.find('%'), 1, "a");
  b.replace(b.find('%'), 1, "b");
  const auto tensors = parse("[" + a + "," + b + "]", "\x07\x08");
  EXPECT_EQ(tensors.at("a").item<float>(), 7);
  EXPECT_EQ(tensors.at("b").item<float>(), 8);
}

TEST(Tfjs, RefusesDataOfAnotherLength) {
  expect_layers_refused(manifest(weight("[2]", "float32")), "1234567", "needs 8 bytes, 7 are left");
  expect_layers_refused(manifest(weight("[2]", "float32")), "123456789",
                        "1 bytes of data are left over");
  expect_layers_refused("[]", "1", "1 bytes of data are left over");
  EXPECT_TRUE(parse("[]", "").empty());
}

TEST(Tfjs, RefusesOtherManifests) {
  expect_layers_refused("", "", "not JSON");
  expect_layers_refused("{}", "", "not a list of weight groups");
  expect_layers_refused("[1]", "", "no list of weights");
  expect_layers_refused(R"([{"weights":{}}])", "", "no list of weights");
  expect_layers_refused(manifest("1"), "", "a weight is not an object");
  expect_layers_refused(manifest("{}"), "", "no name");
  expect_layers_refused(manifest(R"({"name":3})"), "", "name is not a text");
  expect_layers_refused(manifest(R"({"name":"w"})"), "", "'w': no shape");
  expect_layers_refused(manifest(R"({"name":"w","shape":[1]})"), "", "'w': no dtype");
  expect_layers_refused(std::string(1'000'000, '['), "", "nested deeper");
}

TEST(Tfjs, RefusesOtherTypes) {
  expect_layers_refused(manifest(weight("[1]", "complex64")), "12345678", "not float32 or int32");
  expect_layers_refused(manifest(weight("[1]", "string")), "1234", "not float32 or int32");
}

TEST(Tfjs, RefusesShapesThatAreNone) {
  for (const std::string shape :
       {"3", "[-1]", "[1.5]", "[\"1\"]", "[null]", "[1e2]", "{}", "[18446744073709551616]"})
    expect_layers_refused(manifest(weight(shape, "float32")), "1234", "shape");
  expect_layers_refused(manifest(weight("[4294967296,4294967296]", "float32")), "", "overflows");
  expect_layers_refused(manifest(weight("[0,4294967296,4294967296]", "float32")), "", "overflows");
  expect_layers_refused(manifest(weight("[1099511627776]", "float32")), "", "0 are left");
}

TEST(Tfjs, RefusesQuantisationThatMeansNothing) {
  const auto with = [](const std::string& quantization) {
    return manifest(weight("[1]", "float32", quantization));
  };
  expect_layers_refused(with("3"), "1", "quantization is not an object");
  expect_layers_refused(with("{}"), "1", "no dtype");
  expect_layers_refused(with(R"({"dtype":"float16","scale":1,"min":0})"), "12",
                        "not uint8 or uint16");
  expect_layers_refused(with(R"({"dtype":"uint8","min":0})"), "1", "no scale");
  expect_layers_refused(with(R"({"dtype":"uint8","scale":"1","min":0})"), "1",
                        "scale is not a number");
  expect_layers_refused(with(R"({"dtype":"uint8","scale":1,"min":null})"), "1",
                        "min is not a number");
  expect_layers_refused(with(R"({"dtype":"uint8","scale":1e37,"min":0})"), "1", "out of range");
  expect_layers_refused(with(R"({"dtype":"uint8","scale":1,"min":-1e300})"), "1", "out of range");
  expect_layers_refused(with(R"({"dtype":"uint8","scale":NaN,"min":0})"), "1", "not JSON");
  expect_layers_refused(
      manifest(weight("[1]", "int32", R"({"dtype":"uint8","scale":1e8,"min":0})")), "1",
      "out of range");
}

TEST(Tfjs, RefusesANameThatAppearsTwice) {
  const std::string twice = weight("[0]", "float32") + "," + weight("[0]", "float32");
  expect_layers_refused(manifest(twice), "", "'w': the name appears twice");
}

}  // namespace
}  // namespace likeness
