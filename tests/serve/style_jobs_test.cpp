#include "serve/style_jobs.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>

#include "serve/problem.h"
#include "serve/style_jobs_fixture.h"
#include "support/error_code.h"
#include "support/file_size_limit.h"

namespace likeness::serve {
namespace {

namespace fs = std::filesystem;

template <class Call>
std::string code_thrown_by(const Call& call) {
  try {
    call();
  } catch (const Problem& problem) {
    return problem.code();
  }
  return "none";
}

class StyleJobsTest : public StyleJobsFixture {};

TEST_F(StyleJobsTest, PaintsByDescent) {
  StyleJobs jobs(options());
  const StyleJob ordered = jobs.create(short_order(), kAnna);
  EXPECT_EQ(ordered.state, StyleJobState::queued);
  EXPECT_EQ(ordered.width, 64);
  EXPECT_EQ(ordered.height, 48);
  const StyleJob job = wait_until_finished(jobs, ordered.id);
  ASSERT_EQ(job.state, StyleJobState::done) << (job.error ? job.error->detail : "");
  EXPECT_EQ(job.iteration, 6);
  EXPECT_EQ(job.progress, 1);
  ASSERT_TRUE(job.costs.has_value());
  EXPECT_GT(job.costs->total, 0);
  const StoredPicture result = jobs.result(job.id, kAnna);
  EXPECT_EQ(result.content_type, "image/png");
  EXPECT_EQ(decoded(result).width(), 64);
  EXPECT_EQ(decoded(result).height(), 48);
  EXPECT_EQ(decoded(jobs.content(job.id, kAnna)).width(), 64);
  EXPECT_EQ(job.preview, 6);
  EXPECT_EQ(decoded(jobs.preview(job.id, kAnna)).height(), 48);
  jobs.stop();
  // What was sent is not kept longer than it is needed.
  for (const char* name : {"content", "style-1", "state"})
    EXPECT_FALSE(fs::exists(file(job, name)));
  EXPECT_EQ(record_of(job).state, StyleJobState::done);
}

TEST_F(StyleJobsTest, PaintsInOnePass) {
  StyleJobs jobs(options());
  StyleOrder order = short_order();
  order.options.mode = StyleMode::fast;
  order.options.size = 0;  // the content's
  order.options.format = ImageFormat::jpeg;
  const StyleJob job = wait_until_finished(jobs, jobs.create(order, kAnna).id);
  ASSERT_EQ(job.state, StyleJobState::done);
  EXPECT_EQ(job.progress, 1);
  EXPECT_FALSE(job.costs.has_value());
  const StoredPicture result = jobs.result(job.id, kAnna);
  EXPECT_EQ(result.content_type, "image/jpeg");
  EXPECT_EQ(decoded(result).width(), 80);
  EXPECT_EQ(job.width, 80);
  EXPECT_EQ(code_of([&] { jobs.preview(job.id, kAnna); }), ErrorCode::not_found);
}

TEST_F(StyleJobsTest, PaintsInTheOrderOfTheOrders) {
  StyleJobs jobs(options());
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(jobs.create(short_order(), kAnna).id);
  std::int64_t before = 0;
  for (const std::string& id : ids) {
    const StyleJob job = wait_until_finished(jobs, id);
    EXPECT_GE(*job.started_at, before);
    before = *job.finished_at;
  }
  const auto list = jobs.list(kAnna);
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list.front().id, ids.back());  // newest first
}

TEST_F(StyleJobsTest, ACancelledPaintingKeepsWhatThereIs) {
  StyleJobs jobs(options());
  const std::string id = jobs.create(long_order(), kAnna).id;
  wait_until_painted(jobs, id);
  EXPECT_EQ(code_thrown_by([&] { jobs.result(id, kAnna); }), "not_ready");
  jobs.remove(id, kAnna);
  const StyleJob job = wait_until_finished(jobs, id);
  EXPECT_EQ(job.state, StyleJobState::cancelled);
  ASSERT_TRUE(job.has_result);
  EXPECT_EQ(decoded(jobs.result(id, kAnna)).width(), 224);
  EXPECT_LT(job.progress, 1);
  EXPECT_FALSE(jobs.remove(id, kAnna).has_value());  // the second time removes it
  EXPECT_FALSE(fs::exists(file(job, "job.json").parent_path()));
  EXPECT_EQ(code_of([&] { jobs.find(id, kAnna); }), ErrorCode::not_found);
}

TEST_F(StyleJobsTest, AWaitingJobIsCancelledAtOnce) {
  StyleJobs jobs(options());
  const std::string painted = jobs.create(long_order(), kAnna).id;
  wait_until_painted(jobs, painted);
  const std::string waiting = jobs.create(short_order(), kAnna).id;
  EXPECT_EQ(jobs.counts().waiting, 1U);
  EXPECT_EQ(jobs.counts().painting, 1U);
  const auto job = jobs.remove(waiting, kAnna);
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->state, StyleJobState::cancelled);
  EXPECT_EQ(code_of([&] { jobs.result(waiting, kAnna); }), ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(file(*job, "content")));
  EXPECT_EQ(jobs.find(painted, kAnna).state, StyleJobState::running);
}

