#pragma once

/// Where a process stands among those that train together, as their launcher says it in the
/// environment: torchrun, Slurm's srun, or mpirun (Open MPI, MPICH and Intel MPI). Pure functions.
///
///     torchrun --no_python --nproc_per_node 2 likeness train siamese …
///     srun --ntasks 2 likeness train siamese …
///     mpirun -n 2 likeness train siamese …

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace likeness {

struct ProcessPlace {
  int rank = 0;  ///< 0 … size − 1; process 0 writes what the run leaves behind
  int size = 1;
  int local_rank = 0;                 ///< among the processes of this machine: which GPU is its own
  int local_size = 1;                 ///< processes of this machine
  std::string address = "127.0.0.1";  ///< of process 0's machine
  std::uint16_t port = 29500;         ///< where process 0 is to be found there
  /// torchrun keeps the meeting point itself; elsewhere process 0 does.
  bool launcher_listens = false;
  std::string meeting = {};  ///< prefix of all names there, another after each restart
};

/// The value of an environment variable; null where it is not set.
using EnvironmentLookup = std::function<const char*(const char* name)>;

/// Nothing when no launcher has started this process, or it has started one alone.
/// RANK and WORLD_SIZE (torchrun), else OMPI_COMM_WORLD_RANK and _SIZE, else PMI_RANK and PMI_SIZE,
/// else SLURM_PROCID and SLURM_NTASKS (in a step of srun, or with MASTER_ADDR). MASTER_ADDR and
/// MASTER_PORT say where process 0 is; without them Slurm's list of nodes and the job's number do,
/// and for mpirun 127.0.0.1 where all processes share the machine.
/// Throws Error(invalid_argument) with the variable for a value that cannot be, and when nothing
/// says where process 0 is.
std::optional<ProcessPlace> process_place(const EnvironmentLookup& environment);
/// Of this process's own environment.
std::optional<ProcessPlace> process_place();

/// The first host of Slurm's compact lists: "gpu[03-05,9],login" → "gpu03".
std::string first_host(const std::string& node_list);

}  // namespace likeness
