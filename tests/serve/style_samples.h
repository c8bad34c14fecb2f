#pragma once

/// Small pictures and orders for tests of paintings, and how to wait for them.

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>

#include "serve/style_jobs.h"
#include "support/drawn_picture.h"
#include "support/temporary_folder.h"

namespace likeness::serve {

inline const Caller kAnna = {.id = "aaaaaaaa", .name = "anna", .role = Role::read};
inline const Caller kBert = {.id = "bbbbbbbb", .name = "bert", .role = Role::read};
inline const Caller kAdmin = {.id = "cccccccc", .name = "chief", .role = Role::admin};

inline std::string png_of(const Image& image) {
  const Bytes bytes = encode_image(image, ImageFormat::png);
  return {bytes.begin(), bytes.end()};
}
inline const std::string& content_file() {
  static const std::string file = png_of(drawn_picture(80, 60));
  return file;
}
inline const std::string& style_file() {
  static const std::string file = png_of(mirror(drawn_picture(64, 96)));
  return file;
}

inline Image decoded(const StoredPicture& picture) {
  return decode_image(picture.bytes, "stored");
}

/// Lines that were logged, from any thread.
class Log {
 public:
  std::function<void(const std::string&)> writer() {
    return [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
    };
  }
  bool has(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    for (const std::string& line : lines_)
      if (line.find(text) != std::string::npos) return true;
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Some steps of descent: a moment.
inline StyleOrder short_order() {
  return {.options = {.size = 64, .format = ImageFormat::png, .iterations = 6},
          .content = content_file(),
          .styles = {style_file()}};
}
/// A descent that no test waits for.
inline StyleOrder long_order() {
  StyleOrder order = short_order();
  order.options.size = 224;
  order.options.iterations = 5000;
  return order;
}

/// Waits until `ready`; fails when that takes minutes.
inline StyleJob wait_until(const StyleJobs& jobs, const std::string& id,
                           const std::function<bool(const StyleJob&)>& ready) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(4);
  std::uint64_t seen = 0;
  StyleJob job = jobs.find(id, kAdmin);
  while (!ready(job)) {
    if (std::chrono::steady_clock::now() > end) {
      ADD_FAILURE() << "job " << id << " is still " << to_string(job.state);
      return job;
    }
    seen = job.changes;
    job = jobs.wait_for_change(id, seen, std::chrono::seconds(10), kAdmin);
  }
  return job;
}
inline StyleJob wait_until_finished(const StyleJobs& jobs, const std::string& id) {
  return wait_until(jobs, id, [](const StyleJob& job) { return job.finished(); });
}
inline StyleJob wait_until_painted(const StyleJobs& jobs, const std::string& id) {
  return wait_until(jobs, id, [](const StyleJob& job) {
    return job.state == StyleJobState::running && job.iteration > 0;
  });
}

}  // namespace likeness::serve
