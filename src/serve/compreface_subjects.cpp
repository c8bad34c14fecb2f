/// /api/v1/recognition/subjects: who is enrolled.

#include <algorithm>

#include <likeness/core/error.h>

#include "serve/compreface_refusal.h"
#include "serve/compreface_request.h"
#include "serve/compreface_service.h"

namespace likeness::serve {
namespace {

bool is_enrolled(People& people, const std::string& name) {
  const std::vector<Subject> all = people.subjects();
  return std::any_of(all.begin(), all.end(),
                     [&](const Subject& subject) { return subject.name == name; });
}

HttpResponse list_subjects(const CompreFace& service) {
  Json names = Json::array();
  for (const Subject& subject : service.gallery().subjects()) names.push_back(subject.name);
  return json_response({{"subjects", names}});
}

HttpResponse add_subject(const CompreFace& service, const HttpRequest& request) {
  const std::string name = needed_text(RequestFields(request), "subject");
  People& people = service.gallery();
  if (is_enrolled(people, name)) throw Problem(400, "already_exists", "Subject already exists");
  people.enrol(name, {}, false, request.caller, service.deadline());
  return json_response({{"subject", name}}, 201);
}

HttpResponse rename_subject(const CompreFace& service, const HttpRequest& request) {
  const std::string from = request.values.at("subject");
  const std::string to = needed_text(RequestFields(request), "subject");
  People& people = service.gallery();
  if (from == to) return json_response({{"updated", false}});
  if (is_enrolled(people, to))
    people.merge(from, to, request.caller);
  else
    people.rename(from, to, request.caller);
  return json_response({{"updated", true}});
}

HttpResponse delete_subject(const CompreFace& service, const HttpRequest& request) {
  const std::string name = request.values.at("subject");
  service.gallery().remove(name, request.caller);
  return json_response({{"subject", name}});
}

HttpResponse delete_all_subjects(const CompreFace& service, const HttpRequest& request) {
  People& people = service.gallery();
  std::int64_t deleted = 0;
  for (const Subject& subject : people.subjects()) try {
      people.remove(subject.name, request.caller);
      ++deleted;
    } catch (const Error& error) {
      // Somebody else was faster.
      if (error.code() != ErrorCode::not_found) throw;
    }
  return json_response({{"deleted", deleted}});
}

}  // namespace

void add_compreface_subjects(Router& router, const SharedCompreFace& service) {
  const std::string all = "/recognition/subjects";
  const std::string one = all + "/{subject}";
  const auto list = [service](const HttpRequest&) { return list_subjects(*service); };
  router.add(compreface_route("GET", all, Role::read, list));
  router.add(compreface_route("GET", all + "/", Role::read, list));  // as its documentation has it
  router.add(compreface_route("POST", all, Role::enrol, [service](const HttpRequest& request) {
    return add_subject(*service, request);
  }));
  router.add(compreface_route("DELETE", all, Role::enrol, [service](const HttpRequest& request) {
    return delete_all_subjects(*service, request);
  }));
  router.add(compreface_route("PUT", one, Role::enrol, [service](const HttpRequest& request) {
    return rename_subject(*service, request);
  }));
  router.add(compreface_route("DELETE", one, Role::enrol, [service](const HttpRequest& request) {
    return delete_subject(*service, request);
  }));
}

}  // namespace likeness::serve
