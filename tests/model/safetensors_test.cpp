#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/model/safetensors.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

Bytes file_of(std::uint64_t header_bytes, const std::string& header, const std::string& data) {
  Bytes bytes(8);
  std::memcpy(bytes.data(), &header_bytes, 8);
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

Bytes file_of(const std::string& header, const std::string& data) {
  return file_of(header.size(), header, data);
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

/// Expects that the file is refused as corrupt with a message that holds `part`.
void expect_refused(const Bytes& bytes, const std::string& part) {
  SCOPED_TRACE(part);
  const auto parse = [&] { parse_safetensors(bytes, "x.safetensors"); };
  EXPECT_EQ(code_of(parse), ErrorCode::corrupt_file);
  EXPECT_NE(message_of(parse).find("x.safetensors"), std::string::npos) << message_of(parse);
  EXPECT_NE(message_of(parse).find(part), std::string::npos) << message_of(parse);
}

void expect_refused(const std::string& header, const std::string& data, const std::string& part) {
  expect_refused(file_of(header, data), part);
}

TEST(Safetensors, WritesExactlyTheseBytes) {
  TensorFile file;
  file.tensors["b"] = at::tensor({1, 2, 3}, at::kByte);
  file.tensors["a"] = at::tensor({1.5F}, at::kFloat).reshape({1, 1});
  file.metadata = {{"source", "hand"}};
  // Float before byte because it is wider; spaces until the data begins at a multiple of eight.
  const std::string header = R"({"__metadata__":{"source":"hand"},)"
                             R"("a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},)"
                             R"("b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}})"
                             "   ";
  ASSERT_EQ(header.size() % 8, 0U);
  EXPECT_EQ(serialize_safetensors(file),
            file_of(header, std::string("\x00\x00\xc0\x3f\x01\x02\x03", 7)));
}

TEST(Safetensors, ReadsAHandWrittenFile) {
  const auto bytes = file_of(R"({"w":)" + entry("I16", "[2,1]", "[0,4]") + R"(,"s":)" +
                                 entry("F32", "[]", "[4,8]") + R"(,"__metadata__":{"k":"v"}} )",
                             std::string("\x01\x00\xff\xff\x00\x00\x00\x40", 8));
  const TensorFile file = parse_safetensors(bytes, "hand");
  ASSERT_EQ(file.tensors.size(), 2U);
  EXPECT_TRUE(at::equal(file.tensors.at("w"), at::tensor({1, -1}, at::kShort).reshape({2, 1})));
  EXPECT_TRUE(at::equal(file.tensors.at("s"), at::scalar_tensor(2.0F)));
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"k", "v"}}));
}

TEST(Safetensors, ReturnsWhatWasWrittenForEveryType) {
  TensorFile file;
  const at::Tensor values = at::arange(-3, 9).reshape({3, 4});
  for (const auto type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt,
                          at::kShort, at::kChar})
    file.tensors[std::string("t.") + c10::toString(type)] = values.to(type);
  file.tensors["byte"] = at::arange(256).to(at::kByte);
  file.tensors["bool"] = at::tensor({1, 0, 1}).to(at::kBool);
  file.tensors["transposed"] = values.to(at::kFloat).t();
  file.tensors["no elements"] = at::empty({0, 5});
  file.tensors["ünïcode \"name\"\n"] = at::ones({1});

  const Bytes bytes = serialize_safetensors(file);
  const TensorFile read = parse_safetensors(bytes, "types");
  ASSERT_EQ(read.tensors.size(), file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(read.tensors.contains(name));
    const at::Tensor& found = read.tensors.at(name);
    EXPECT_EQ(found.scalar_type(), tensor.scalar_type());
    EXPECT_TRUE(found.is_contiguous());
    EXPECT_EQ(found.sizes(), tensor.sizes());
    EXPECT_TRUE(at::equal(found, tensor));
  }
  EXPECT_EQ(serialize_safetensors(read), bytes);
}

TEST(Safetensors, AlignsEveryTensorToItsElements) {
  TensorFile file;
  file.tensors["a"] = at::ones({3}, at::kByte);
  file.tensors["b"] = at::ones({3}, at::kHalf);
  file.tensors["c"] = at::ones({3}, at::kDouble);
  const TensorFile read = parse_safetensors(serialize_safetensors(file), "aligned");
  EXPECT_TRUE(at::equal(read.tensors.at("c"), file.tensors.at("c")));

  TemporaryFolder folder;
  write_safetensors(folder.path() / "aligned.safetensors", file);
  const TensorFile shared = read_safetensors(folder.path() / "aligned.safetensors");
  for (const auto& [name, tensor] : shared.tensors) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data_ptr()) % tensor.element_size(), 0U);
    EXPECT_TRUE(at::equal(tensor, file.tensors.at(name)));
  }
}

TEST(Safetensors, TensorsOutliveTheFileThatTheyWereReadFrom) {
  TemporaryFolder folder;
  const auto path = folder.path() / "weights.safetensors";
  write_safetensors(path, {.tensors = {{"a", at::arange(1000)}, {"b", at::ones({7})}}});
  at::Tensor kept;
  {
    TensorFile file = read_safetensors(path);
    kept = file.tensors.at("a");
  }
  std::filesystem::remove(path);
  EXPECT_TRUE(at::equal(kept, at::arange(1000)));
  kept.fill_(5);  // its memory may be written to
  EXPECT_EQ(kept.sum().item<std::int64_t>(), 5000);
}

