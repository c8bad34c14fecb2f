#include "serve/style_job_table.h"

#include <algorithm>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "serve/problem.h"

namespace likeness::serve {
namespace {

constexpr int kRetrySeconds = 30;
constexpr double kMillisecondsADay = 24.0 * 60 * 60 * 1000;

bool may_see(const StyleJob& job, const Caller& caller) {
  return caller.role == Role::admin || job.owner == caller.id;
}

/// In the order in which they were made.
bool is_older(const StyleJob& a, const StyleJob& b) {
  return std::pair(a.created_at, a.id) < std::pair(b.created_at, b.id);
}

}  // namespace

void StyleJobTable::take_up(StyleJob job, std::uintmax_t bytes) {
  const std::lock_guard lock(mutex_);
  job.changes = 1;
  const std::string id = job.id;
  entries_[id] = {.job = std::move(job), .bytes = bytes};
}

void StyleJobTable::check_room(const Caller& caller) const {
  const std::lock_guard lock(mutex_);
  check_room_locked(caller);
}

void StyleJobTable::check_room_locked(const Caller& caller) const {
  if (stopping_) throw Problem(503, "stopping", "the service is being stopped", kRetrySeconds);
  std::size_t waiting = 0;
  std::size_t own = 0;
  for (const auto& [id, entry] : entries_) {
    if (entry.job.state == StyleJobState::queued) ++waiting;
    if (!entry.job.finished() && entry.job.owner == caller.id) ++own;
  }
  if (own >= limits_.per_caller)
    throw Problem(429, "quota_exceeded",
                  "you have " + std::to_string(own) +
                      " paintings that are not finished, which is as many as one may have; wait "
                      "for one or cancel it",
                  kRetrySeconds);
  if (waiting >= limits_.waiting)
    throw Problem(503, "busy", std::to_string(waiting) + " paintings wait already; try again later",
                  kRetrySeconds);
}

void StyleJobTable::add(const StyleJob& job, const Caller& caller) {
  const std::lock_guard lock(mutex_);
  check_room_locked(caller);
  Entry& entry = entries_[job.id];
  entry.job = job;
  entry.job.changes = 1;
  changed_.notify_all();
}

const StyleJobTable::Entry& StyleJobTable::visible(const std::string& id,
                                                   const Caller& caller) const {
  const auto found = entries_.find(id);
  if (found == entries_.end() || !may_see(found->second.job, caller))
    throw Error(ErrorCode::not_found, "there is no style job " + in_quotes(id));
  return found->second;
}

std::vector<StyleJob> StyleJobTable::list(const Caller& caller) const {
  const std::lock_guard lock(mutex_);
  std::vector<StyleJob> jobs;
  for (const auto& [id, entry] : entries_)
    if (may_see(entry.job, caller)) jobs.push_back(entry.job);
  std::sort(jobs.begin(), jobs.end(),
            [](const StyleJob& a, const StyleJob& b) { return is_older(b, a); });
  return jobs;
}

StyleJob StyleJobTable::find(const std::string& id, const Caller& caller) const {
  const std::lock_guard lock(mutex_);
  return visible(id, caller).job;
}

StyleJob StyleJobTable::wait(const std::string& id, std::chrono::milliseconds timeout,
                             const Caller& caller,
                             const std::function<bool(const StyleJob&)>& ready) const {
  std::unique_lock lock(mutex_);
  // A job that is taken out meanwhile ends the waiting with not_found.
  changed_.wait_for(lock, timeout, [&] { return stopping_ || ready(visible(id, caller).job); });
  return visible(id, caller).job;
}

StyleJobTable::Entry* StyleJobTable::first_waiting() {
  Entry* first = nullptr;
  for (auto& [id, entry] : entries_)
    if (entry.job.state == StyleJobState::queued &&
        (first == nullptr || is_older(entry.job, first->job)))
      first = &entry;
  return first;
}

std::optional<StyleJob> StyleJobTable::next(std::chrono::milliseconds timeout,
                                            const std::function<void(const StyleJob&)>& begin) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return stopping_ || first_waiting() != nullptr; });
  Entry* entry = first_waiting();
  if (stopping_ || entry == nullptr) return {};
  StyleJob& job = entry->job;
  job.state = StyleJobState::running;
  ++job.attempts;
  if (!job.started_at) job.started_at = milliseconds_now();
  ++job.changes;
  begin(job);
  changed_.notify_all();
  return job;
}

StyleJob StyleJobTable::change(const std::string& id, const Change& change) {
  const std::lock_guard lock(mutex_);
  StyleJob& job = entries_.at(id).job;
  change(job);
  ++job.changes;
  changed_.notify_all();
  return job;
}

void StyleJobTable::set_bytes(const std::string& id, std::uintmax_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found != entries_.end()) found->second.bytes = bytes;
}

std::optional<StyleJob> StyleJobTable::change_waiting(const std::string& id, const Caller& caller,
                                                      const Change& change) {
  const std::lock_guard lock(mutex_);
  if (visible(id, caller).job.state != StyleJobState::queued) return {};
  StyleJob& job = entries_.at(id).job;
  change(job);
  ++job.changes;
  changed_.notify_all();
  return job;
}

bool StyleJobTable::take_out(const std::string& id, const Caller& caller) {
  const std::lock_guard lock(mutex_);
  if (!visible(id, caller).job.finished()) return false;
  entries_.erase(id);
  changed_.notify_all();
  return true;
}

std::vector<StyleJob> StyleJobTable::take_out_old(const StyleJobRetention& keep, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::int64_t, std::string>> finished;
  std::uintmax_t bytes = 0;
  for (const auto& [id, entry] : entries_)
    if (entry.job.finished()) {
      finished.emplace_back(entry.job.finished_at.value_or(0), id);
      bytes += entry.bytes;
    }
  std::sort(finished.begin(), finished.end());
  std::vector<StyleJob> taken;
  for (std::size_t i = 0; i < finished.size(); ++i) {
    const auto& [finished_at, id] = finished[i];
    const bool old = static_cast<double>(now - finished_at) > keep.days * kMillisecondsADay;
    if (!old && finished.size() - i <= keep.jobs && bytes <= keep.bytes) break;
    const auto found = entries_.find(id);
    bytes -= found->second.bytes;
    taken.push_back(found->second.job);
    entries_.erase(found);
  }
  if (!taken.empty()) changed_.notify_all();
  return taken;
}

void StyleJobTable::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

bool StyleJobTable::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

std::size_t StyleJobTable::count(const std::function<bool(const StyleJob&)>& which) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [&which](const auto& entry) { return which(entry.second.job); }));
}

}  // namespace likeness::serve
