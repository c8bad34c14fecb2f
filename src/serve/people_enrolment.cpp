#include "serve/people_enrolment.h"

#include <set>
#include <utility>

#include <likeness/core/files.h>
#include <likeness/core/text.h>

#include "serve/bytes_of.h"

namespace likeness::serve {
namespace {

/// A client's name for its file as text that may be kept: without control characters, not too
/// long.
std::string shown_name(const std::string& filename) {
  const std::string quoted = in_quotes(filename);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

PeopleEnrolment::PeopleEnrolment(Gallery& gallery, std::string name,
                                 const std::vector<PhotoRequest>& photos)
    : gallery_(gallery), name_(std::move(name)), photos_(photos), result_(photos.size()) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    digests_.push_back(sha256(bytes_of(photos[i].bytes)));
    result_[i].already_enrolled =
        !seen.insert(digests_[i]).second || gallery_.has_source(name_, digests_[i]);
    if (!result_[i].already_enrolled) unseen_.push_back(i);
  }
}

std::vector<PhotoRequest> PeopleEnrolment::unseen(bool keep_crops) const {
  std::vector<PhotoRequest> wanted;
  for (const std::size_t place : unseen_) {
    wanted.push_back(photos_[place]);
    wanted.back().encode = WantedFaces::main;
    wanted.back().quality = true;
    wanted.back().crops = keep_crops;
  }
  return wanted;
}

void PeopleEnrolment::take(std::vector<PhotoAnswer> answers) {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    PhotoAnswer& answer = answers[i];
    const std::size_t place = unseen_[i];
    const std::size_t main = answer.encoded.front();
    EnrolledPhoto& photo = result_[place];
    photo.quality = answer.quality[main].score;
    photo.remarks = remarks(answer.quality[main]);
    photo.faces = answer.faces.size();
    if (photo.faces > 1)
      photo.remarks.push_back("shows " + std::to_string(photo.faces) +
                              " faces; the largest and most central one was taken");
    NewExample example{.encoding = std::move(answer.encodings.front()),
                       .source = shown_name(photos_[place].filename),
                       .source_digest = digests_[place],
                       .face = static_cast<int>(main),
                       .quality = photo.quality};
    if (!answer.crops.empty()) example.crop = std::move(answer.crops.front());
    examples_.push_back(std::move(example));
  }
}

void PeopleEnrolment::compare_with_others(const OpenSetRule& rule) {
  for (std::size_t i = 0; i < examples_.size(); ++i)
    for (const Neighbour& neighbour : gallery_.nearest(examples_[i].encoding, 3)) {
      if (neighbour.distance > rule.threshold()) break;
      if (neighbour.subject == name_) continue;
      EnrolledPhoto& photo = result_[unseen_[i]];
      photo.looks_like = neighbour.subject;
      photo.remarks.push_back("looks like " + in_quotes(neighbour.subject) +
                              ", who is enrolled already");
      break;
    }
}

EnrolmentAnswer PeopleEnrolment::finish(const std::string& actor) {
  EnrolmentAnswer answer;
  const std::vector<Enrolment> enrolment = {{name_, std::move(examples_)}};
  answer.added = gallery_.enroll(enrolment, actor);
  answer.already_enrolled = static_cast<std::int64_t>(photos_.size()) - answer.added;
  std::map<std::string, Example> enrolled;
  for (Example& example : gallery_.examples(name_))
    enrolled.try_emplace(example.source_digest, std::move(example));
  for (std::size_t i = 0; i < result_.size(); ++i) {
    const auto found = enrolled.find(digests_[i]);
    if (found == enrolled.end()) continue;  // erased by somebody in this very moment
    result_[i].example = found->second.id;
    if (result_[i].already_enrolled) result_[i].quality = found->second.quality;
  }
  answer.photos = std::move(result_);
  return answer;
}

}  // namespace likeness::serve
