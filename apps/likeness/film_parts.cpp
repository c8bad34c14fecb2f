#include "film_parts.h"

#include <cmath>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>

#include "json.h"
#include "media_program.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kPartSeconds = 10;
constexpr char kList[] = "film.json";
constexpr char kJoined[] = "joined";

std::string numbered(const char* format, std::int64_t number) {
  char name[64];
  std::snprintf(name, sizeof(name), format, static_cast<long long>(number));
  return name;
}

/// The painter's state behind so many frames.
std::string state_name(std::int64_t frames) {
  return numbered("painter-%08lld.safetensors", frames);
}

}  // namespace

FilmParts::FilmParts(fs::path output, std::string identity, bool resume)
    : output_(std::move(output)),
      folder_(output_.string() + ".parts"),
      identity_(std::move(identity)) {
  std::error_code error;
  const bool known = fs::exists(folder_ / kList, error);
  if (fs::exists(folder_, error) && !known && !fs::is_empty(folder_, error))
    throw Error(
        ErrorCode::already_exists,
        folder_.string() + ": holds something else; it is where parts of the film would go");
  if (known && resume) {
    take_up();
    return;
  }
  fs::remove_all(folder_, error);
  fs::create_directory(folder_, error);
  if (error) throw Error(ErrorCode::write_failed, folder_.string() + ": " + error.message());
}

FilmParts::~FilmParts() {
  writer_.reset();
  std::error_code ignored;
  if (!open_part_.empty()) fs::remove(open_part_, ignored);
  if (parts_.empty()) fs::remove_all(folder_, ignored);
}

void FilmParts::take_up() {
  constexpr std::size_t kLargest = 16 << 20;
  const fs::path file = folder_ / kList;
  const Bytes bytes = read_file(file, kLargest);
  std::string film;
  try {
    const Json list = Json::parse(bytes.begin(), bytes.end());
    film = list.at("film").get<std::string>();
    rate_ = list.at("rate").get<double>();
    frames_ = list.at("frames").get<std::int64_t>();
    for (const Json& part : list.at("parts")) {
      parts_.push_back(part.get<std::string>());
      if (fs::path(parts_.back()).filename() != parts_.back() ||
          !fs::exists(folder_ / parts_.back()))
        throw Error(ErrorCode::corrupt_file, file.string() + ": a part of the film is missing");
    }
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::corrupt_file, file.string() + ": " + error.what());
  }
  if (film != identity_)
    throw Error(ErrorCode::invalid_argument,
                folder_.string() +
                    ": was begun with another film, style or other options; give the "
                    "same ones, or leave --resume out to begin anew");
}

TensorMap FilmParts::painter_state() const {
  return read_safetensors(folder_ / state_name(frames_)).tensors;
}

void FilmParts::write(const Image& frame, double rate) {
  if (!writer_) {
    rate_ = rate;
    open_part_ = folder_ / (numbered("part-%08lld", frames_) + output_.extension().string());
    writer_ =
        std::make_unique<VideoWriter>(open_part_, FilmSize{frame.width(), frame.height()}, rate);
  }
  writer_->write(frame);
}

bool FilmParts::part_is_full() const {
  return writer_ != nullptr && static_cast<double>(writer_->frames()) >= kPartSeconds * rate_;
}

void FilmParts::finish_part(const TensorMap& painter_state) {
  if (!writer_) return;
  const auto writer = std::move(writer_);
  writer->finish();
  const std::int64_t before = frames_;
  write_safetensors(folder_ / state_name(frames_ + writer->frames()), {.tensors = painter_state});
  parts_.push_back(open_part_.filename().string());
  frames_ += writer->frames();
  try {
    save_list();
  } catch (const Error&) {
    parts_.pop_back();
    frames_ = before;
    throw;
  }
  open_part_.clear();
  std::error_code ignored;
  fs::remove(folder_ / state_name(before), ignored);
}

