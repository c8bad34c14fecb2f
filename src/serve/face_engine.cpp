#include "serve/face_engine.h"

#include <algorithm>
#include <latch>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include <ATen/Parallel.h>
#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/worker_pool.h>
#include <likeness/evaluate/face_place.h>
#include <likeness/faces/alignment.h>
#include <likeness/gallery/face_crop.h>

#include "serve/bytes_of.h"
#include "serve/face_queue.h"
#include "serve/thread_priority.h"

namespace likeness::serve {
namespace {

/// The face that fills `image`, of which `found` is what the detector makes.
Face whole_face(const std::vector<Face>& found, const Image& image) {
  static const FacePlace usual = [] {
    FacePlace place = arcface_template().points;
    for (Point& point : place)
      point = {point.x / static_cast<float>(arcface_template().size),
               point.y / static_cast<float>(arcface_template().size)};
    return place;
  }();
  Face face = face_at(usual, image.width(), image.height());
  face.score = 1;
  if (found.empty()) return face;
  const Face& main = found[main_face(found, image.width(), image.height())];
  face.landmarks = main.landmarks;
  face.mean_face = main.mean_face;
  return face;
}

double ms_since(FaceEngine::Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(FaceEngine::Clock::now() - start).count();
}

/// A request in a worker's hands, with the faces that are to be encoded.
struct Work {
  std::shared_ptr<FaceTask> task;
  std::vector<AlignedFace> faces = {};
};

}  // namespace

struct FaceEngine::State {
  State(FaceDetector detector_in, FaceEncoder encoder_in, const FaceEngineOptions& options_in,
        int worker_count)
      : detector(std::move(detector_in)),
        encoder(std::move(encoder_in)),
        options(options_in),
        queue(options_in.queue, options_in.together, static_cast<std::size_t>(worker_count)) {}

  void live();
  PhotoAnswer look_at(const PhotoRequest& photo, std::vector<AlignedFace>& faces) const;
  bool read(Work& work);
  void encode(std::span<Work> batch);

  const FaceDetector detector;
  const FaceEncoder encoder;
  const FaceEngineOptions options;
  FaceQueue queue;
  std::vector<std::jthread> workers;  ///< last: they end before the rest
};

/// The life of a worker.
void FaceEngine::State::live() {
  for (FaceQueue::Tasks tasks = queue.take(); !tasks.empty(); tasks = queue.take()) {
    std::vector<Work> batch;
    for (std::shared_ptr<FaceTask>& task : tasks) {
      Work work{std::move(task)};
      if (read(work)) batch.push_back(std::move(work));
    }
    encode(batch);
  }
}

/// Decodes, detects and aligns; the pixels are gone when it returns, so that a batch stays small.
PhotoAnswer FaceEngine::State::look_at(const PhotoRequest& photo,
                                       std::vector<AlignedFace>& faces) const {
  const auto start = Clock::now();
  const Image image = decode_image(bytes_of(photo.bytes), photo.name, options.limits);
  PhotoAnswer answer{.width = image.width(), .height = image.height()};
  answer.faces = detector.detect(image);
  if (photo.is_face)
    answer.faces = {whole_face(answer.faces, image)};
  else
    std::erase_if(answer.faces, [&](const Face& face) { return face.score < photo.min_score; });
  if (photo.encode == WantedFaces::main) {
    if (answer.faces.empty())
      throw Error(ErrorCode::no_face,
                  photo.name +
                      ": no face found; use a photo in which the face is larger or turned to the "
                      "camera");
    answer.encoded = {main_face(answer.faces, image.width(), image.height())};
  } else if (photo.encode == WantedFaces::all) {
    for (std::size_t i = 0; i < answer.faces.size(); ++i) answer.encoded.push_back(i);
  }
  if (photo.quality)
    for (const Face& face : answer.faces) answer.quality.push_back(assess_quality(image, face));
  for (const std::size_t index : answer.encoded) {
    faces.push_back(encoder.align(image, answer.faces[index]));
    if (photo.crops) answer.crops.push_back(to_bytes(cut_face(image, answer.faces[index])));
  }
  answer.reading_ms = ms_since(start);
  return answer;
}

/// False: the request is done already, it failed or nobody waits for it.
bool FaceEngine::State::read(Work& work) {
  FaceTask& task = *work.task;
  try {
    for (const PhotoRequest& photo : *task.photos) {
      if (!queue.is_wanted(task)) {
        queue.finish(task, nullptr);
        return false;
      }
      task.answers.push_back(look_at(photo, work.faces));
    }
  } catch (...) {
    queue.finish(task, std::current_exception());
    return false;
  }
  queue.finish_reading(task);
  return true;
}

/// All faces of the batch at once. Where that fails (memory is short), each request by itself.
void FaceEngine::State::encode(std::span<Work> batch) {
  if (batch.empty()) return;
  const auto start = Clock::now();
  std::vector<Encoding> encodings;
  try {
    std::vector<AlignedFace> faces;
    for (const Work& work : batch) faces.insert(faces.end(), work.faces.begin(), work.faces.end());
    encodings = encoder.encode(faces);
  } catch (...) {
    if (batch.size() == 1) return queue.finish(*batch.front().task, std::current_exception());
    for (std::size_t i = 0; i < batch.size(); ++i) encode(batch.subspan(i, 1));
    return;
  }
  const double took = ms_since(start);
  auto next = encodings.begin();
  for (const Work& work : batch) {
    for (PhotoAnswer& answer : work.task->answers) {
      answer.encoding_ms = took;
      for (std::size_t i = 0; i < answer.encoded.size(); ++i)
        answer.encodings.push_back(std::move(*next++));
    }
    queue.finish(*work.task, nullptr);
  }
}

FaceEngine::FaceEngine(FaceDetector detector, FaceEncoder encoder,
                       const FaceEngineOptions& options) {
  LIKENESS_CHECK(options.workers >= 0);
  const int count = options.workers > 0 ? options.workers : core_count();
  state_ = std::make_unique<State>(std::move(detector), std::move(encoder), options, count);
  // Setting LibTorch's threads sets those that new threads begin with as well: the workers begin
  // with one, and then it is as it was.
  const ThreadCountKeeper keeper;
  at::set_num_threads(1);
  std::latch begun(count);
  try {
    for (int i = 0; i < count; ++i)
      state_->workers.emplace_back([state = state_.get(), &begun] {
        // Asking makes a thread begin with its number; someone else may have set that meanwhile.
        if (at::get_num_threads() != 1) at::set_num_threads(1);
        lower_priority(kNicer);
        begun.count_down();
        state->live();
      });
  } catch (const std::system_error&) {  // the system has no more threads
    state_->queue.close();
    state_->workers.clear();
    throw;
  }
  begun.wait();
}

FaceEngine::~FaceEngine() {
  state_->queue.close();
}

std::vector<PhotoAnswer> FaceEngine::look(const std::vector<PhotoRequest>& photos,
                                          Clock::time_point deadline) {
  if (photos.empty()) return {};
  return state_->queue.run(photos, deadline);
}

const std::string& FaceEngine::model() const {
  return state_->encoder.model();
}

int FaceEngine::dimensions() const {
  return state_->encoder.dimensions();
}

std::size_t FaceEngine::waiting() const {
  return state_->queue.waiting();
}

std::size_t FaceEngine::working() const {
  return state_->queue.working();
}

}  // namespace likeness::serve