TEST_F(StyleJobsTest, OrdersBeyondTheLimitsAreRefused) {
  StyleJobsOptions few = options();
  few.waiting = 2;
  few.per_caller = 2;
  StyleJobs jobs(few);
  wait_until_painted(jobs, jobs.create(long_order(), kAnna).id);
  jobs.create(short_order(), kAnna);
  EXPECT_EQ(code_thrown_by([&] { jobs.create(short_order(), kAnna); }), "quota_exceeded");
  jobs.create(short_order(), kBert);
  EXPECT_EQ(code_thrown_by([&] { jobs.create(short_order(), kAdmin); }), "busy");
  EXPECT_EQ(jobs.list(kAdmin).size(), 3U);
  jobs.stop();
  EXPECT_EQ(code_thrown_by([&] { jobs.create(short_order(), kAdmin); }), "stopping");
}

TEST_F(StyleJobsTest, OthersJobsDoNotExistButForAdmins) {
  StyleJobs jobs(options());
  const std::string id = jobs.create(short_order(), kAnna).id;
  wait_until_finished(jobs, id);
  EXPECT_EQ(jobs.list(kAnna).size(), 1U);
  EXPECT_TRUE(jobs.list(kBert).empty());
  EXPECT_EQ(code_of([&] { jobs.find(id, kBert); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { jobs.content(id, kBert); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { jobs.preview(id, kBert); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { jobs.result(id, kBert); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { jobs.remove(id, kBert); }), ErrorCode::not_found);
  EXPECT_EQ(jobs.list(kAdmin).size(), 1U);
  EXPECT_FALSE(jobs.result(id, kAdmin).bytes.empty());
}

TEST_F(StyleJobsTest, IdsThatAreNoneNeverBecomePaths) {
  StyleJobs jobs(options());
  for (const char* id :
       {"", "..", "../../etc/passwd", "lock", "0123456789ABCDEF0123456789abcdef"}) {
    EXPECT_EQ(code_of([&] { jobs.content(id, kAdmin); }), ErrorCode::not_found);
    EXPECT_EQ(code_of([&] { jobs.remove(id, kAdmin); }), ErrorCode::not_found);
    EXPECT_FALSE(is_job_id(id));
  }
  EXPECT_TRUE(is_job_id(new_job_id()));
  EXPECT_NE(new_job_id(), new_job_id());
}

TEST_F(StyleJobsTest, BadPicturesAreRefusedWithTheOrder) {
  StyleJobs jobs(options());
  StyleOrder order = short_order();
  order.content = "no picture";
  EXPECT_EQ(code_of([&] { jobs.create(order, kAnna); }), ErrorCode::unsupported_format);
  order = short_order();
  const std::string cut = style_file().substr(0, style_file().size() / 2);
  order.styles = {style_file(), cut};
  EXPECT_NE(message_of([&] { jobs.create(order, kAnna); }).find("style"), std::string::npos);
  EXPECT_TRUE(jobs.list(kAdmin).empty());
  for (const auto& entry : fs::directory_iterator(folder_.path() / "style"))
    EXPECT_EQ(entry.path().filename(), "lock");
}

TEST_F(StyleJobsTest, BrokenRecordsAreLeftOutAndSaid) {
  const StyleJob broken = left_behind([](StyleJob&) {});
  const StyleJob other = left_behind([](StyleJob&) {});
  const StyleJob unfinished = left_behind([](StyleJob&) {});
  const StyleJob good = left_behind([](StyleJob&) {});
  write_file(file(broken, "job.json"), "{\"id\": 5");
  fs::copy_file(file(good, "job.json"), file(other, "job.json"),
                fs::copy_options::overwrite_existing);
  fs::remove(file(unfinished, "job.json"));
  StyleJobs jobs(options());
  ASSERT_EQ(jobs.list(kAdmin).size(), 1U);
  EXPECT_EQ(wait_until_finished(jobs, good.id).state, StyleJobState::done);
  EXPECT_TRUE(log_.has(broken.id + " is left out"));
  EXPECT_TRUE(log_.has(other.id + " is left out"));
  EXPECT_TRUE(log_.has(unfinished.id + ": was never finished"));
  EXPECT_TRUE(fs::exists(file(broken, "content")));  // for whoever repairs it
  EXPECT_FALSE(fs::exists(file(unfinished, "content")));
}

TEST_F(StyleJobsTest, EveryHalfOfARecordIsRefused) {
  StyleJob job{.id = new_job_id(), .owner = kAnna.id};
  job.state = StyleJobState::failed;
  job.width = job.height = 10;
  job.finished_at = 5;
  job.error = StyleJobError{"internal", "why"};
  job.costs = Costs{.content = 1, .style = 2, .total = 3};
  const std::string record = job_record(job);
  EXPECT_EQ(job_record(job_from_record(record, "x")), record);
  for (std::size_t size = 0; size + 2 < record.size(); ++size)
    EXPECT_EQ(code_of([&] { job_from_record(record.substr(0, size), "x"); }),
              ErrorCode::corrupt_file);
  for (const char* text : {"[]", "{}", "null", R"({"id": []})"})
    EXPECT_EQ(code_of([&] { job_from_record(text, "x"); }), ErrorCode::corrupt_file);
  job.width = -1;
  EXPECT_EQ(code_of([&] { job_from_record(job_record(job), "x"); }), ErrorCode::corrupt_file);
}

TEST_F(StyleJobsTest, OldJobsAreRemoved) {
  const std::int64_t day = 24 * 60 * 60 * 1000;
  std::vector<StyleJob> left;
  for (const int days : {9, 5, 3, 1})
    left.push_back(left_behind([&](StyleJob& job) {
      job.state = StyleJobState::done;
      job.finished_at = milliseconds_now() - days * day;
    }));
  const auto there = [&](const StyleJobsOptions& keep) {
    const StyleJobs jobs(keep);
    std::vector<bool> found;
    for (const StyleJob& job : left) found.push_back(fs::exists(file(job, "job.json")));
    EXPECT_EQ(jobs.list(kAdmin).size(),
              static_cast<std::size_t>(std::count(found.begin(), found.end(), true)));
    return found;
  };
  StyleJobsOptions keep = options();
  EXPECT_EQ(there(keep), (std::vector{false, true, true, true}));  // seven days
  keep.keep_jobs = 2;
  EXPECT_EQ(there(keep), (std::vector{false, false, true, true}));
  keep.keep_bytes = 10;
  EXPECT_EQ(there(keep), (std::vector{false, false, false, false}));
}

TEST_F(StyleJobsTest, AFullDiskFailsThePaintingAndNotTheService) {
  StyleJobs jobs(options());
  const std::string painted = jobs.create(long_order(), kAnna).id;
  wait_until_painted(jobs, painted);
  {
    const FileSizeLimit full(16);
    EXPECT_EQ(code_of([&] { jobs.create(short_order(), kAnna); }), ErrorCode::write_failed);
    const StyleJob job = wait_until_finished(jobs, painted);  // its next preview is too large
    EXPECT_EQ(job.state, StyleJobState::failed);
    ASSERT_TRUE(job.error.has_value());
    EXPECT_EQ(job.error->code, "write_failed");
    EXPECT_EQ(job.error->detail.find(folder_.path().string()), std::string::npos);
  }
  EXPECT_TRUE(log_.has(painted + " failed"));
  const StyleJob next = wait_until_finished(jobs, jobs.create(short_order(), kAnna).id);
  EXPECT_EQ(next.state, StyleJobState::done);
}

TEST_F(StyleJobsTest, OneServiceAFolder) {
  const StyleJobs jobs(options());
  EXPECT_EQ(code_of([&] { StyleJobs another(options()); }), ErrorCode::unavailable);
}

TEST_F(StyleJobsTest, AStopEndsAllWaiting) {
  StyleJobs jobs(options());
  const std::string painted = jobs.create(long_order(), kAnna).id;
  const std::string waiting = jobs.create(short_order(), kAnna).id;
  wait_until_painted(jobs, painted);
  const std::uint64_t seen = jobs.find(waiting, kAnna).changes;
  std::thread waiter([&] {
    EXPECT_EQ(jobs.wait_for_change(waiting, seen, std::chrono::hours(1), kAnna).state,
              StyleJobState::queued);
  });
  jobs.stop();
  waiter.join();
  EXPECT_TRUE(jobs.stopping());
}

}  // namespace
}  // namespace likeness::serve
