#include "train/training_team.h"

#include <string>

#include <likeness/core/error.h>
#include <nlohmann/json.hpp>

#include "train/joined_rows.h"

namespace likeness {

void TrainingTeam::agree_on(const RunSettings& settings) const {
  if (processes_ == nullptr) return;
  const RunSettings first =
      nlohmann::json::parse(processes_->broadcast(nlohmann::json(settings).dump()));
  if (processes_->any(first != settings)) {
    check_same_run(first, settings);
    throw Error(ErrorCode::invalid_argument,
                "another process was started with other options, faces or network than process 0; "
                "its message says which");
  }
}

void TrainingTeam::agree_on_start(std::int64_t step) const {
  if (processes_ == nullptr) return;
  const std::int64_t of_first = std::stoll(processes_->broadcast(std::to_string(step)));
  if (!processes_->any(of_first != step)) return;
  throw Error(ErrorCode::invalid_argument, "process " + std::to_string(rank()) +
                                               " would go on from step " + std::to_string(step) +
                                               ", process 0 from step " + std::to_string(of_first) +
                                               "; all processes must see the same --out folder");
}

void TrainingTeam::share_state(at::Tensor state) const {
  if (processes_ != nullptr) processes_->broadcast(state);
}

ValidationMeasures TrainingTeam::shared(const ValidationMeasures& measures) const {
  return processes_ == nullptr ? measures
                               : parse_validation(processes_->broadcast(to_json(measures)));
}

net::SumOverProcesses TrainingTeam::sum() const {
  if (processes_ == nullptr) return nullptr;
  return [processes = processes_](at::Tensor& tensor) { processes->sum(tensor); };
}

at::Tensor TrainingTeam::joined(const at::Tensor& own, std::int64_t rows) const {
  return processes_ == nullptr ? own : joined_rows(*processes_, own, rows);
}

void TrainingTeam::add_up(at::Tensor gradients) const {
  if (processes_ != nullptr) processes_->sum(gradients);
}

bool TrainingTeam::stop_requested(const Cancellation* cancellation) const {
  const bool own = cancellation != nullptr && cancellation->requested();
  return processes_ == nullptr ? own : processes_->any(own);
}

}  // namespace likeness
