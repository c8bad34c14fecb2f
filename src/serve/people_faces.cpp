/// People, for interfaces that name a face by its example alone or bring encodings of their own.

#include <likeness/core/error.h>

#include "serve/people.h"

namespace likeness::serve {

StoredExample People::compared(std::int64_t example, const Caller& caller) {
  StoredExample found = gallery_->stored(example);
  gallery_->record(actor(caller), "verify", found.example.subject,
                   "example " + std::to_string(example));
  return found;
}

std::string People::remove_example(std::int64_t example, const Caller& caller) {
  std::string name = gallery_->stored(example).example.subject;
  gallery_->remove_example(example, actor(caller));
  forget_counts();
  return name;
}

Bytes People::picture(std::int64_t example, const Caller& caller) {
  return picture(gallery_->stored(example).example.subject, example, caller);
}

void People::merge(const std::string& from, const std::string& into, const Caller& caller) {
  LIKENESS_CHECK(from != into);
  std::vector<NewExample> moved;
  for (const Example& example : gallery_->examples(from)) {
    StoredExample stored = gallery_->stored(example.id);
    moved.push_back({std::move(stored.encoding), example.source, example.source_digest,
                     example.face, example.quality, std::move(stored.crop)});
  }
  // In this order nobody is lost when the service ends in between.
  const std::vector<Enrolment> enrolment = {{into, std::move(moved)}};
  gallery_->enroll(enrolment, actor(caller));
  gallery_->remove(from, actor(caller));
  forget_counts();
}

std::vector<Identification> People::identify(std::span<const Encoding> encodings, std::size_t top,
                                             const OpenSetOptions& options, const Caller& caller) {
  return find_all(encodings, *rule(counts().examples, options), top, caller);
}

}  // namespace likeness::serve
