#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/model/tflite.h>

#include "support/error_code.h"
#include "support/tflite_writer.h"

namespace likeness {
namespace {

/// One convolution: input 0, weights 1, bias 2, output 3; and constants of other types.
WrittenModel small_model() {
  WrittenModel model;
  model.codes = {{3, 0}, {127, 130}};  // an old file's CONV_2D, and a code that needs the new field
  model.tensors.push_back({"input", {1, 4, 4, 1}, 0, 0});
  const auto weights = model.add_constant("weights", {2, 1, 1, 1}, {1.5F, -2.0F});
  const auto bias = model.add_constant("bias", {2}, {0.0F, 1.0F});
  model.tensors.push_back({"output", {1, 4, 4, 2}, 0, 0});
  model.buffers.push_back({0xff, 0xff, 0xff, 0xff, 0x02, 0x00, 0x00, 0x00});
  model.tensors.push_back({"axes", {2}, 2, 3});
  model.buffers.push_back({0x00, 0x3c, 0x00, 0xc0});
  model.tensors.push_back({"half", {2, 1}, 1, 4});
  model.operators = {{0, {0, weights, bias}, {3}}, {1, {3, -1, 4}, {3}}};
  model.inputs = {0};
  model.outputs = {3};
  return model;
}

void expect_network_refused(const WrittenModel& model, const std::string& part) {
  SCOPED_TRACE(part);
  const auto bytes = model.write();
  const auto parse = [&] { parse_tflite(bytes, "net.tflite"); };
  EXPECT_EQ(code_of(parse), ErrorCode::corrupt_file);
  EXPECT_NE(message_of(parse).find("net.tflite: "), std::string::npos) << message_of(parse);
  EXPECT_NE(message_of(parse).find(part), std::string::npos) << message_of(parse);
}

TEST(Tflite, ReadsOperatorsInOrder) {
  const TfliteModel model = parse_tflite(small_model().write(), "net");
  ASSERT_EQ(model.operators.size(), 2U);
  EXPECT_EQ(model.operators[0].builtin_code, 3);
  EXPECT_EQ(model.operators[0].inputs, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(model.operators[0].outputs, (std::vector<int>{3}));
  EXPECT_EQ(model.operators[1].builtin_code, 130);
  EXPECT_EQ(model.operators[1].inputs, (std::vector<int>{3, -1, 4}));
  EXPECT_EQ(model.inputs, (std::vector<int>{0}));
  EXPECT_EQ(model.outputs, (std::vector<int>{3}));
}

TEST(Tflite, ReadsConstantsAsFloatOrInt) {
  const TfliteModel model = parse_tflite(small_model().write(), "net");
  ASSERT_EQ(model.tensors.size(), 6U);
  EXPECT_EQ(model.tensors[0].name, "input");
  EXPECT_EQ(model.tensors[0].shape, (std::vector<std::int64_t>{1, 4, 4, 1}));
  EXPECT_FALSE(model.tensors[0].data.defined());
  EXPECT_TRUE(at::equal(model.tensors[1].data, at::tensor({1.5F, -2.0F}).reshape({2, 1, 1, 1})));
  EXPECT_TRUE(at::equal(model.tensors[4].data, at::tensor({-1, 2}, at::kInt)));
  EXPECT_TRUE(at::equal(model.tensors[5].data, at::tensor({1.0F, -2.0F}).reshape({2, 1})));
}

TEST(Tflite, ConstantsOutliveTheFile) {
  auto bytes = small_model().write();
  const TfliteModel model = parse_tflite(bytes, "net");
  std::fill(bytes.begin(), bytes.end(), 0);
  EXPECT_EQ(model.tensors[1].data[0].item<float>(), 1.5F);
}

TEST(Tflite, RefusesOtherFiles) {
  for (const std::string text : {"", "TFL3", "1234TFL", "{\"not\":\"a model\"}"}) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(text.data());
    EXPECT_EQ(code_of([&] {
                parse_tflite({data, text.size()}, "net");
              }),
              ErrorCode::unsupported_format)
        << text;
  }
  auto model = small_model();
  model.identifier = "TFL2";
  EXPECT_EQ(code_of([&] { parse_tflite(model.write(), "net"); }), ErrorCode::unsupported_format);
}

TEST(Tflite, RefusesIndicesThatPointNowhere) {
  auto model = small_model();
  model.operators[0].code = 2;
  expect_network_refused(model, "code 2 of 2");
  model = small_model();
  model.tensors[1].buffer = 5;
  expect_network_refused(model, "'weights' is in buffer 5 of 5");
  model = small_model();
  model.operators[0].inputs[1] = 6;
  expect_network_refused(model, "tensor index 6 of 6");
  model = small_model();
  model.operators[0].inputs[1] = -2;
  expect_network_refused(model, "tensor index -2");
  model = small_model();
  model.operators[0].outputs[0] = -1;
  expect_network_refused(model, "tensor index -1");
  model = small_model();
  model.outputs[0] = 100;
  expect_network_refused(model, "tensor index 100");
}

TEST(Tflite, RefusesConstantsThatDoNotFitTheirShape) {
  auto model = small_model();
  model.tensors[1].shape = {3};
  expect_network_refused(model, "'weights': shape [3] does not fit its 8 bytes");
  model.tensors[1].shape = {-2};
  expect_network_refused(model, "shape [-2]");
  model.tensors[1].shape = {2, 0};
  expect_network_refused(model, "shape [2,0]");
  model.tensors[1].shape = {1 << 30, 1 << 30, 1 << 30};
  expect_network_refused(model, "does not fit");
  model.tensors[1].shape = std::vector<std::int32_t>(17, 1);
  expect_network_refused(model, "17 dimensions");
}

TEST(Tflite, RefusesConstantsOfOtherTypes) {
  auto model = small_model();
  model.tensors[1].type = 9;  // int8
  expect_network_refused(model, "'weights': constant of type 9");
}

TEST(Tflite, RefusesAModelWithoutAGraph) {
  using W = FlatWriter;
  const auto bytes = W::file("TFL3", W::table({W::scalar(0, std::uint32_t{3})}));
  EXPECT_EQ(message_of([&] { parse_tflite(bytes, "net"); }), "net: no subgraph");
}

TEST(Tflite, EndlessWorkInASmallFileIsRefused) {
  // Many tensors in one large buffer: each would be copied.
  WrittenModel model;
  model.add_constant("w", {25'000}, std::vector<float>(25'000));
  model.tensors.assign(3'000, model.tensors[0]);
  expect_network_refused(model, "too often");
  model.tensors.resize(2);
  EXPECT_EQ(parse_tflite(model.write(), "net").tensors.size(), 2U);
}

TEST(Tflite, MoreItemsThanAnyModelHasAreRefused) {
  WrittenModel model;
  model.codes.assign(100'001, {3, 3});
  expect_network_refused(model, "100001 operator codes, more than 100000");
}

TEST(Tflite, EveryTruncationIsRefused) {
  const auto whole = small_model().write();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    try {
      parse_tflite(std::span(whole).first(size), "cut");
      FAIL() << size << " of " << whole.size() << " bytes were accepted";
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::corrupt_file ||
                  (error.code() == ErrorCode::unsupported_format && size < 8));
    }
  }
}

TEST(Tflite, AFlippedByteNeverDoesMoreThanThrow) {
  auto bytes = small_model().write();
  for (auto& byte : bytes) {
    for (const int flip : {1, 0x40, 0x80, 0xff}) {
      byte ^= static_cast<std::uint8_t>(flip);
      try {
        parse_tflite(bytes, "flipped");
      } catch (const Error&) {  // refused, which is as good
      }
      byte ^= static_cast<std::uint8_t>(flip);
    }
  }
}

}  // namespace
}  // namespace likeness