void FilmParts::save_list() const {
  const Json list = {{"film", identity_}, {"rate", rate_}, {"frames", frames_}, {"parts", parts_}};
  write_file(folder_ / kList, list.dump(2) + "\n");
}

std::vector<std::string> FilmParts::join(const FilmSound& sound) {
  LIKENESS_CHECK(!writer_ && !parts_.empty());
  const fs::path joined = folder_ / (kJoined + output_.extension().string());
  const std::optional<fs::path> ffmpeg = find_ffmpeg();
  std::vector<std::string> notes = ffmpeg ? join_with(*ffmpeg, sound, joined) : join_alone(joined);
  std::error_code error;
  fs::rename(joined, output_, error);
  if (error) throw Error(ErrorCode::write_failed, output_.string() + ": " + error.message());
  fs::remove_all(folder_, error);
  parts_.clear();
  return notes;
}

std::vector<std::string> FilmParts::join_with(const fs::path& ffmpeg, const FilmSound& sound,
                                              const fs::path& joined) const {
  std::string list;
  for (const std::string& part : parts_) list += "file '" + part + "'\n";
  write_file(folder_ / "parts.txt", list);
  const std::vector<std::string> film = {
      "-nostdin", "-loglevel",
      "error",    "-y",
      "-f",       "concat",
      "-safe",    "0",
      "-i",       "file:" + fs::absolute(folder_ / "parts.txt").string()};
  const double seconds = static_cast<double>(frames_) / rate_;
  const std::vector<std::string> with_sound = {"-ss",  std::to_string(sound.start),
                                               "-t",   std::to_string(seconds),
                                               "-i",   "file:" + fs::absolute(sound.file).string(),
                                               "-map", "0:v:0",
                                               "-map", "1:a?"};
  struct Way {
    std::vector<std::string> options;
    bool sound;
    const char* note;
  };
  const Way ways[] = {{{"-c", "copy"}, true, nullptr},
                      {{"-c:v", "copy"},
                       true,
                       "the sound was encoded anew, as OUT's format cannot hold it as it is"},
                      {{"-c", "copy"},
                       false,
                       "the sound is left out: ffmpeg could not bring it into OUT's format"}};
  ProgramResult result;
  for (const Way& way : ways) {
    std::vector<std::string> arguments = film;
    if (way.sound) arguments.insert(arguments.end(), with_sound.begin(), with_sound.end());
    arguments.insert(arguments.end(), way.options.begin(), way.options.end());
    arguments.push_back("file:" + fs::absolute(joined).string());
    result = run_program(ffmpeg, arguments, folder_ / "ffmpeg.log");
    if (result.exit_code != 0) continue;
    if (way.note == nullptr) return {};
    return {way.note};
  }
  throw Error(ErrorCode::write_failed,
              output_.string() + ": " + ffmpeg.string() + " could not join the parts: " +
                  result.last_line + " (they are kept in " + folder_.string() + "; --resume)");
}

std::vector<std::string> FilmParts::join_alone(const fs::path& joined) const {
  std::vector<std::string> notes = {
      "the sound, if there is any, is left out: that needs the ffmpeg program (with it: ffmpeg -i "
      "OUT -i IN -map 0:v -map 1:a? -c copy WITH_SOUND)"};
  std::error_code error;
  if (parts_.size() == 1) {
    fs::copy_file(folder_ / parts_.front(), joined, fs::copy_options::overwrite_existing, error);
    if (error) throw Error(ErrorCode::write_failed, joined.string() + ": " + error.message());
    return notes;
  }
  std::unique_ptr<VideoWriter> writer;
  for (const std::string& part : parts_) {
    VideoReader reader(folder_ / part);
    if (!writer)
      writer = std::make_unique<VideoWriter>(
          joined, FilmSize{reader.info().width, reader.info().height}, rate_);
    while (const auto frame = reader.next()) writer->write(frame->picture);
  }
  writer->finish();
  notes.emplace_back("the parts were joined by encoding them once more, for want of ffmpeg");
  return notes;
}

}  // namespace likeness::cli
