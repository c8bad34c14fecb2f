/// What launchers put into the environment.

#include <map>
#include <string>

#include <gtest/gtest.h>
#include <likeness/train/process_place.h>

#include "support/error_code.h"

namespace likeness {
namespace {

using Variables = std::map<std::string, std::string>;

std::optional<ProcessPlace> place_in(const Variables& variables) {
  return process_place([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

std::string refusal(const Variables& variables) {
  EXPECT_EQ(code_of([&] { place_in(variables); }), ErrorCode::invalid_argument);
  return message_of([&] { place_in(variables); });
}

TEST(ProcessPlace, WithoutALauncherThereIsOneProcess) {
  EXPECT_FALSE(place_in({}));
  EXPECT_FALSE(place_in({{"RANK", "0"}, {"WORLD_SIZE", "1"}}));
  EXPECT_FALSE(place_in({{"MASTER_ADDR", "elsewhere"}}));
}

TEST(ProcessPlace, Torchrun) {
  Variables variables = {{"RANK", "5"},        {"WORLD_SIZE", "8"},       {"LOCAL_RANK", "1"},
                         {"MASTER_PORT", "1"}, {"LOCAL_WORLD_SIZE", "4"}, {"MASTER_ADDR", "gpu7"}};
  const auto place = place_in(variables);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->rank, 5);
  EXPECT_EQ(place->size, 8);
  EXPECT_EQ(place->local_rank, 1);
  EXPECT_EQ(place->local_size, 4);
  EXPECT_EQ(place->address, "gpu7");
  EXPECT_EQ(place->port, 1);
  EXPECT_FALSE(place->launcher_listens);
  variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  variables["TORCHELASTIC_RESTART_COUNT"] = "2";
  EXPECT_TRUE(place_in(variables)->launcher_listens);
  EXPECT_NE(place_in(variables)->meeting.find('2'), std::string::npos);
}

TEST(ProcessPlace, SlurmFindsTheFirstNodeByItself) {
  const Variables variables = {{"SLURM_PROCID", "3"},  {"SLURM_NTASKS", "4"},
                               {"SLURM_LOCALID", "1"}, {"SLURM_STEP_NODELIST", "gpu[03-04]"},
                               {"SLURM_STEP_ID", "0"}, {"SLURM_JOB_ID", "7001042"}};
  const auto place = place_in(variables);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->rank, 3);
  EXPECT_EQ(place->size, 4);
  EXPECT_EQ(place->local_rank, 1);
  EXPECT_EQ(place->address, "gpu03");
  EXPECT_EQ(place->port, 29500 + 42) << "jobs on one machine have ports of their own";
}

TEST(ProcessPlace, AProcessOfABatchScriptIsAlone) {
  const Variables script = {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}, {"SLURM_JOB_ID", "1"}};
  EXPECT_FALSE(place_in(script));
  Variables told = script;
  told["MASTER_ADDR"] = "node1";
  EXPECT_TRUE(place_in(told));
}

TEST(ProcessPlace, MpirunOnOneMachineNeedsNoAddress) {
  Variables variables = {{"OMPI_COMM_WORLD_RANK", "1"},
                         {"OMPI_COMM_WORLD_SIZE", "2"},
                         {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                         {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"},
                         {"SLURM_PROCID", "0"},
                         {"SLURM_NTASKS", "1"}};
  const auto place = place_in(variables);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->rank, 1);
  EXPECT_EQ(place->address, "127.0.0.1");
  variables["OMPI_COMM_WORLD_SIZE"] = "4";
  EXPECT_NE(refusal(variables).find("MASTER_ADDR"), std::string::npos);
  variables["MASTER_ADDR"] = "node1";
  EXPECT_EQ(place_in(variables)->address, "node1");
  EXPECT_EQ(place_in({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}, {"MASTER_ADDR", "node2"}})->rank, 1);
}

TEST(ProcessPlace, ValuesThatCannotBeAreNamed) {
  const Variables good = {
      {"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}, {"MASTER_PORT", "1234"}};
  ASSERT_TRUE(place_in(good));
  for (const auto& [name, value] :
       Variables{{"RANK", "2"}, {"WORLD_SIZE", "two"}, {"MASTER_PORT", "70000"}}) {
    Variables bad = good;
    bad[name] = value;
    EXPECT_NE(refusal(bad).find(name + "=" + value), std::string::npos);
  }
}

TEST(ProcessPlace, FirstHostOfSlurmsLists) {
  EXPECT_EQ(first_host("login"), "login");
  EXPECT_EQ(first_host("a,b"), "a");
  EXPECT_EQ(first_host("gpu[03-05,9],login"), "gpu03");
  EXPECT_EQ(first_host("rack[7,9]-ib,x"), "rack7-ib");
  EXPECT_EQ(code_of([] { first_host("gpu["); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { first_host("gpu[1"); }), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace likeness