TEST(Safetensors, ReadsMisalignedData) {
  const std::string header = R"({"a":)" + entry("F32", "[1]", "[0,4]") + "}";
  const std::string padded = header + std::string(9 - header.size() % 8, ' ');
  ASSERT_EQ(padded.size() % 8, 1U);
  TemporaryFolder folder;
  write_file(folder.path() / "odd.safetensors",
             file_of(padded, std::string("\x00\x00\x80\x3f", 4)));
  EXPECT_EQ(read_safetensors(folder.path() / "odd.safetensors").tensors.at("a").item<float>(), 1);
}

TEST(Safetensors, AcceptsAFileWithoutTensors) {
  EXPECT_TRUE(parse_safetensors(file_of("{}", ""), "empty").tensors.empty());
  EXPECT_EQ(serialize_safetensors({}), file_of("{}      ", ""));
}

TEST(Safetensors, RefusesAWrongHeaderLength) {
  expect_refused(Bytes{}, "too short");
  expect_refused(Bytes(7), "too short");
  expect_refused(file_of(3, "{}", ""), "header of 3 bytes in a file of 10");
  expect_refused(file_of(std::numeric_limits<std::uint64_t>::max(), "{}", ""), "header of 1844");
  expect_refused(file_of(std::uint64_t{1} << 40, "{}", ""), "header of");
  expect_refused(file_of(0, "", ""), "does not begin with '{'");
  expect_refused(file_of(1, "{}", ""), "not JSON");
}

TEST(Safetensors, RefusesAHeaderOverItsLimit) {
  const std::string spaces(std::size_t{17} << 20, ' ');
  expect_refused(file_of("{}" + spaces, ""), "limit 16777216");
}

TEST(Safetensors, RefusesAHeaderThatIsNotAnObjectOfTensors) {
  expect_refused(" {}", "", "does not begin with '{'");
  expect_refused("[]", "", "does not begin with '{'");
  expect_refused("{} x", "", "not JSON");
  expect_refused("{\"a\":\"\xff\"}", "", "not JSON");
  expect_refused(R"({"a":1})", "", "its entry is not");
  expect_refused(R"({"a":{}})", "", "its entry is not");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1]}})", "1234", "its entry is not");
  expect_refused(R"({"a":{"dtype":"F32","shape":[],"offsets":[0,4]}})", "1234", "no data_offsets");
  expect_refused(R"({"__metadata__":3})", "", "__metadata__");
  expect_refused(R"({"__metadata__":{"a":3}})", "", "__metadata__ 'a'");
}

TEST(Safetensors, RefusesDeepNestingWithoutRecursion) {
  const std::string open(1'000'000, '[');
  expect_refused(R"({"a":)" + open, "", "nested deeper");
  expect_refused(R"({"a":)" + open + std::string(1'000'000, ']') + "}", "", "nested deeper");
}

TEST(Safetensors, RefusesRepeatedNames) {
  const std::string a = R"("a":)" + entry("U8", "[1]", "[0,1]");
  expect_refused("{" + a + "," + a + "}", "1", "key 'a' twice");
  expect_refused(R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "1",
                 "twice");
}

TEST(Safetensors, RefusesTypesThatItDoesNotKnow) {
  for (const std::string type : {"F8_E4M3", "f32", "U64", "", "F32 "})
    expect_refused(R"({"a":)" + entry(type, "[1]", "[0,4]") + "}", "1234", "is not known");
  expect_refused(R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}})", "1234", "dtype '7'");
}

TEST(Safetensors, RefusesNumbersThatAreNotWholeAndNotNegative) {
  for (const std::string number : {"-1", "-0", "1.0", "1e0", "\"1\"", "null", "true",
                                   "18446744073709551616", "9223372036854775808"}) {
    SCOPED_TRACE(number);
    expect_refused(R"({"a":)" + entry("U8", "[" + number + "]", "[0,1]") + "}", "1", "'a'");
    expect_refused(R"({"a":)" + entry("U8", "[1]", "[0," + number + "]") + "}", "1", "'a'");
    expect_refused(R"({"a":)" + entry("U8", "[1]", "[" + number + ",1]") + "}", "1", "'a'");
  }
  expect_refused(R"({"a":)" + entry("U8", "[[1]]", "[0,1]") + "}", "1", "nested deeper");
  expect_refused(R"({"a":)" + entry("U8", "[1]", "[0,{}]") + "}", "1", "nested deeper");
  for (const std::string number : {"NaN", "Infinity", "1e400", "0x1", "01"})
    expect_refused(R"({"a":)" + entry("U8", "[" + number + "]", "[0,1]") + "}", "1", "not JSON");
}

