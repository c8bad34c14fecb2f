#include <ATen/ATen.h>
#include <likeness/style/views.h>

namespace likeness {

at::Tensor seen(const at::Tensor& picture, View view) {
  switch (view) {
    case View::plain:
      break;
    case View::mirrored:
      return picture.flip(-1);
    case View::transposed:
      return picture.transpose(-2, -1);
    case View::turned:
      return picture.flip(-1).transpose(-2, -1);
  }
  return picture;
}

at::Tensor unseen(const at::Tensor& picture, View view) {
  return view == View::turned ? picture.transpose(-2, -1).flip(-1) : seen(picture, view);
}

}  // namespace likeness
