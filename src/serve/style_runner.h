#pragma once

/// The thread that paints the jobs of a table, one after the other, at a low priority so that faces
/// go first.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "serve/style_job_files.h"
#include "serve/style_job_table.h"
#include "serve/style_painting.h"

namespace likeness::serve {

struct StyleRunnerOptions {
  StylePaintingOptions painting = {};
  int threads = 0;  ///< 0: all cores
  std::function<void(const std::string&)> log;
  std::function<void()> tidy;  ///< called after each job, and now and then
};

class StyleRunner {
 public:
  /// `table` and `files` must live longer.
  StyleRunner(StyleJobTable& table, const StyleJobFiles& files, StyleRunnerOptions options);
  ~StyleRunner();  ///< as stop()
  StyleRunner(const StyleRunner&) = delete;
  StyleRunner& operator=(const StyleRunner&) = delete;

  /// Asks for the end of this job's painting, if it is painted; it ends as cancelled soon.
  void cancel(const std::string& id);
  /// Stops the table and the painting at hand, which waits for the next start with its state.
  /// Returns when the thread has ended.
  void stop();

 private:
  void work();
  void paint(const StyleJob& job);
  StylePaintingEvents events_of(const StyleJob& job);
  void end(const StyleJob& job, const StylePainted& painted, bool by_client);
  void fail(const StyleJob& job, const std::exception_ptr& thrown);
  void put_back(const StyleJob& job, double seconds);
  void finish(const StyleJob& job, StyleJobState state, const StyleJobTable::Change& change);
  void write_record(const StyleJob& job);

  StyleJobTable& table_;
  const StyleJobFiles& files_;
  StyleRunnerOptions options_;
  StyleBrushes brushes_;  ///< of the thread

  std::mutex mutex_;        ///< for the three below
  std::string painted_;     ///< the id of the job that is painted; empty: none
  bool by_client_ = false;  ///< a client has cancelled it
  std::unique_ptr<Cancellation> cancellation_;

  std::once_flag stopped_;
  std::thread thread_;
};

}  // namespace likeness::serve
