#include "layering/include_rules.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

namespace likeness::layering {
namespace {

namespace fs = std::filesystem;
using Rooms = std::set<std::string>;

Rooms operator+(Rooms rooms, const Rooms& more) {
  rooms.insert(more.begin(), more.end());
  return rooms;
}

/// core → image → net → model → { faces → gallery , style } → evaluate → { train , serve } → apps:
/// each room with the rooms that it may include beside itself.
const std::map<std::string, Rooms>& allowed_rooms() {
  static const Rooms kBase = {"core", "image", "net", "model"};
  static const Rooms kAnswers = kBase + Rooms{"faces", "gallery", "style"};
  static const Rooms kJudged = kAnswers + Rooms{"evaluate"};
  static const std::map<std::string, Rooms> kAllowed = {
      {"core", {}},
      {"image", {"core"}},
      {"net", {"core", "image"}},
      {"model", {"core", "image", "net"}},
      {"faces", kBase},
      {"gallery", kBase + Rooms{"faces"}},
      {"style", kBase},
      {"evaluate", kAnswers},
      {"train", kJudged},
      {"serve", kJudged},
      {"apps", kJudged + Rooms{"train", "serve"}},  // and bench, examples
  };
  return kAllowed;
}

bool is_room(const std::string& name) {
  return name != "apps" && allowed_rooms().contains(name);
}

std::string part(const fs::path& path, int index) {
  auto it = path.begin();
  while (index-- > 0 && it != path.end()) ++it;
  return it == path.end() ? std::string() : it->string();
}

/// Whose rules a file follows; nothing for helpers of the tests.
std::optional<std::string> room_of(const fs::path& file) {
  const std::string top = part(file, 0);
  if (top == "include") return part(file, 2);
  if (top == "src") return part(file, 1);
  if (top == "tests") return is_room(part(file, 1)) ? std::optional(part(file, 1)) : std::nullopt;
  return "apps";
}

class Checker {
 public:
  explicit Checker(fs::path root) : root_(std::move(root)) {}

  void check(const fs::path& file) {
    file_ = file;
    const bool is_public = part(file, 0) == "include";
    const auto room = room_of(file);
    if (room && *room != "apps" && !is_room(*room)) {
      report(1, "lies in no known room; the rooms are listed in tests/layering/include_rules.cpp");
      return;
    }
    const std::string source = read_text(root_ / file);
    if (file.extension() == ".h" && source.find("#pragma once") == std::string::npos)
      report(1, "has no #pragma once");
    for (const Include& include : find_includes(source)) {
      if (is_public) check_public(include);
      if (room) check_room(*room, include);
    }
  }

  std::vector<std::string> take() {
    std::sort(broken_.begin(), broken_.end());
    return std::move(broken_);
  }

 private:
  void report(int line, const std::string& what) {
    broken_.push_back(file_.generic_string() + ":" + std::to_string(line) + ": " + what);
  }

  /// Only the standard library, Likeness and LibTorch, none of them as a whole.
  void check_public(const Include& include) {
    if (!include.angle) {
      report(include.line, "public header includes \"" + include.name + "\"; use <likeness/…>");
      return;
    }
    static constexpr std::array kShown = {"likeness/", "torch/", "c10/", "ATen/"};
    const bool standard = include.name.find_first_of("/.") == std::string::npos;
    const bool shown = std::any_of(kShown.begin(), kShown.end(), [&](const char* prefix) {
      return include.name.starts_with(prefix);
    });
    if (include.name == "torch/torch.h")
      report(include.line, "public header includes <torch/torch.h>; <torch/types.h> is enough");
    else if (!standard && !shown)
      report(include.line, "public header shows <" + include.name + "> to everyone");
  }

  void check_room(const std::string& room, const Include& include) {
    const fs::path name = include.name;
    if (part(name, 0) == "likeness") {
      const std::string other = part(name, 1);
      if (other != room && !allowed_rooms().at(room).contains(other))
        report(include.line, room + " must not include " + other + " (<" + include.name + ">)");
      return;
    }
    if (include.angle) return;
    const auto target = resolve(name);
    if (part(target, 0) == "src" && part(target, 1) != room)
      report(include.line, "\"" + include.name + "\" is private to " + part(target, 1));
  }

  /// The project's file that "name" means: beside the including file, below src or tests.
  fs::path resolve(const fs::path& name) const {
    for (const fs::path& folder : {file_.parent_path(), fs::path("src"), fs::path("tests")}) {
      const fs::path candidate = (folder / name).lexically_normal();
      if (fs::exists(root_ / candidate)) return candidate;
    }
    return {};
  }

  fs::path root_;
  fs::path file_;
  std::vector<std::string> broken_;
};

std::string_view trim_left(std::string_view text) {
  const auto start = text.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

}  // namespace

std::vector<Include> find_includes(std::string_view source) {
  std::vector<Include> includes;
  for (int line = 1; !source.empty(); ++line) {
    const auto end = std::min(source.find('\n'), source.size());
    std::string_view text = trim_left(source.substr(0, end));
    source.remove_prefix(std::min(end + 1, source.size()));
    if (!text.starts_with('#')) continue;
    text = trim_left(text.substr(1));
    if (!text.starts_with("include")) continue;
    text = trim_left(text.substr(7));
    if (text.empty() || (text.front() != '<' && text.front() != '"')) continue;
    const bool angle = text.front() == '<';
    const auto close = text.find(angle ? '>' : '"', 1);
    if (close != std::string_view::npos)
      includes.push_back({line, std::string(text.substr(1, close - 1)), angle});
  }
  return includes;
}

std::vector<fs::path> source_files(const fs::path& root, const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(root / folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
    const auto ending = entry.path().extension();
    if (entry.is_regular_file() && (ending == ".h" || ending == ".cpp"))
      files.push_back(entry.path().lexically_relative(root));
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> broken_rules(const fs::path& root) {
  Checker checker(root);
  for (const char* folder : {"include", "src", "tests", "apps", "bench", "examples"}) {
    for (const fs::path& file : source_files(root, folder)) checker.check(file);
  }
  return checker.take();
}

std::vector<std::string> uncompiled_sources(const fs::path& root, const std::string& commands) {
  std::vector<std::string> left_out;
  for (const char* folder : {"src", "apps", "tests", "examples"}) {
    for (const fs::path& file : source_files(root, folder)) {
      // The consumer is a project of its own, and libFuzzer brings its own main.
      const bool elsewhere = file.generic_string().starts_with("tests/consumer/") ||
                             file.filename() == "replay_corpus.cpp";
      const std::string entry = '"' + (root / file).string() + '"';
      if (file.extension() == ".cpp" && !elsewhere && commands.find(entry) == std::string::npos)
        left_out.push_back(file.generic_string());
    }
  }
  return left_out;
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return text;
}

}  // namespace likeness::layering
