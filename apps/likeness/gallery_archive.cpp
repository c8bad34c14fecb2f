#include "gallery_archive.h"

#include <filesystem>
#include <fstream>
#include <iostream>

#include <likeness/core/error.h>
#include <likeness/core/output_file.h>
#include <likeness/gallery/vector_index.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "encoding_text.h"

namespace likeness::cli {
namespace {

using SortedJson = nlohmann::json;
namespace fs = std::filesystem;

constexpr int kArchiveVersion = 1;
constexpr std::size_t kLongestLine = std::size_t{8} << 20;
constexpr std::size_t kImportedTogether = 1000;

std::string to_line(const StoredExample& stored) {
  SortedJson json = {
      {"subject", stored.example.subject},      {"source", stored.example.source},
      {"sha256", stored.example.source_digest}, {"face", stored.example.face},
      {"quality", stored.example.quality},      {"encoding", to_base64(stored.encoding)}};
  if (!stored.crop.empty()) json["crop"] = to_base64(stored.crop);
  return json.dump(-1, ' ', false, SortedJson::error_handler_t::replace) + "\n";
}

Enrolment from_line(const std::string& line) {
  const SortedJson json = SortedJson::parse(line);
  if (json.size() == 1) return {json.at("subject").get<std::string>(), {}};
  NewExample example;
  example.encoding = encoding_from_base64(json.at("encoding").get<std::string>());
  example.source = json.at("source").get<std::string>();
  example.source_digest = json.at("sha256").get<std::string>();
  example.face = json.at("face").get<int>();
  example.quality = json.at("quality").get<double>();
  if (json.contains("crop")) example.crop = from_base64(json.at("crop").get<std::string>());
  return {json.at("subject").get<std::string>(), {std::move(example)}};
}

/// Lines of a file, with their numbers for errors.
class LineSource {
 public:
  explicit LineSource(const std::string& path) : name_(path) {
    if (path == "-") return;
    std::error_code error;
    if (!fs::exists(path, error)) throw Error(ErrorCode::not_found, path + ": no such file");
    file_.open(path, std::ios::binary);
    if (!file_ || fs::is_directory(path, error))
      throw Error(ErrorCode::unreadable, path + ": cannot be read");
  }
  bool next(std::string& line) {
    std::istream& stream = name_ == "-" ? std::cin : file_;
    line.clear();
    ++number_;
    for (char character = 0; stream.get(character) && character != '\n';) {
      line += character;
      if (line.size() > kLongestLine) fail("is longer than 8 MiB");
    }
    return !line.empty() || stream.good();
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::corrupt_file, name_ + ", line " + std::to_string(number_) + ": " + what);
  }

 private:
  std::string name_;
  std::ifstream file_;
  std::int64_t number_ = 0;
};

GalleryModel read_header(LineSource& source) {
  std::string line;
  source.next(line);
  try {
    const SortedJson json = SortedJson::parse(line);
    if (const int version = json.at("likeness_gallery").get<int>(); version != kArchiveVersion)
      source.fail("was exported by a newer Likeness (version " + std::to_string(version) + ")");
    GalleryModel model = {json.at("model").get<std::string>(),
                          json.at("weights").get<std::string>(), json.at("dimensions").get<int>()};
    if (model.dimensions < 1 || model.dimensions > 65536)
      source.fail("names encodings of " + std::to_string(model.dimensions) + " numbers");
    return model;
  } catch (const SortedJson::exception&) {
    source.fail("is not the first line of an exported gallery");
  }
}

}  // namespace

int export_gallery(const GalleryChoice& choice, const std::string& file, CommandContext& context) {
  const std::unique_ptr<Gallery> gallery = open_gallery(choice);
  const GalleryInfo info = gallery->info();
  std::optional<OutputFile> output;
  if (file != "-") {
    ::umask(0077);  // what is written here can be read by whoever opens it
    output.emplace(file);
  }
  const auto write = [&](const std::string& text) {
    if (output)
      output->write(std::string_view(text));
    else
      context.print(text);
  };
  write(SortedJson({{"likeness_gallery", kArchiveVersion},
                    {"model", info.model.id},
                    {"weights", info.model.fingerprint},
                    {"dimensions", info.model.dimensions}})
            .dump() +
        "\n");
  Progress& progress = context.progress();
  progress.begin("Exporting", info.examples);
  std::int64_t done = 0;
  const Cancellation& cancellation = context.stop_on_interrupt();
  gallery->visit([&](const StoredExample& stored) {
    cancellation.check();
    write(to_line(stored));
    progress.update(++done);
  });
  for (const Subject& subject : gallery->subjects())
    if (subject.examples == 0)  // entered, but without a photo yet
      write(SortedJson({{"subject", subject.name}})
                .dump(-1, ' ', false, SortedJson::error_handler_t::replace) +
            "\n");
  progress.end();
  if (output) output->commit();
  gallery->record(current_actor(), "export", {}, std::to_string(done) + " examples");
  if (output && context.json) context.print_json({{"output", file}, {"examples", done}});
  if (output && !context.json)
    context.print(std::to_string(done) + " examples in " + file + ", not encrypted\n");
  return kOk;
}

int import_gallery(const GalleryChoice& choice, const std::string& file, CommandContext& context) {
  LineSource source(file);
  const GalleryModel model = read_header(source);
  const std::unique_ptr<Gallery> gallery =
      gallery_exists(choice) ? open_gallery(choice) : create_gallery(choice, model, context);
  if (const GalleryModel own = gallery->info().model; own != model)
    throw Error(ErrorCode::invalid_argument, file + ": holds encodings of " + model.id +
                                                 ", the gallery those of " + own.id +
                                                 (own.id == model.id ? " with other weights" : "") +
                                                 "; distances between them mean nothing");
  const Cancellation& cancellation = context.stop_on_interrupt();
  Progress& progress = context.progress();
  progress.begin("Importing", 0);
  std::vector<Enrolment> waiting;
  std::int64_t read = 0;
  std::int64_t added = 0;
  const auto flush = [&] {
    added += gallery->enroll(waiting, current_actor());
    waiting.clear();
    progress.update(read);
    cancellation.check();
  };
  for (std::string line; source.next(line);) {
    if (line.empty()) continue;
    try {
      waiting.push_back(from_line(line));
      check_enrolments(std::span(waiting).last(1), model);
    } catch (const SortedJson::exception&) {
      source.fail("is not an exported example; " + std::to_string(added) + " were imported");
    } catch (const Error& error) {
      source.fail(error.what());
    }
    read += static_cast<std::int64_t>(waiting.back().examples.size());
    if (waiting.size() == kImportedTogether) flush();
  }
  flush();
  progress.end();
  if (gallery->info().examples >= static_cast<std::int64_t>(kGraphFrom) && added > 0)
    gallery->rebuild_index();
  if (context.json)
    context.print_json({{"read", read}, {"imported", added}});
  else
    context.print(std::to_string(added) + " of " + std::to_string(read) + " examples imported\n");
  return kOk;
}

}  // namespace likeness::cli
