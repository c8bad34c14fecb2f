#include <cstddef>

#include <likeness/evaluate/page.h>
#include <likeness/evaluate/text.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>

namespace likeness {
namespace {

constexpr const char* kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
:root { --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d0d7de; --card: #f6f8fa; }
@media (prefers-color-scheme: dark) {
:root { --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #30363d; --card: #151b23; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--paper);
       color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 1rem 0.3rem 0; text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
p.soft, td.soft, figcaption { color: var(--soft); }
svg { max-width: 100%; height: auto; }
.failures { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
figure { background: var(--card); border: 1px solid var(--line); border-radius: 6px; margin: 0;
         padding: 0.8rem; }
figure .pictures { display: flex; gap: 0.5rem; }
figure img { border-radius: 4px; height: 7.5rem; }
figcaption { font-size: 0.85rem; margin-top: 0.5rem; overflow-wrap: anywhere; }
figcaption strong { color: var(--ink); }
</style>
)";

}  // namespace

std::string page_start(const std::string& title) {
  return std::string(kHead) + "<title>" + escaped(title) + "</title>\n</head>\n<body>\n<h1>" +
         escaped(title) + "</h1>\n";
}

std::string page_end() {
  return "</body>\n</html>\n";
}

std::string number_table(const std::vector<std::string>& names,
                         const std::vector<std::vector<std::string>>& rows) {
  std::string html = "<table>\n<tr>";
  for (const std::string& name : names) html += "<th>" + escaped(name) + "</th>";
  html += "</tr>\n";
  for (const std::vector<std::string>& row : rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i)
      html += (i == 0 ? "<td>" : "<td class=\"number\">") + escaped(row[i]) + "</td>";
    html += "</tr>\n";
  }
  return html + "</table>\n";
}

std::string embedded_picture(const std::string& name, const PictureSource& source) {
  constexpr int kMaxSide = 160;
  return embedded_picture(name, source(name), kMaxSide);
}

std::string embedded_picture(const std::string& name, const Image& picture, int max_side) {
  constexpr int kQuality = 85;
  const Bytes jpeg = encode_image(resize_to_fit(picture, max_side), ImageFormat::jpeg, kQuality);
  return "<img alt=\"" + escaped(name) + "\" src=\"data:image/jpeg;base64," + base64(jpeg) + "\">";
}

}  // namespace likeness
