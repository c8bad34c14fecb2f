#include "serve/key_routes.h"

#include <limits>

#include "serve/problem.h"
#include "serve/request_fields.h"

namespace likeness::serve {
namespace {

Json key_json(const ApiKey& key, const std::optional<std::string>& last_used) {
  return {{"id", key.id},
          {"name", key.name},
          {"role", to_string(key.role)},
          {"created_at", key.created_at},
          {"last_used_at", or_null(last_used)},
          {"revoked", key.revoked_at.has_value()},
          {"rate_per_minute", or_null(key.limits.rate_per_minute)},
          {"daily_quota", or_null(key.limits.daily_quota)}};
}

std::string required(const RequestFields& fields, const std::string& name) {
  const std::optional<std::string> value = fields.text(name);
  if (!value) throw Problem(422, "invalid_argument", name + ": is missing");
  return *value;
}

HttpResponse list_keys(ApiKeys& keys, const LastUsed& last_used) {
  Json list = Json::array();
  for (const ApiKey& key : keys.list())
    list.push_back(key_json(key, last_used ? last_used(key.id) : std::nullopt));
  return json_response({{"keys", std::move(list)}});
}

HttpResponse create_key(ApiKeys& keys, const HttpRequest& request) {
  const RequestFields fields(request);
  fields.allow_only({"name", "role", "rate_per_minute", "daily_quota"});
  KeyLimits limits;
  if (const auto rate = fields.integer("rate_per_minute", 1, std::numeric_limits<int>::max()))
    limits.rate_per_minute = static_cast<int>(*rate);
  limits.daily_quota = fields.integer("daily_quota", 1, std::numeric_limits<std::int64_t>::max());
  const Role role = role_from_name(required(fields, "role"));
  const NewKey fresh = keys.create(required(fields, "name"), role, limits);
  return json_response({{"id", fresh.key.id},
                        {"name", fresh.key.name},
                        {"role", to_string(fresh.key.role)},
                        {"key", fresh.secret}},
                       201);
}

}  // namespace

void add_key_routes(Router& router, ApiKeys& keys, const LastUsed& last_used) {
  router.add({"GET", "/v1/keys", Role::admin,
              [&keys, last_used](const HttpRequest&) { return list_keys(keys, last_used); }});
  router.add({"POST", "/v1/keys", Role::admin,
              [&keys](const HttpRequest& request) { return create_key(keys, request); }});
  router.add({"DELETE", "/v1/keys/{id}", Role::admin, [&keys](const HttpRequest& request) {
                keys.revoke(request.values.at("id"));
                return json_response({{"revoked", 1}});
              }});
}

}  // namespace likeness::serve
