#include <charconv>
#include <cstdlib>
#include <cstring>

#include <likeness/core/error.h>
#include <likeness/train/process_place.h>

namespace likeness {
namespace {

constexpr int kMostProcesses = 1'000'000;

/// Reads whole numbers and text from the environment.
class Environment {
 public:
  explicit Environment(const EnvironmentLookup& lookup) : lookup_(lookup) {}

  bool has(const char* name) const { return !text(name).empty(); }
  std::string text(const char* name) const {
    const char* value = lookup_(name);
    return value == nullptr ? std::string() : value;
  }
  /// `absent` where the variable is not set.
  int number(const char* name, int lowest, int highest, int absent) const {
    const std::string value = text(name);
    if (value.empty()) return absent;
    int number = 0;
    const char* end = value.data() + value.size();
    const auto [stop, failure] = std::from_chars(value.data(), end, number);
    if (failure != std::errc() || stop != end || number < lowest || number > highest)
      throw Error(ErrorCode::invalid_argument,
                  std::string(name) + "=" + value + " in the environment: a whole number from " +
                      std::to_string(lowest) + " to " + std::to_string(highest) + " is expected");
    return number;
  }

 private:
  const EnvironmentLookup& lookup_;
};

/// The variables of one kind of launcher.
struct Launcher {
  const char* rank;
  const char* size;
  const char* local_rank;
  const char* local_size;
};
constexpr Launcher kTorchrun = {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"};
constexpr Launcher kOpenMpi = {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
                               "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"};
constexpr Launcher kPmi = {"PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"};
constexpr Launcher kSlurm = {"SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID",
                             "SLURM_NTASKS_PER_NODE"};

/// Slurm's variables are those of the whole job in a batch script too, where one process runs.
bool in_slurm_step(const Environment& environment) {
  return environment.has("SLURM_STEP_ID") || environment.has("MASTER_ADDR");
}

const Launcher* find_launcher(const Environment& environment) {
  for (const Launcher* launcher : {&kTorchrun, &kOpenMpi, &kPmi, &kSlurm}) {
    if (!environment.has(launcher->rank) || !environment.has(launcher->size)) continue;
    if (launcher != &kSlurm || in_slurm_step(environment)) return launcher;
  }
  return nullptr;
}

std::string address_of(const Environment& environment, const Launcher* launcher,
                       const ProcessPlace& place) {
  if (environment.has("MASTER_ADDR")) return environment.text("MASTER_ADDR");
  if (launcher == &kSlurm)
    for (const char* list : {"SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST"})
      if (environment.has(list)) return first_host(environment.text(list));
  if (place.local_size == place.size) return place.address;
  throw Error(ErrorCode::invalid_argument,
              std::string(launcher->size) + "=" + std::to_string(place.size) +
                  ", but nothing says where process 0 is: set MASTER_ADDR to its machine's name "
                  "(and MASTER_PORT to a free port there) for all processes");
}

std::uint16_t port_of(const Environment& environment, const Launcher* launcher,
                      std::uint16_t usual) {
  // Jobs that share a machine keep out of each other's way.
  constexpr int kPorts = 1000;
  int port = usual;
  if (launcher == &kSlurm) port += environment.number("SLURM_JOB_ID", 0, 2'147'483'647, 0) % kPorts;
  return static_cast<std::uint16_t>(environment.number("MASTER_PORT", 1, 65535, port));
}

}  // namespace

std::string first_host(const std::string& node_list) {
  const auto bracket = node_list.find_first_of("[,");
  if (bracket == node_list.npos || node_list[bracket] == ',') return node_list.substr(0, bracket);
  const auto end = node_list.find_first_of("-,]", bracket);
  const std::string number =
      end == node_list.npos ? std::string() : node_list.substr(bracket + 1, end - bracket - 1);
  const auto close = node_list.find(']', bracket);
  if (number.empty() || close == node_list.npos)
    throw Error(ErrorCode::invalid_argument,
                "the list of nodes '" + node_list + "' cannot be read; set MASTER_ADDR instead");
  const auto next = node_list.find(',', close);
  return node_list.substr(0, bracket) + number +
         node_list.substr(close + 1, next == node_list.npos ? next : next - close - 1);
}

std::optional<ProcessPlace> process_place(const EnvironmentLookup& lookup) {
  const Environment environment(lookup);
  const Launcher* launcher = find_launcher(environment);
  if (launcher == nullptr) return std::nullopt;
  ProcessPlace place;
  place.size = environment.number(launcher->size, 1, kMostProcesses, 1);
  if (place.size == 1) return std::nullopt;
  place.rank = environment.number(launcher->rank, 0, place.size - 1, 0);
  place.local_size = environment.number(launcher->local_size, 1, place.size, 1);
  place.local_rank = environment.number(launcher->local_rank, 0, place.size - 1, 0);
  place.address = address_of(environment, launcher, place);
  place.port = port_of(environment, launcher, place.port);
  if (environment.text("TORCHELASTIC_USE_AGENT_STORE") == "True") {
    place.launcher_listens = true;
    place.meeting = "attempt-" + environment.text("TORCHELASTIC_RESTART_COUNT") + "/";
  }
  return place;
}

std::optional<ProcessPlace> process_place() {
  return process_place([](const char* name) { return std::getenv(name); });
}

}  // namespace likeness
