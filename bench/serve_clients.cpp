#include "serve_clients.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

namespace likeness::bench {

using Clock = std::chrono::steady_clock;

std::vector<Answered> ask_for(double seconds, int port, int clients, const Ask& ask, double rate) {
  const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                   std::chrono::duration<double>(seconds));
  std::mutex mutex;
  std::vector<Answered> all;
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&, i] {
      std::vector<Answered> own;
      for (std::size_t turn = static_cast<std::size_t>(i); Clock::now() < end;
           turn += static_cast<std::size_t>(clients)) {
        httplib::Client client("127.0.0.1", port);
        client.set_tcp_nodelay(true);
        client.set_read_timeout(120);
        const Clock::time_point start = Clock::now();
        const httplib::Result result = ask(client, turn);
        own.push_back({result ? result->status : 0,
                       std::chrono::duration<double, std::milli>(Clock::now() - start).count()});
        if (rate > 0)
          std::this_thread::sleep_until(
              std::min(end, start + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(clients / rate))));
      }
      const std::scoped_lock lock(mutex);
      all.insert(all.end(), own.begin(), own.end());
    });
  for (std::thread& thread : threads) thread.join();
  return all;
}

std::map<int, std::size_t> by_status(const std::vector<Answered>& answers) {
  std::map<int, std::size_t> counts;
  for (const Answered& answer : answers) ++counts[answer.status];
  return counts;
}

std::string to_text(const std::vector<Answered>& answers) {
  std::string text;
  for (const auto& [status, count] : by_status(answers))
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " × " +
            (status == 0 ? "no answer" : std::to_string(status));
  return text;
}

std::size_t served(const std::vector<Answered>& answers) {
  return static_cast<std::size_t>(std::count_if(
      answers.begin(), answers.end(), [](const Answered& each) { return each.status == 200; }));
}

double percentile_ms(const std::vector<Answered>& answers, double share) {
  std::vector<double> times;
  for (const Answered& answer : answers)
    if (answer.status == 200) times.push_back(answer.ms);
  if (times.empty()) return 0;
  std::sort(times.begin(), times.end());
  const auto place = static_cast<std::size_t>(share * static_cast<double>(times.size()));
  return times[std::min(place, times.size() - 1)];
}

}  // namespace likeness::bench
