#pragma once

/// Looking after keys over HTTP: GET and POST /v1/keys, DELETE /v1/keys/{id}, for administrators.

#include <functional>
#include <optional>
#include <string>

#include <likeness/serve/api_keys.h>

#include "serve/router.h"

namespace likeness::serve {

/// When a key, by its id, was last used, as utc_now() writes it.
using LastUsed = std::function<std::optional<std::string>(const std::string&)>;

/// `keys` must live as long as the router; `last_used` may be unset.
void add_key_routes(Router& router, ApiKeys& keys, const LastUsed& last_used);

}  // namespace likeness::serve
