#pragma once

/// One enrolment on its way: which photos are new, what the engine saw in them, whom they look
/// like.

#include <map>
#include <string>
#include <vector>

#include <likeness/gallery/gallery.h>
#include <likeness/gallery/open_set.h>

#include "serve/people.h"

namespace likeness::serve {

class PeopleEnrolment {
 public:
  /// `photos` must live as long.
  PeopleEnrolment(Gallery& gallery, std::string name, const std::vector<PhotoRequest>& photos);

  /// What the engine has to look at: photos that are not enrolled for this person yet, each once.
  std::vector<PhotoRequest> unseen(bool keep_crops) const;
  /// Takes what it saw in them, place by place.
  void take(std::vector<PhotoAnswer> answers);
  /// Names who else is as near as the same person would be.
  void compare_with_others(const OpenSetRule& rule);
  /// Puts the faces into the gallery, all or none.
  EnrolmentAnswer finish(const std::string& actor);

 private:
  Gallery& gallery_;
  std::string name_;
  const std::vector<PhotoRequest>& photos_;
  std::vector<std::string> digests_;   ///< of photos_
  std::vector<std::size_t> unseen_;    ///< places in photos_
  std::vector<NewExample> examples_;   ///< of unseen_, place by place
  std::vector<EnrolledPhoto> result_;  ///< of photos_
};

}  // namespace likeness::serve
