#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/image/video.h>

namespace likeness {

SteadyFilm::SteadyFilm(const std::filesystem::path& file, const FilmSpan& span)
    : reader_(file), span_(span) {
  LIKENESS_CHECK(span.start >= 0 && span.duration >= 0);
  ahead_ = reader_.next();
  // What is seen at the start is the last frame that is not later.
  advance(span_.start);
  dropped_ = 0;
  if (!ahead_ && frame_.picture.empty())
    throw Error(ErrorCode::corrupt_file, file.string() + ": the film holds no pictures");
  if (!ahead_ && span_.start > 0)
    throw Error(ErrorCode::invalid_argument,
                file.string() + ": ends before second " + std::to_string(span_.start));
}

std::int64_t SteadyFilm::expected_frames() const {
  const auto wanted = std::llround(span_.duration * rate());
  if (info().frames == 0) return wanted;
  const auto rest = std::max<std::int64_t>(1, info().frames - std::llround(span_.start * rate()));
  return wanted > 0 ? std::min<std::int64_t>(wanted, rest) : rest;
}

/// Takes the frames up to `time`; true when there was one at least.
bool SteadyFilm::advance(double time) {
  std::int64_t taken = 0;
  const double nearest = time + 0.5 / rate() - 1e-6;
  for (; ahead_ && ahead_->time <= nearest; ++taken) {
    frame_.picture = std::move(ahead_->picture);
    ahead_ = reader_.next();
  }
  ended_ = !ahead_;
  if (taken > 1) dropped_ += taken - 1;
  return taken > 0;
}

const SteadyFrame* SteadyFilm::next() {
  const double since = static_cast<double>(given_) / rate();
  if (span_.duration > 0 && since >= span_.duration - 1e-6) {
    ended_ = false;  // not the end of the file
    return nullptr;
  }
  const bool fresh = advance(span_.start + since);
  if (!fresh && !ahead_ && given_ > 0) return nullptr;
  frame_.repeated = !fresh && given_ > 0;
  if (frame_.repeated) ++repeated_;
  ++given_;
  return &frame_;
}

}  // namespace likeness
