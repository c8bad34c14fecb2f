#include "dlib_resnet.h"

#include <algorithm>
#include <stdexcept>

#include <dlib/dnn.h>
#include <dlib/revision.h>

namespace likeness {
namespace {

constexpr long kSize = 150;

// The layers, as dlib's dnn_face_recognition_ex.cpp describes them: 3 × 3 convolutions in pairs
// with a shortcut round each pair.
template <long filters, int stride, class Below>
using conv3 = dlib::affine<dlib::con<filters, 3, 3, stride, stride, Below>>;
template <long filters, int stride, class Below>
using pair = conv3<filters, 1, dlib::relu<conv3<filters, stride, Below>>>;
template <long filters, class Below>
using keep = dlib::relu<dlib::add_prev1<pair<filters, 1, dlib::tag1<Below>>>>;
template <long filters, class Below>
using halve = dlib::relu<dlib::add_prev2<
    dlib::avg_pool<2, 2, 2, 2, dlib::skip1<dlib::tag2<pair<filters, 2, dlib::tag1<Below>>>>>>>;
template <long filters, class Below>
using keep2 = keep<filters, keep<filters, Below>>;
template <long filters, class Below>
using keep3 = keep<filters, keep2<filters, Below>>;

using Stem = dlib::max_pool<
    3, 3, 2, 2,
    dlib::relu<dlib::affine<dlib::con<32, 7, 7, 2, 2, dlib::input_rgb_image_sized<kSize>>>>>;
using Body =
    halve<256,
          keep2<256, halve<256, keep2<128, halve<128, keep3<64, halve<64, keep3<32, Stem>>>>>>>>;
using Net = dlib::loss_metric<dlib::fc_no_bias<128, dlib::avg_pool_everything<Body>>>;

std::vector<std::string> convolution_names() {
  std::vector<std::string> names = {"stem"};
  for (int block = 0; block < 14; ++block)
    for (const char* convolution : {".conv1", ".conv2"})
      names.push_back("blocks." + std::to_string(block) + convolution);
  return names;
}

/// Meets the layers from the output to the input and gives them our parameters. Scale and shift of
/// the affine layers are part of our convolutions; dlib's start as identity and stay so.
struct Filler {
  const DlibResNet::Parameters& parameters;
  std::vector<std::string>& names;  ///< of the convolutions not met yet

  template <long n, long rows, long columns, int y, int x, int pad_y, int pad_x>
  void operator()(dlib::con_<n, rows, columns, y, x, pad_y, pad_x>& layer) {
    const std::string name = names.back();
    names.pop_back();
    std::vector<float> values = parameters(name + ".weight");
    const std::vector<float> bias = parameters(name + ".bias");
    values.insert(values.end(), bias.begin(), bias.end());
    fill(layer.get_layer_params(), values, name);
  }
  template <unsigned long n, dlib::fc_bias_mode bias>
  void operator()(dlib::fc_<n, bias>& layer) {
    fill(layer.get_layer_params(), parameters("projection"), "projection");
  }
  template <class Layer>
  void operator()(Layer&) {}

  static void fill(dlib::tensor& tensor, const std::vector<float>& values,
                   const std::string& name) {
    if (tensor.size() != values.size())
      throw std::runtime_error(name + ": dlib has " + std::to_string(tensor.size()) +
                               " values, we have " + std::to_string(values.size()));
    std::copy(values.begin(), values.end(), tensor.host_write_only());
  }
};

}  // namespace

struct DlibResNet::Network {
  Net net;
  dlib::matrix<dlib::rgb_pixel> picture{kSize, kSize};
};

DlibResNet::DlibResNet(const Parameters& parameters) : network_(std::make_unique<Network>()) {
  network_->net(network_->picture);  // layers take their size when they first run
  auto names = convolution_names();
  dlib::visit_computational_layers(network_->net, Filler{parameters, names});
  if (!names.empty()) throw std::runtime_error(names.back() + " has no layer in dlib's network");
}

DlibResNet::~DlibResNet() = default;
DlibResNet::DlibResNet(DlibResNet&&) noexcept = default;
DlibResNet& DlibResNet::operator=(DlibResNet&&) noexcept = default;

std::string DlibResNet::version() {
  return std::to_string(DLIB_MAJOR_VERSION) + "." + std::to_string(DLIB_MINOR_VERSION) + "." +
         std::to_string(DLIB_PATCH_VERSION);
}

std::vector<float> DlibResNet::encode(std::span<const std::uint8_t> pixels) {
  for (long y = 0; y < kSize; ++y)
    for (long x = 0; x < kSize; ++x) {
      const std::uint8_t* p = &pixels[static_cast<std::size_t>(y * kSize + x) * 3];
      network_->picture(y, x) = dlib::rgb_pixel(p[0], p[1], p[2]);
    }
  // The loss layer would only copy these.
  const auto& net = network_->net.subnet();
  network_->net.subnet()(network_->picture);
  const dlib::tensor& output = net.get_output();
  return {output.host(), output.host() + output.size()};
}

}  // namespace likeness
