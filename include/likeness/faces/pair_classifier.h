#pragma once

/// Verification as binary classification: a logistic unit over what differs between the encodings
/// of two photos, made by one network with shared weights. The network stays as it is, so the
/// encodings of known people are computed once and kept; only this unit looks at the pair.
///
///     P(same person | x1, x2) = σ(b − a·‖f1 − f2‖² − Σ w_k·x_k),   x_k the k-th input:
///
///     absolute      x_k = |f1_k − f2_k|                              one input for each dimension
///     chi_squared   x_k = (f1_k − f2_k)² / (f1_k + f2_k)            two inputs for each dimension
///
/// (Taigman et al. 2014, DeepFace, sections 4.2 and 4.3.) The χ² form is meant for features that
/// are not negative, as those behind a ReLU; ours have signs. So each encoding is split into its
/// positive and its negative part, f = f⁺ − f⁻ with f⁺ = max(f, 0) and f⁻ = max(−f, 0): twice as
/// many features, none negative, and nothing lost. The idea stays: a difference counts by its size
/// *relative* to the features it is a difference of. Where both signs agree the input is
/// Δ²/(|f1| + |f2|); where they differ, both parts together give |f1| + |f2| = |Δ|.
///
/// a·‖f1 − f2‖² is the plain distance, which the unit starts from (a = 0: the textbook's unit
/// alone). What the unit says is then mapped to a probability that was fitted on people whom it
/// never saw. Values and pure functions, safe to use from many threads.
///
///     const PairClassifier classifier = read_pair_classifier("duo.safetensors");
///     const double p = classifier.probability(f1, f2);

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <likeness/faces/calibration.h>
#include <likeness/faces/isotonic.h>

namespace likeness {

/// What differs between two encodings.
enum class PairForm { absolute, chi_squared };

/// "absolute", "chi-squared".
std::string_view to_string(PairForm form);
/// Throws Error(invalid_argument) that lists the names.
PairForm parse_pair_form(std::string_view name);

/// The number of inputs for encodings of `dimensions` numbers: as many, or twice as many.
std::size_t pair_input_count(PairForm form, std::size_t dimensions);

/// The inputs x_k; those of the positive parts come first. 0/0 counts as 0. Requires encodings of
/// equal size and `inputs` of pair_input_count.
void pair_inputs(PairForm form, std::span<const float> a, std::span<const float> b,
                 std::span<float> inputs);

struct PairClassifier {
  std::string model;        ///< the encoder whose encodings it compares
  std::string fingerprint;  ///< of that encoder's weights (weights_fingerprint)
  PairForm form = PairForm::absolute;
  std::vector<float> weights;  ///< w_k
  double distance_weight = 0;  ///< a
  double offset = 0;           ///< b

  // From the unit's answer to a probability. x is the dissimilarity.
  double slope = 1;  ///< probability = 1 / (1 + exp(slope · x + shift)), or
  double shift = 0;
  ProbabilityCurve curve = {};              ///< isotonic, unless empty
  std::vector<OperatingPoint> points = {};  ///< false-match rates of dissimilarities

  // For people.
  std::string command = {};  ///< that trained it
  std::string data = {};     ///< what it was trained on
  std::string quality = {};  ///< what was measured on held-out people

  /// −log(P / (1 − P)) of the unit: grows as the faces grow apart, and decides all orders. Requires
  /// encodings of the model.
  double dissimilarity(std::span<const float> a, std::span<const float> b) const;
  /// What a dissimilarity means: the calibrated probability in [0, 1] that a pair shows one person,
  /// genuine and impostor pairs equally likely beforehand.
  double probability_of(double dissimilarity) const;
  double probability(std::span<const float> a, std::span<const float> b) const;
  /// The share of pairs of strangers whose probability is at least `least`; where that is finer
  /// than what was measured, at most the share that is returned.
  double fmr_at(double least) const;

  /// The dimensions of the encodings that it takes.
  std::size_t dimensions() const;
  /// Throws Error(invalid_argument) that names both unless it was made for encodings of `encoder`
  /// with these weights. `name` stands for the classifier.
  void require_encoder(const std::string& encoder, const std::string& encoder_fingerprint,
                       const std::string& name) const;
};

/// A safetensors file: "weights" F32 [inputs], "unit" F64 [a, b], "probability" F64 [slope, shift],
/// "curve" F64 [knots, 2] when isotonic, "points" F64 [points, 2] as fmr and dissimilarity, and the
/// texts as metadata. Throws Error(write_failed).
void write_pair_classifier(const std::filesystem::path& path, const PairClassifier& classifier);

/// Throws Error(corrupt_file) naming what is wrong: another kind of file, tensors that are missing
/// or have another shape, numbers that are not finite, curves that run the wrong way. Further as
/// read_file does.
PairClassifier read_pair_classifier(const std::filesystem::path& path);

}  // namespace likeness
