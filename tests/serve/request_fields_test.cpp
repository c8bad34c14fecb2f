#include "serve/request_fields.h"

#include <gtest/gtest.h>

#include "serve/problem_of.h"

namespace likeness::serve {
namespace {

HttpRequest form(std::vector<FormPart> parts) {
  return {.method = "POST", .path = "", .parts = std::move(parts)};
}

HttpRequest json(const std::string& body) {
  return {.method = "POST",
          .path = "",
          .headers = {{"content-type", "Application/JSON; charset=utf-8"}},
          .body = body};
}

template <class Call>
std::string refusal(const Call& call) {
  const Problem problem = problem_of(call);
  return std::to_string(problem.status()) + " " + problem.code() + " " + problem.what();
}

TEST(RequestFields, TheSameNamesWorkInFormsJsonAndQueries) {
  HttpRequest query;
  query.query = {{"alpha", "0.5"}, {"size", "512"}, {"crops", "true"}, {"name", "Änne"}};
  for (const HttpRequest& request :
       {form({{.name = "alpha", .content = "0.5"},
              {.name = "size", .content = "512"},
              {.name = "crops", .content = "1"},
              {.name = "name", .content = "Änne"}}),
        json(R"({"alpha": 0.5, "size": "512", "crops": true, "name": "Änne"})"), query}) {
    const RequestFields fields(request);
    EXPECT_EQ(fields.number("alpha", 0, 1), 0.5);
    EXPECT_EQ(fields.integer("size", 1, 1024), 512);
    EXPECT_EQ(fields.flag("crops"), true);
    EXPECT_EQ(fields.text("name"), "Änne");
    EXPECT_FALSE(fields.number("beta", 0, 1));
    EXPECT_FALSE(fields.text("beta"));
  }
}

TEST(RequestFields, AFormComesBeforeTheQueryAndNullIsNothing) {
  HttpRequest request = form({{.name = "size", .content = "1"}});
  request.query = {{"size", "2"}};
  EXPECT_EQ(RequestFields(request).integer("size", 0, 9), 1);
  EXPECT_FALSE(RequestFields(json(R"({"size": null})")).integer("size", 0, 9));
}

TEST(RequestFields, ValuesOutOfRangeAreNamed) {
  const auto number = [](const std::string& value) {
    return refusal(
        [&] { RequestFields(form({{.name = "a", .content = value}})).number("a", 0, 0.5); });
  };
  EXPECT_EQ(number("0.75"), "422 invalid_argument a: '0.75' is not a number from 0 to 0.5");
  for (const char* value : {"", "x", "0.1x", " 0.1", "nan", "inf", "-1", "1e999", "0x1"})
    EXPECT_EQ(number(value).substr(0, 24), "422 invalid_argument a: ") << value;
  const auto integer = [](const std::string& value) {
    return refusal(
        [&] { RequestFields(form({{.name = "n", .content = value}})).integer("n", 1, 8); });
  };
  EXPECT_EQ(integer("9"), "422 invalid_argument n: '9' is not a whole number from 1 to 8");
  for (const char* value : {"", "1.0", "99999999999999999999", "0", "-1"})
    EXPECT_EQ(integer(value).substr(0, 24), "422 invalid_argument n: ") << value;
  EXPECT_EQ(refusal([] { RequestFields(json(R"({"b": "yes"})")).flag("b"); }),
            "422 invalid_argument b: 'yes' is neither true nor false");
  EXPECT_EQ(refusal([] { RequestFields(json(R"({"b": [1]})")).text("b"); }),
            "422 invalid_argument b: expected one value, not a list or an object");
}

TEST(RequestFields, AValueGivenTwiceIsRefused) {
  EXPECT_EQ(refusal([] {
              RequestFields(form({{.name = "a", .content = "1"}, {.name = "a", .content = "2"}}))
                  .number("a", 0, 9);
            }),
            "422 invalid_argument a: was given twice");
  HttpRequest request;
  request.query = {{"a", "1"}, {"a", "1"}};
  EXPECT_EQ(refusal([&] { RequestFields(request).text("a"); }),
            "422 invalid_argument a: was given twice");
}

TEST(RequestFields, MisspeltNamesAreRefused) {
  HttpRequest query;
  query.query = {{"treshold", "1"}};
  for (const HttpRequest& request :
       {form({{.name = "treshold", .content = "1"}}), json(R"({"treshold": 1})"), query})
    EXPECT_EQ(refusal([&] {
                RequestFields(request).allow_only({"photo", "threshold"});
              }),
              "422 invalid_argument 'treshold' is not known here; known are photo, threshold");
  RequestFields(json(R"({"photo": "", "threshold": 1})")).allow_only({"photo", "threshold"});
}

TEST(RequestFields, BodiesThatAreNoObjectAreInvalid) {
  const auto body = [](const std::string& text) {
    return refusal([&] { const RequestFields fields(json(text)); });
  };
  EXPECT_EQ(body("{"), "400 invalid_request the body is not valid JSON");
  EXPECT_EQ(body("{} {}"), "400 invalid_request the body is not valid JSON");
  EXPECT_EQ(body("[1]").substr(0, 19), "400 invalid_request");
  EXPECT_EQ(body("{\"a\": \"\xff\"}"), "400 invalid_request the body is not valid JSON");
  std::string deep = "{\"a\":";
  for (int i = 0; i < 100'000; ++i) deep += "[";
  EXPECT_EQ(body(deep), "400 invalid_request the JSON is nested too deeply");
  HttpRequest text = json("{}");
  text.headers["content-type"] = "text/plain";
  EXPECT_EQ(refusal([&] { const RequestFields fields(text); }),
            "415 unsupported_media_type send multipart/form-data or application/json, not "
            "'text/plain'");
}

TEST(RequestFields, PhotosAreFilePartsOrBase64) {
  const HttpRequest parts =
      form({{.name = "photo", .filename = "C:\\me/anna.jpg", .content = "bytes"}});
  const UploadedFile part = RequestFields(parts).file("photo");
  EXPECT_EQ(part.bytes(), "bytes");
  EXPECT_EQ(part.name(), "photo");
  EXPECT_EQ(part.filename(), "anna.jpg");
  EXPECT_EQ(part.bytes().data(), parts.parts[0].content.data()) << "a view, not a copy";
  for (const char* text : {"Ynl0ZXM=", "data:image/jpeg;base64,Ynl0ZXM="}) {
    const HttpRequest request = json(std::string(R"({"photo": ")") + text + "\"}");
    const UploadedFile file = RequestFields(request).file("photo");
    EXPECT_EQ(file.bytes(), "bytes") << text;
    EXPECT_EQ(file.filename(), "");
  }
}

TEST(RequestFields, PhotosThatAreNoneAreRefused) {
  const auto file = [](const HttpRequest& request) {
    return refusal([&] { RequestFields(request).file("photo"); });
  };
  const FormPart photo = {.name = "photo", .filename = "a.jpg", .content = "x"};
  EXPECT_EQ(file(form({})).substr(0, 48), "422 invalid_argument photo: no picture was sent ");
  EXPECT_EQ(file(form({photo, photo})), "422 invalid_argument photo: more than 1 picture was sent");
  EXPECT_EQ(file(form({{.name = "photo", .filename = "a.jpg"}})),
            "422 invalid_argument photo: the picture is empty");
  EXPECT_EQ(file(json(R"({"photo": ""})")), "422 invalid_argument photo: the picture is empty");
  EXPECT_EQ(file(json(R"({"photo": 7})")), "422 invalid_argument photo: expected base64 text");
  EXPECT_EQ(file(json(R"({"photo": null})")), "422 invalid_argument photo: expected base64 text");
  EXPECT_EQ(file(json(R"({"photo": "Yn="})")),
            "422 invalid_argument photo: is not base64 text of a picture");
  EXPECT_EQ(file(json(R"({"photo": "data:image/jpeg,abc"})")).substr(0, 46),
            "422 invalid_argument photo: a data URL without");
  EXPECT_EQ(file(json(R"({"photo": "http://example.org/a.jpg"})")).substr(0, 45),
            "422 invalid_argument photo: addresses are not");
}

TEST(RequestFields, SeveralPhotosKeepTheirOrderUpToTheLimit) {
  const HttpRequest list = json(R"({"photo": ["YQ==", "Yg=="]})");
  const auto files = RequestFields(list).files("photo", 2);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].bytes(), "a");
  EXPECT_EQ(files[1].bytes(), "b");
  EXPECT_EQ(refusal([&] { RequestFields(list).files("photo", 1); }),
            "422 invalid_argument photo: more than 1 picture was sent");
  EXPECT_TRUE(RequestFields(form({})).files("photo", 2).empty());
}

TEST(JsonResponse, IsJsonWhateverBytesTextHolds) {
  const HttpResponse response = json_response({{"name", "Zo\xeb"}}, 201);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, "{\"name\":\"Zo\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace likeness::serve
