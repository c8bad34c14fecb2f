#include <string>

#include <likeness/model/local_model.h>

namespace likeness {
namespace {

/// A cell of a Markdown table: on one line, without a bar that would end it.
std::string cell(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|') safe += '\\';
    safe += c == '\n' || c == '\r' ? ' ' : c;
  }
  return safe;
}

std::string row(const std::string& name, const std::string& value) {
  return value.empty() ? "" : "| " + cell(name) + " | " + cell(value) + " |\n";
}

/// "projection_head (dimensions 320)"
std::string architecture(const ModelEntry& entry) {
  std::string settings;
  for (const auto& [name, value] : entry.settings)
    settings += (settings.empty() ? "" : ", ") + name + " " + value;
  return settings.empty() ? entry.architecture : entry.architecture + " (" + settings + ")";
}

std::string parts(const ModelEntry& entry) {
  std::string text;
  for (const std::string& part : entry.parts) text += (text.empty() ? "" : " and ") + part;
  return text;
}

constexpr char kTable[] = "|  |  |\n|---|---|\n";

constexpr char kFaceLimits[] = R"(
## Limits

- The figures hold for photos and people like those that were measured. Other cameras, ages, poses
  or groups of people may fare worse: `likeness evaluate verification --groups` tells.
- A threshold comes from `likeness calibrate` on pairs of your own; distances of different models
  cannot be compared.
- Whether a living person stands before the camera is not looked at.
)";

constexpr char kPerceptualLimits[] = R"(
## Limits

- It stands for its teacher in costs of style and content, lifted to the teacher's channels; it was
  not trained to recognise anything.
- The figures hold for pictures like those that were measured: photos and paintings. What a painting
  is worth is judged by the teacher's own costs.
)";

constexpr char kPainterLimits[] = R"(
## Limits

- It paints what a few small pictures taught it: colours and the texture of strokes carry over well,
  large shapes of a style (whole swirls, faces) hardly. Descent (`likeness style` without --fast, or
  `--refine`) goes further.
- The figures hold for photos and paintings like those that were measured, under the network that it
  learned from.
)";

const char* limits_of(const std::string& task) {
  if (task == "perceptual network") return kPerceptualLimits;
  return task == "painter" ? kPainterLimits : kFaceLimits;
}

}  // namespace

std::string model_card(const ModelEntry& entry) {
  std::string card = "# " + entry.id + "\n\n" + entry.summary + "\n\n" + kTable;
  card += row("task", entry.task) + row("architecture", architecture(entry)) +
          row("works on the output of", parts(entry)) + row("input", entry.input) +
          row("weights", entry.file.filename().string() + ", " + std::to_string(entry.bytes) +
                             " bytes, SHA-256 " + entry.sha256) +
          row("licence", entry.licence);
  if (!entry.training.empty()) {
    card += std::string("\n## Training\n\n") + kTable;
    for (const auto& [name, value] : entry.training) card += row(name, value);
  }
  card += "\n## Measured quality\n\n" + (entry.quality.empty() ? "Not measured." : entry.quality) +
          "\n";
  return card + limits_of(entry.task);
}

}  // namespace likeness
