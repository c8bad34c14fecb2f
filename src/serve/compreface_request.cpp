#include "serve/compreface_request.h"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "serve/compreface_refusal.h"

namespace likeness::serve {
namespace {

constexpr std::int64_t kMostPredictions = 1000;

bool names(std::string_view list, std::string_view plugin) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, comma);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (name == plugin) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

FaceOptions face_options(const RequestFields& fields) {
  const std::string plugins = fields.text("face_plugins").value_or("");
  return {.limit = static_cast<std::size_t>(fields.integer("limit", 0, 1'000'000).value_or(0)),
          .min_score = static_cast<float>(fields.number("det_prob_threshold", 0, 1).value_or(0)),
          .landmarks = names(plugins, "landmarks"),
          .embedding = names(plugins, "calculator"),
          .is_face = !fields.flag("detect_faces").value_or(true),
          .status = fields.flag("status").value_or(false)};
}

PhotoRequest photo_request(const UploadedFile& file, const FaceOptions& options,
                           WantedFaces encode) {
  return {.bytes = file.bytes(),
          .name = file.name(),
          .encode = encode,
          .min_score = options.min_score,
          .is_face = options.is_face,
          .filename = file.filename()};
}

std::size_t prediction_count(const RequestFields& fields) {
  return static_cast<std::size_t>(
      fields.integer("prediction_count", 1, kMostPredictions).value_or(1));
}

std::string needed_text(const RequestFields& fields, const std::string& name) {
  const auto text = fields.text(name);
  if (!text) throw missing_parameter(name);
  return *text;
}

UploadedFile needed_picture(const RequestFields& fields, const std::string& name) {
  std::vector<UploadedFile> found = fields.files(name, 1);
  if (found.empty()) throw missing_part(name);
  return std::move(found.front());
}

std::vector<std::size_t> chosen_faces(const PhotoAnswer& photo, std::size_t limit) {
  if (photo.faces.empty()) throw no_face_found();
  std::vector<std::size_t> order(photo.faces.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return photo.faces[a].box.area() > photo.faces[b].box.area();
  });
  if (limit > 0 && limit < order.size()) order.resize(limit);
  return order;
}

}  // namespace likeness::serve
