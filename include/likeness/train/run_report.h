#pragma once

/// The report of a training run: one self-contained page (no script, nothing loaded from elsewhere)
/// with the curves of its log, the ROC of the validation people, the pairs that came out worst as
/// pictures, and the model's card. A run that has not ended yet is shown as far as it is. Safe to
/// call from many threads.
///
///     write_file("run/report.html", run_report_html("run"));

#include <filesystem>
#include <string>

namespace likeness {

/// `run`: a folder that train_siamese wrote to; `log`: where its log is (empty: log.jsonl in it). A
/// picture that is no longer there is named instead of shown. Throws Error: not_found (no such
/// folder, or no log; says what is missing), corrupt_file (the log or validation.json is damaged).
std::string run_report_html(const std::filesystem::path& run,
                            const std::filesystem::path& log = {});

}  // namespace likeness
