/// /api/v1/recognition/faces: the enrolled faces.

#include <algorithm>

#include <likeness/core/error.h>

#include "serve/compreface_image_id.h"
#include "serve/compreface_refusal.h"
#include "serve/compreface_request.h"
#include "serve/compreface_service.h"

namespace likeness::serve {
namespace {

constexpr std::int64_t kPageSize = 20;
constexpr std::int64_t kLargestPage = 2000;
constexpr std::size_t kMostDeleted = 10'000;

Json face_entry(std::int64_t example, const std::string& subject) {
  return {{"image_id", image_id(example)}, {"subject", subject}};
}

HttpResponse add_face(const CompreFace& service, const HttpRequest& request) {
  const RequestFields fields(request);
  const std::string subject = needed_text(fields, "subject");
  const UploadedFile file = needed_picture(fields, "file");
  People& people = service.gallery();
  const auto until = service.deadline();
  const PhotoRequest photo = photo_request(file, face_options(fields), WantedFaces::none);
  // Likeness would enrol the main face of a group, which CompreFace refuses.
  const std::size_t faces = service.engine.look({photo}, until).front().faces.size();
  if (faces == 0) throw no_face_found();
  if (faces > 1) throw too_many_faces();
  const EnrolmentAnswer enrolled = people.enrol(subject, {photo}, false, request.caller, until);
  return json_response(face_entry(enrolled.photos.front().example, subject), 201);
}

/// Where a page begins, and how much of it is left to fill.
struct Page {
  std::int64_t skip = 0;
  std::int64_t left = 0;
};

/// Adds what of `subject` lies on the page.
void fill(Json& faces, Page& page, const Subject& subject, Gallery& gallery) {
  if (page.skip >= subject.examples) {
    page.skip -= subject.examples;
    return;
  }
  if (page.left == 0) return;
  try {
    for (const Example& example : gallery.examples(subject.name)) {
      if (page.skip > 0) {
        --page.skip;
      } else if (page.left > 0) {
        faces.push_back(face_entry(example.id, subject.name));
        --page.left;
      }
    }
  } catch (const Error& error) {
    // Removed since the people were listed.
    if (error.code() != ErrorCode::not_found) throw;
  }
}

HttpResponse list_faces(const CompreFace& service, const HttpRequest& request) {
  const RequestFields fields(request);
  const std::int64_t number = fields.integer("page", 0, 1'000'000'000).value_or(0);
  const std::int64_t size = fields.integer("size", 1, kLargestPage).value_or(kPageSize);
  const std::optional<std::string> only = fields.text("subject");
  People& people = service.gallery();
  Page page = {number * size, size};
  std::int64_t total = 0;
  Json faces = Json::array();
  for (const Subject& subject : people.subjects()) {
    if (only && !only->empty() && subject.name != *only) continue;
    total += subject.examples;
    fill(faces, page, subject, people.gallery());
  }
  people.gallery().record(People::actor(request.caller), "list", {},
                          std::to_string(faces.size()) + " examples");
  return json_response({{"faces", faces},
                        {"page_number", number},
                        {"page_size", size},
                        {"total_pages", (total + size - 1) / size},
                        {"total_elements", total}});
}

/// Removes the faces of `subject` and, as CompreFace does, the subject; nobody of that name: 0.
std::int64_t remove_faces(People& people, const std::string& subject, const Caller& caller) {
  try {
    return people.remove(subject, caller);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return 0;
  }
}

HttpResponse delete_faces(const CompreFace& service, const HttpRequest& request) {
  People& people = service.gallery();
  const std::optional<std::string> only = RequestFields(request).text("subject");
  std::int64_t deleted = 0;
  if (only)
    deleted = remove_faces(people, *only, request.caller);
  else
    for (const Subject& subject : people.subjects())
      deleted += remove_faces(people, subject.name, request.caller);
  return json_response({{"deleted", deleted}});
}

/// Nothing where there is no such face.
std::optional<Json> remove_face(People& people, std::int64_t example, const Caller& caller) {
  try {
    return face_entry(example, people.remove_example(example, caller));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return {};
  }
}

HttpResponse delete_face(const CompreFace& service, const HttpRequest& request) {
  const std::string& id = request.values.at("image_id");
  const std::int64_t example = example_of_image(id);
  const auto removed = remove_face(service.gallery(), example, request.caller);
  if (!removed) throw unknown_image(id);
  return json_response(*removed);
}

/// The examples that a list of image ids means; those that cannot be of this gallery left out.
std::vector<std::int64_t> listed_examples(const Json& ids) {
  if (!ids.is_array() || ids.size() > kMostDeleted)
    throw Problem(
        400, "invalid_argument",
        "the body is not a list of at most " + std::to_string(kMostDeleted) + " image ids");
  std::vector<std::int64_t> examples;
  for (const Json& id : ids) {
    if (!id.is_string()) throw Problem(400, "invalid_argument", "an image id is text");
    try {
      examples.push_back(example_of_image(id.get_ref<const std::string&>()));
    } catch (const Problem& problem) {
      if (problem.status() != 404) throw;
    }
  }
  return examples;
}

HttpResponse delete_listed_faces(const CompreFace& service, const HttpRequest& request) {
  const std::vector<std::int64_t> examples = listed_examples(json_body(request));
  People& people = service.gallery();
  Json removed = Json::array();
  for (const std::int64_t example : examples)
    if (auto entry = remove_face(people, example, request.caller))
      removed.push_back(*std::move(entry));
  return json_response(removed);
}

HttpResponse face_picture(const CompreFace& service, const HttpRequest& request) {
  const std::int64_t example = example_of_image(request.values.at("image_id"));
  try {
    const Bytes picture = service.gallery().picture(example, request.caller);
    HttpResponse response{.content_type = "image/jpeg"};
    response.body.assign(picture.begin(), picture.end());
    return response;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    throw Problem(404, unknown_image("").code(),
                  error.what());  // no such face, or no picture of it
  }
}

}  // namespace

void add_compreface_faces(Router& router, const SharedCompreFace& service) {
  const std::string all = "/recognition/faces";
  const std::string one = all + "/{image_id}";
  router.add(compreface_route("GET", all, Role::read, [service](const HttpRequest& request) {
    return list_faces(*service, request);
  }));
  router.add(compreface_route("POST", all, Role::enrol, [service](const HttpRequest& request) {
    return add_face(*service, request);
  }));
  router.add(compreface_route("DELETE", all, Role::enrol, [service](const HttpRequest& request) {
    return delete_faces(*service, request);
  }));
  router.add(compreface_route("DELETE", one, Role::enrol, [service](const HttpRequest& request) {
    return delete_face(*service, request);
  }));
  router.add(compreface_route(
      "POST", all + "/delete", Role::enrol,
      [service](const HttpRequest& request) { return delete_listed_faces(*service, request); }));
  router.add(compreface_route(
      "GET", one + "/img", Role::read,
      [service](const HttpRequest& request) { return face_picture(*service, request); }));
}

}  // namespace likeness::serve
