#include "report.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace likeness::bench {
namespace {

using Json = nlohmann::ordered_json;
using Cells = std::vector<std::string>;

std::string row(const Cells& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string heading(const Cells& cells) {
  std::string rule = "|";
  for (std::size_t i = 0; i < cells.size(); ++i) rule += "---|";
  return row(cells) + rule + "\n";
}

std::string name_of(const Measurement& m) {
  return m.encoder + (m.flip ? ", flip" : "");
}

std::string one_face_table(const std::vector<Measurement>& measurements) {
  std::string text = heading(
      {"encoder", "precision", "ms", "fastest", "processor ms", "of dlib's processor time"});
  for (const Measurement& m : measurements)
    text +=
        row({name_of(m), m.precision, number(m.timing.wall_ms, 2), number(m.timing.fastest_ms, 2),
             number(m.timing.processor_ms, 2), number(m.to_dlib, 2)});
  return text;
}

double faces_per_second(const Measurement& m) {
  return 1e3 * m.faces / m.timing.wall_ms;
}

std::string batch_table(const std::vector<Measurement>& measurements) {
  std::string text = heading({"encoder", "precision", "threads", "batch", "faces a second",
                              "processor ms a face", "of dlib's rate on one thread"});
  for (const Measurement& m : measurements)
    text += row({name_of(m), m.precision, std::to_string(m.threads), std::to_string(m.faces),
                 number(faces_per_second(m), 1), number(m.timing.processor_ms / m.faces, 2),
                 number(1 / m.to_dlib, 2)});
  return text;
}

Json to_json(const Measurement& m) {
  return {{"encoder", m.encoder},
          {"precision", m.precision},
          {"flip", m.flip},
          {"threads", m.threads},
          {"faces", m.faces},
          {"wall_ms", m.timing.wall_ms},
          {"fastest_ms", m.timing.fastest_ms},
          {"processor_ms", m.timing.processor_ms},
          {"faces_per_second", faces_per_second(m)},
          {"time_to_dlib", m.to_dlib}};
}

Json to_json(const std::vector<Measurement>& measurements) {
  Json list = Json::array();
  for (const Measurement& m : measurements) list.push_back(to_json(m));
  return list;
}

Json to_json(const std::vector<Agreement>& answers) {
  Json list = Json::array();
  for (const Agreement& answer : answers)
    list.push_back({{"what", answer.what},
                    {"faces", answer.faces},
                    {"largest_difference", answer.difference},
                    {"tolerance", answer.tolerance}});
  return list;
}

std::string scientific(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1e", value);
  return text.data();
}

}  // namespace

double time_a_face(const Measurement& m) {
  return (m.threads == 1 ? m.timing.processor_ms : m.timing.wall_ms) / m.faces;
}

bool all_met(const std::vector<Bar>& bars) {
  return std::all_of(bars.begin(), bars.end(), [](const Bar& bar) { return bar.met(); });
}

std::string to_text(const Machine& machine) {
  return machine.processor + ", " + std::to_string(machine.cores) + " cores, " +
         machine.instructions + ", load " + number(machine.load, 1) + "; LibTorch " +
         machine.libtorch + ", oneDNN " + machine.onednn + ", dlib " + machine.dlib + ", " +
         machine.blas + "\n";
}

Json to_json(const Machine& machine) {
  return {{"processor", machine.processor}, {"instructions", machine.instructions},
          {"cores", machine.cores},         {"load", machine.load},
          {"libtorch", machine.libtorch},   {"onednn", machine.onednn},
          {"dlib", machine.dlib},           {"blas", machine.blas}};
}

std::string to_text(const std::vector<Agreement>& answers) {
  std::string text = heading({"answer and reference", "faces", "largest difference", "allowed"});
  for (const Agreement& answer : answers)
    text += row({answer.what, std::to_string(answer.faces), scientific(answer.difference),
                 scientific(answer.tolerance)});
  return text;
}

std::string to_text(const std::vector<Bar>& bars) {
  std::string text = heading({"bar", "measured", "limit", ""});
  for (const Bar& bar : bars)
    text += row({bar.what, number(bar.measured, 2) + bar.unit,
                 (bar.at_most ? "≤ " : "≥ ") + number(bar.limit, 2) + bar.unit,
                 bar.met() ? "met" : "MISSED"});
  return text;
}

Json to_json(const std::vector<Bar>& bars) {
  Json list = Json::array();
  for (const Bar& bar : bars)
    list.push_back({{"what", bar.what},
                    {"measured", bar.measured},
                    {bar.at_most ? "at_most" : "at_least", bar.limit},
                    {"met", bar.met()}});
  return list;
}

std::string to_text(const EncodeReport& report) {
  return to_text(report.machine) + "Medians of " + std::to_string(report.rounds) +
         " rounds in which all took turns.\n\n" + to_text(report.answers) +
         "\nOne aligned face, one thread, warm:\n\n" + one_face_table(report.one_face) +
         "\nThroughput:\n\n" + batch_table(report.batches) + "\n" + to_text(report.bars);
}

Json to_json(const EncodeReport& report) {
  return {{"machine", to_json(report.machine)},    {"rounds", report.rounds},
          {"answers", to_json(report.answers)},    {"one_face", to_json(report.one_face)},
          {"throughput", to_json(report.batches)}, {"bars", to_json(report.bars)}};
}

std::string number(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

}  // namespace likeness::bench
