/// gallery_rules_bench: a person with several examples: is the closest example the better answer,
/// or the centroid of all? On encodings that `likeness evaluate identification --encodings FILE`
/// kept.
///
///     gallery_rules_bench --encodings lfw.safetensors
///
/// Of everybody with five pictures or more, the first 1, 2, 3, 4 are enrolled and the others are
/// probes; people with one picture are strangers.

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <likeness/model/safetensors.h>

namespace {

using namespace likeness;

constexpr std::int64_t kFewestPictures = 5;
constexpr double kFpir = 1e-2;

/// Rows of the encodings of each person, in the order of their pictures.
std::map<std::string, std::vector<std::int64_t>> rows_by_person(const TensorMap& kept) {
  const at::Tensor text = kept.at("pictures").contiguous();
  const at::Tensor row = kept.at("row").contiguous();
  const std::string all(reinterpret_cast<const char*>(text.data_ptr<std::uint8_t>()),
                        static_cast<std::size_t>(text.numel()));
  std::map<std::string, std::vector<std::int64_t>> people;
  std::size_t start = 0;
  for (std::int64_t i = 0; i < row.numel(); ++i) {
    const std::size_t end = std::min(all.find('\n', start), all.size());
    const std::string path = all.substr(start, end - start);
    start = end + 1;
    if (const std::int64_t at = row.data_ptr<std::int64_t>()[i]; at >= 0)
      people[path.substr(0, path.find('/'))].push_back(at);
  }
  return people;
}

/// Squared distances [probes, people]: to the closest of the `examples` rows of each person, or to
/// the centroid of these rows, put back on the sphere.
at::Tensor distances(const at::Tensor& probes, const at::Tensor& gallery, std::int64_t examples,
                     bool centroid) {
  const at::Tensor grouped = gallery.view({-1, examples, gallery.size(1)});
  if (centroid) {
    const at::Tensor mean = grouped.mean(1);
    return 2 - 2 * probes.matmul((mean / mean.norm(2, {1}, true)).t());
  }
  const at::Tensor all = 2 - 2 * probes.matmul(gallery.t());
  return all.view({probes.size(0), -1, examples}).amin(2);
}

void measure(const at::Tensor& encodings,
             const std::map<std::string, std::vector<std::int64_t>>& people,
             std::int64_t examples) {
  std::vector<std::int64_t> enrolled;
  std::vector<std::int64_t> mated;
  std::vector<std::int64_t> mates;
  std::vector<std::int64_t> strangers;
  std::int64_t number = 0;
  for (const auto& [name, rows] : people) {
    if (rows.size() == 1) strangers.push_back(rows[0]);
    if (static_cast<std::int64_t>(rows.size()) < kFewestPictures) continue;
    enrolled.insert(enrolled.end(), rows.begin(), rows.begin() + examples);
    for (std::size_t i = kFewestPictures - 1; i < rows.size(); ++i) {
      mated.push_back(rows[i]);
      mates.push_back(number);
    }
    ++number;
  }
  const auto chosen = [&](const std::vector<std::int64_t>& rows) {
    return encodings.index_select(0, at::tensor(rows));
  };
  if (examples == 1)
    std::printf("%lld people, %zu probes of them, %zu strangers\n", static_cast<long long>(number),
                mated.size(), strangers.size());
  for (const bool centroid : {false, true}) {
    const at::Tensor stranger = std::get<0>(
        distances(chosen(strangers), chosen(enrolled), examples, centroid).amin(1).sort());
    const double threshold =
        stranger[static_cast<std::int64_t>(kFpir * static_cast<double>(stranger.numel()))]
            .item<double>();
    const at::Tensor all = distances(chosen(mated), chosen(enrolled), examples, centroid);
    const at::Tensor right = all.argmin(1).eq(at::tensor(mates));
    const at::Tensor found = right.logical_and(all.amin(1).lt(threshold));
    std::printf("  %lld  %-8s  rank 1 %6.2f %%  FNIR at FPIR 1e-2 %6.2f %%  (distance %.3f)\n",
                static_cast<long long>(examples), centroid ? "centroid" : "closest",
                100 * right.to(at::kFloat).mean().item<double>(),
                100 * (1 - found.to(at::kFloat).mean().item<double>()), threshold);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string file;
  CLI::App app("Several examples of a person: the closest one, or their centroid?");
  app.add_option("--encodings", file, "As likeness evaluate identification --encodings kept them");
  CLI11_PARSE(app, argc, argv);
  if (file.empty()) {
    std::puts("no --encodings: nothing is measured");
    return 0;
  }
  const TensorMap kept = read_safetensors(file).tensors;
  const auto people = rows_by_person(kept);
  std::puts("examples a person, answer, result");
  for (const std::int64_t examples : {1, 2, 3, 4})
    measure(kept.at("encodings").to(at::kFloat), people, examples);
  return 0;
}
