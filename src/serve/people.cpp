#include "serve/people.h"

#include <algorithm>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/gallery/face_crop.h>
#include <likeness/image/codec.h>

#include "serve/people_enrolment.h"

namespace likeness::serve {
namespace {

/// How long the numbers of people and examples are taken as they were: counting reads through the
/// whole gallery. What is changed here is counted at once; this is for other processes.
constexpr std::chrono::seconds kCountsLast{1};

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

People::People(std::unique_ptr<Gallery> gallery, FaceEngine& engine, PeopleOptions options)
    : gallery_(std::move(gallery)),
      engine_(engine),
      options_(std::move(options)),
      model_(gallery_->info().model) {
  if (model_.id != engine.model() || model_.dimensions != engine.dimensions())
    throw Error(ErrorCode::invalid_argument, "the gallery is one of the model " + model_.id +
                                                 ", and faces are encoded by " + engine.model());
}

std::string People::actor(const Caller& caller) {
  if (caller.id.empty()) return "local";
  return "key " + caller.id + " (" + caller.name + ")";
}

EnrolmentAnswer People::enrol(const std::string& name, const std::vector<PhotoRequest>& photos,
                              bool must_exist, const Caller& caller,
                              FaceEngine::Clock::time_point until) {
  check_subject_name(name);
  if (must_exist) gallery_->examples(name);
  PeopleEnrolment enrolment(*gallery_, name, photos);
  enrolment.take(engine_.look(enrolment.unseen(options_.keep_crops), until));
  if (options_.calibration) {
    const auto more = static_cast<std::int64_t>(photos.size());
    enrolment.compare_with_others(*rule(counts().examples + more, {}));
  }
  EnrolmentAnswer answer = enrolment.finish(actor(caller));
  forget_counts();
  return answer;
}

IdentifiedPhoto People::identify(const PhotoRequest& photo, std::size_t top,
                                 const OpenSetOptions& options, const Caller& caller,
                                 FaceEngine::Clock::time_point until) {
  const Counts counts = this->counts();
  const auto rule = this->rule(counts.examples, options);
  PhotoRequest wanted = photo;
  wanted.encode = WantedFaces::all;
  IdentifiedPhoto answer{.photo = std::move(engine_.look({wanted}, until).front()),
                         .threshold = rule->threshold(),
                         .fpir = rule->fpir(),
                         .people = counts.people,
                         .examples = counts.examples};
  answer.faces = find_all(answer.photo.encodings, *rule, top, caller);
  return answer;
}

std::vector<Identification> People::find_all(std::span<const Encoding> encodings,
                                             const OpenSetRule& rule, std::size_t top,
                                             const Caller& caller) {
  std::vector<Identification> found;
  std::size_t matches = 0;
  for (const Encoding& encoding : encodings) {
    found.push_back(likeness::identify(*gallery_, encoding, rule, top));
    matches += found.back().matches.size();
  }
  gallery_->record(
      actor(caller), "identify", {},
      "faces " + std::to_string(found.size()) + ", matches " + std::to_string(matches));
  return found;
}

/// As of now, or of a second ago. The gallery must still be one of this model.
People::Counts People::counts() {
  const std::scoped_lock lock(mutex_);
  const auto now = FaceEngine::Clock::now();
  if (counted_at_ != FaceEngine::Clock::time_point() && now - counted_at_ < kCountsLast)
    return counts_;
  const GalleryInfo info = gallery_->info();
  if (info.model != model_)
    throw Error(ErrorCode::unavailable, "the gallery has become one of the model " + info.model.id +
                                            "; the service has to be started anew");
  counts_ = {info.subjects, info.examples};
  counted_at_ = now;
  return counts_;
}

void People::forget_counts() {
  const std::scoped_lock lock(mutex_);
  counted_at_ = {};
}

std::shared_ptr<const OpenSetRule> People::rule(std::int64_t examples,
                                                const OpenSetOptions& options) {
  if (options.fpir || options.threshold)
    return std::make_shared<const OpenSetRule>(options_.calibration, examples, options);
  const std::scoped_lock lock(mutex_);
  if (usual_examples_ != examples) {
    usual_rule_ = std::make_shared<const OpenSetRule>(options_.calibration, examples);
    usual_examples_ = examples;
  }
  return usual_rule_;
}

std::vector<Subject> People::subjects() {
  return gallery_->subjects();
}

PeoplePage People::page(const std::string& after, std::size_t limit, const Caller& caller) {
  const std::vector<Subject> everybody = gallery_->subjects();
  PeoplePage page{.total = static_cast<std::int64_t>(everybody.size())};
  auto next = std::upper_bound(
      everybody.begin(), everybody.end(), after,
      [](const std::string& name, const Subject& subject) { return name < subject.name; });
  for (; next != everybody.end() && page.people.size() < limit; ++next) {
    ListedPerson person{.name = next->name, .examples = next->examples};
    try {
      const auto examples =
          next->examples > 0 ? gallery_->examples(next->name) : std::vector<Example>();
      const auto best = std::max_element(
          examples.begin(), examples.end(), [](const Example& a, const Example& b) {
            return std::pair(a.has_crop, a.quality) < std::pair(b.has_crop, b.quality);
          });
      if (best != examples.end()) {
        person.example = best->id;
        person.has_crop = best->has_crop;
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;
      continue;  // erased since everybody was listed
    }
    page.people.push_back(std::move(person));
  }
  if (next != everybody.end() && !page.people.empty()) page.next = page.people.back().name;
  gallery_->record(actor(caller), "list", {}, counted(page.people.size(), "person", "people"));
  return page;
}

std::vector<Example> People::examples(const std::string& name, const Caller& caller) {
  std::vector<Example> examples = gallery_->examples(name);
  gallery_->record(actor(caller), "show", name, counted(examples.size(), "example", "examples"));
  return examples;
}

Example People::example_of(const std::string& name, std::int64_t example) {
  for (Example& each : gallery_->examples(name))
    if (each.id == example) return std::move(each);
  throw Error(ErrorCode::not_found, in_quotes(name) + " has no example " + std::to_string(example));
}

Bytes People::picture(const std::string& name, std::int64_t example, const Caller& caller) {
  if (!example_of(name, example).has_crop)
    throw Error(ErrorCode::not_found, "no picture was kept of example " + std::to_string(example) +
                                          " of " + in_quotes(name));
  Bytes picture =
      encode_image(face_crop_from_bytes(gallery_->crop(example)).picture, ImageFormat::jpeg);
  gallery_->record(actor(caller), "picture", name, "example " + std::to_string(example));
  return picture;
}

void People::rename(const std::string& from, const std::string& to, const Caller& caller) {
  gallery_->rename(from, to, actor(caller));
}

std::int64_t People::remove(const std::string& name, const Caller& caller) {
  const std::int64_t removed = gallery_->remove(name, actor(caller));
  forget_counts();
  return removed;
}

void People::remove_example(const std::string& name, std::int64_t example, const Caller& caller) {
  example_of(name, example);
  gallery_->remove_example(example, actor(caller));
  forget_counts();
}

GalleryInfo People::info() {
  return gallery_->info();
}

}  // namespace likeness::serve
