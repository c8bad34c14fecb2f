#pragma once

/// What tests of StyleJobs share: a folder of their own, jobs that a service left, their records.

#include <filesystem>
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <likeness/core/files.h>

#include "serve/style_job_files.h"
#include "serve/style_jobs.h"
#include "serve/style_samples.h"

namespace likeness::serve {

class StyleJobsFixture : public testing::Test {
 protected:
  StyleJobsOptions options() {
    return {.folder = folder_.path() / "style", .threads = 1, .log = log_.writer()};
  }
  std::filesystem::path file(const StyleJob& job, const char* name) {
    return folder_.path() / "style" / job.id / name;
  }
  /// A job's folder as a service leaves it, that has no service.
  StyleJob left_behind(const std::function<void(StyleJob&)>& change) {
    const StyleJobFiles files(folder_.path() / "style");
    StyleJob job{.id = new_job_id(), .owner = kAnna.id, .options = short_order().options};
    job.created_at = milliseconds_now();
    job.width = 64;
    job.height = 48;
    change(job);
    files.create(job, content_file(), {style_file()}, Image(64, 48));
    return job;
  }
  StyleJob record_of(const StyleJob& job) {
    const Bytes bytes = read_file(file(job, "job.json"), 1 << 20);
    return job_from_record(std::string(bytes.begin(), bytes.end()), "job.json");
  }

  TemporaryFolder folder_;
  Log log_;
};

}  // namespace likeness::serve
