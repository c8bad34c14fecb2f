/// A photo in the style of a painting. The whole library in thirty lines.
///
///     example_paint photo.jpg painting.jpg out.png

#include <exception>
#include <iostream>
#include <stdexcept>
#include <vector>

#include <likeness/core/device.h>
#include <likeness/core/progress.h>
#include <likeness/image/codec.h>
#include <likeness/style/perceptual_network.h>
#include <likeness/style/stylise.h>

using namespace likeness;

int main(int argc, char** argv) {
  try {
    if (argc != 4) throw std::invalid_argument("a photo, a painting and an output, please");

    set_thread_count(0);  // all cores
    const auto device = choose_device("auto");
    const auto network = builtin_perceptual_network(device, {.bf16 = has_fast_bfloat16(device)});
    const std::vector<StyleSource> styles = {{.picture = read_image(argv[2])}};

    Progress silent;
    const StyliseResult result =
        stylise(network, read_image(argv[1]), styles, {.size = 384}, silent, nullptr);
    write_image(argv[3], result.picture);
    std::cout << "J = " << result.costs.total << " after " << result.iterations << " steps\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
