#include "encoding_writer.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <filesystem>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/output_file.h>

#include "face_json.h"
#include "number_text.h"

namespace likeness::cli {
namespace {

static_assert(std::endian::native == std::endian::little, "rows are written as they are in memory");

enum class Format { npy, json_lines, standard_output };

Format format_of(const std::string& path) {
  if (path == "-") return Format::standard_output;
  std::string ending = std::filesystem::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char letter) { return std::tolower(letter); });
  if (ending == ".npy") return Format::npy;
  if (ending == ".jsonl") return Format::json_lines;
  throw Error(ErrorCode::invalid_argument,
              "output '" + path +
                  "': the name must end in .npy or .jsonl, or be - for JSON lines "
                  "on standard output");
}

/// The header of NumPy's format version 1.0, padded to 128 bytes so that it can be rewritten.
std::string npy_header(std::size_t rows, std::size_t columns) {
  constexpr std::size_t kHeader = 128;
  constexpr std::size_t kPrefix = 10;
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(kHeader - kPrefix);
  header += '\0';
  header += "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
            std::to_string(columns) + "), }";
  header.resize(kHeader - 1, ' ');
  return header + '\n';
}

/// Tabs and line ends of a file name, which would break the table, as \t, \n and \r.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '\t':
        result += "\\t";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\r':
        result += "\\r";
        break;
      case '\\':
        result += "\\\\";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

class NpyWriter : public EncodingWriter {
 public:
  NpyWriter(const std::string& path, std::size_t dimensions)
      : rows_file_(path), paths_file_(path + ".txt"), dimensions_(dimensions) {
    rows_file_.write(npy_header(0, dimensions_));
  }
  void add(const EncodedFace& face) override {
    LIKENESS_CHECK(face.encoding.size() == dimensions_);
    rows_file_.write({reinterpret_cast<const char*>(face.encoding.data()),
                      face.encoding.size() * sizeof(float)});
    std::string line = escaped(face.path) + "\t" + std::to_string(face.index);
    const Box& box = face.face.box;
    for (const float value : {box.x, box.y, box.width, box.height}) line += "\t" + fixed(value, 2);
    paths_file_.write(line + "\t" + fixed(face.face.score, 4) + "\n");
    ++rows_;
  }
  void finish() override {
    rows_file_.overwrite_start(npy_header(rows_, dimensions_));
    rows_file_.commit();
    paths_file_.commit();
  }

 private:
  OutputFile rows_file_;
  OutputFile paths_file_;
  std::size_t dimensions_;
  std::size_t rows_ = 0;
};

std::string json_line(const EncodedFace& face, const std::string& model) {
  const Json line = {{"path", face.path},
                     {"face", face.index},
                     {"box", json_of(face.face.box)},
                     {"score", json_of(face.face).at("score")},
                     {"model", model},
                     {"encoding", face.encoding}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

class JsonLinesWriter : public EncodingWriter {
 public:
  JsonLinesWriter(const std::string& path, std::string model)
      : file_(path), model_(std::move(model)) {}
  void add(const EncodedFace& face) override { file_.write(json_line(face, model_)); }
  void finish() override { file_.commit(); }

 private:
  OutputFile file_;
  std::string model_;
};

class JsonLinesPrinter : public EncodingWriter {
 public:
  JsonLinesPrinter(std::function<void(std::string_view)> print, std::string model)
      : print_(std::move(print)), model_(std::move(model)) {}
  void add(const EncodedFace& face) override { print_(json_line(face, model_)); }
  void finish() override {}

 private:
  std::function<void(std::string_view)> print_;
  std::string model_;
};

}  // namespace

std::unique_ptr<EncodingWriter> open_encoding_writer(
    const std::string& path, const std::string& model, std::size_t dimensions,
    const std::function<void(std::string_view)>& print) {
  switch (format_of(path)) {
    case Format::npy:
      return std::make_unique<NpyWriter>(path, dimensions);
    case Format::json_lines:
      return std::make_unique<JsonLinesWriter>(path, model);
    case Format::standard_output:
      break;
  }
  return std::make_unique<JsonLinesPrinter>(print, model);
}

void check_encoding_output(const std::string& path) {
  const Format format = format_of(path);
  if (format != Format::standard_output) check_writable(path);
  if (format == Format::npy) check_writable(path + ".txt");
}

}  // namespace likeness::cli