TEST(Safetensors, RefusesShapesThatDoNotFit) {
  const auto with_shape = [](const std::string& shape) {
    return R"({"a":)" + entry("F32", shape, "[0,8]") + "}";
  };
  expect_refused(with_shape("[3]"), "12345678", "shape [3] needs 12 bytes, data_offsets give 8");
  expect_refused(with_shape("[]"), "12345678", "needs 4 bytes");
  expect_refused(with_shape("[0]"), "12345678", "needs 0 bytes");
  expect_refused(with_shape("2"), "12345678", "shape is not a list");
  expect_refused(with_shape("[9223372036854775807,2]"), "12345678", "overflows");
  expect_refused(with_shape("[4611686018427387904,4,2]"), "12345678", "overflows");
  expect_refused(with_shape("[0,4611686018427387904,4611686018427387904]"), "12345678",
                 "overflows");
  expect_refused(with_shape("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2]"), "12345678", "17 dimensions");
}

TEST(Safetensors, RefusesOffsetsOutsideOfTheData) {
  const auto with_offsets = [](const std::string& offsets) {
    return R"({"a":)" + entry("U8", "[4]", offsets) + "}";
  };
  expect_refused(with_offsets("[0,4]"), "123", "outside of the 3 bytes");
  expect_refused(with_offsets("[4,0]"), "1234", "outside");
  expect_refused(with_offsets("[9223372036854775803,9223372036854775807]"), "1234", "outside");
  expect_refused(with_offsets("[0,4,4]"), "1234", "not [begin, end]");
  expect_refused(with_offsets("4"), "1234", "not [begin, end]");
}

TEST(Safetensors, RefusesOverlapsAndGaps) {
  const auto pair = [](const std::string& first, const std::string& second) {
    return R"({"a":)" + entry("U8", "[4]", first) + R"(,"b":)" + entry("U8", "[4]", second) + "}";
  };
  EXPECT_EQ(parse_safetensors(file_of(pair("[4,8]", "[0,4]"), "12345678"), "ok").tensors.size(),
            2U);
  expect_refused(pair("[0,4]", "[0,4]"), "12345678", "overlaps or has a gap");
  expect_refused(pair("[0,4]", "[2,6]"), "12345678", "'b' begins at 2, expected 4");
  expect_refused(pair("[0,4]", "[5,9]"), "123456789", "'b' begins at 5, expected 4");
  expect_refused(pair("[1,5]", "[5,9]"), "123456789", "'a' begins at 1, expected 0");
  expect_refused(pair("[0,4]", "[4,8]"), "123456789", "use 8 of 9 bytes");
  expect_refused("{}", "1", "use 0 of 1 bytes");
}

TEST(Safetensors, RefusesABoolThatIsNeitherTrueNorFalse) {
  expect_refused(R"({"a":)" + entry("BOOL", "[2]", "[0,2]") + "}", std::string("\x01\x02", 2),
                 "neither 0 nor 1");
}

TEST(Safetensors, ShortensLongNamesInErrors) {
  const std::string name(10'000, 'n');
  const auto bytes = file_of("{\"" + name + "\":" + entry("U8", "[1]", "[0,1]") + "}", "1");
  EXPECT_TRUE(parse_safetensors(bytes, "long").tensors.contains(name));
  const auto broken = file_of("{\"" + name + "\":" + entry("XX", "[1]", "[0,1]") + "}", "1");
  EXPECT_LT(message_of([&] { parse_safetensors(broken, "long"); }).size(), 300U);
}

TEST(Safetensors, EveryTruncationIsRefused) {
  const Bytes whole =
      serialize_safetensors({.tensors = {{"a", at::ones({3})}, {"b", at::ones({2}, at::kByte)}}});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(code_of([&] { parse_safetensors(std::span(whole).first(size), "cut"); }),
              ErrorCode::corrupt_file)
        << size;
}

TEST(Safetensors, AFlippedByteNeverDoesMoreThanThrow) {
  Bytes bytes = serialize_safetensors(
      {.tensors = {{"a", at::ones({3})}, {"b", at::ones({2}).to(at::kBool)}}});
  for (auto& byte : bytes) {
    for (const int flip : {1, 0x20, 0x80, 0xff}) {
      byte ^= static_cast<std::uint8_t>(flip);
      try {
        parse_safetensors(bytes, "flipped");
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::corrupt_file);
      }
      byte ^= static_cast<std::uint8_t>(flip);
    }
  }
}

TEST(Safetensors, NamesAFileThatIsMissing) {
  EXPECT_EQ(code_of([] { read_safetensors("/does/not/exist.safetensors"); }), ErrorCode::not_found);
}

TEST(Safetensors, RefusesToWriteWhatTheFormatLacks) {
  EXPECT_THROW(serialize_safetensors({.tensors = {{"c", at::ones({1}, at::kComplexFloat)}}}),
               std::logic_error);
  EXPECT_THROW(serialize_safetensors({.tensors = {{"undefined", at::Tensor()}}}), std::logic_error);
  EXPECT_THROW(serialize_safetensors({.tensors = {{"__metadata__", at::ones({1})}}}),
               std::logic_error);
  EXPECT_EQ(code_of([] {
              serialize_safetensors({.tensors = {{"\xff", at::ones({1})}}});
            }),
            ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace likeness
