/// Do two photos show one person? The whole library in thirty lines.
///
///     example_same_person anna1.jpg anna2.jpg

#include <exception>
#include <iostream>
#include <stdexcept>

#include <likeness/core/device.h>
#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>
#include <likeness/faces/verifier.h>
#include <likeness/image/codec.h>
#include <likeness/model/store.h>

using namespace likeness;

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::invalid_argument("two photos, please");

    const ModelStore store;  // ~/.cache/likeness; weights are fetched when they are missing
    const auto device = choose_device("auto");
    const FaceDetector detector(store, device);
    const FaceEncoder encoder(store, "duo", device);
    const Verifier verifier(builtin_calibration("duo"), {.fmr = 1e-3});

    const auto encode = [&](const char* path) {
      const Image photo = read_image(path);
      const auto faces = detector.detect(photo);
      if (faces.empty()) throw std::invalid_argument(std::string(path) + ": no face");
      return encoder.encode(photo, faces[main_face(faces, photo.width(), photo.height())]);
    };
    const Verification answer = verifier.compare(encode(argv[1]), encode(argv[2]));
    std::cout << (answer.same_person ? "same person" : "different people") << ", distance "
              << answer.distance << ", threshold " << answer.threshold << '\n';
    return answer.same_person ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
