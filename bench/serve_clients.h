#pragma once

/// Clients of the service, many at once, and what they saw.

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <httplib.h>

namespace likeness::bench {

struct Answered {
  int status = 0;  ///< 0: no answer
  double ms = 0;
};

/// One request of a client, the `turn`-th.
using Ask = std::function<httplib::Result(httplib::Client& client, std::size_t turn)>;

/// `clients` clients that ask again as soon as they are answered, for so many seconds; with a
/// `rate`, all together so many times a second as far as they are answered in time.
std::vector<Answered> ask_for(double seconds, int port, int clients, const Ask& ask,
                              double rate = 0);

std::map<int, std::size_t> by_status(const std::vector<Answered>& answers);
/// "210 × 200, 4 × no answer".
std::string to_text(const std::vector<Answered>& answers);
/// Of the answers with status 200: their number, and the time that `share` of them stay below.
std::size_t served(const std::vector<Answered>& answers);
double percentile_ms(const std::vector<Answered>& answers, double share);

}  // namespace likeness::bench
