/// A program outside Likeness: makes a picture, encodes it, reads it back.

#include <iostream>
#include <string>

#include <likeness/core/version.h>
#include <likeness/image/codec.h>

int main(int argc, char** argv) {
  if (argc != 2 || std::string(argv[1]) != likeness::kVersion) {
    std::cerr << "the installed version is " << likeness::kVersion << '\n';
    return 1;
  }
  likeness::Image picture(24, 16);
  picture.row(3)[5] = 200;
  const auto bytes = likeness::encode_image(picture, likeness::ImageFormat::png);
  if (likeness::decode_image(bytes, "picture.png") != picture) {
    std::cerr << "the picture changed on its way through a PNG\n";
    return 1;
  }
  std::cout << "likeness " << likeness::kVersion << ": " << bytes.size() << " bytes of PNG\n";
}
