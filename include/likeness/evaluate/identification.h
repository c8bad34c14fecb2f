#pragma once

/// Identification 1:N from one example a person: who is it, if anybody we know? Words as in
/// ISO/IEC 19795-1:
///
///   gallery    one picture of each enrolled person
///   mated      a probe whose person is enrolled; its *mate* is that entry
///   non-mated  a probe of a stranger
///   TPIR(R)    true-positive identification rate: share of mated probes whose mate is among the R
///              closest entries, whatever the distance (closed set); over R: the CMC
///   FPIR(T)    false-positive identification rate: share of strangers who are taken for somebody,
///              because an entry lies at a distance ≤ T
///   FNIR(T)    false-negative identification rate: share of mated probes whose mate is not the
///              closest entry at a distance ≤ T (R = 1)
///
/// A probe without a face is never identified; a person whose picture to enrol has no face is
/// enrolled with the next one that has. Pure functions, safe to call from many threads.
///
///     const IdentificationSplit split = split_gallery(pictures);
///     const IdentificationMeasures measures = measure_identification(split, encoded);

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <likeness/core/random.h>
#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/evaluate/picture_set.h>

namespace likeness {

/// Which pictures are enrolled and which are asked about.
struct IdentificationSplit {
  /// For each person with two pictures or more, in the order of their names: the pictures in the
  /// order in which they are tried for enrolment; those left over are mated probes.
  struct Person {
    std::string name;
    std::vector<std::string> pictures;
  };
  std::vector<Person> people;
  std::vector<std::string> strangers;  ///< pictures of people who are not enrolled; may be empty
};

struct SplitOptions {
  /// Enrols one picture of each person by chance; without it the first in the order of paths.
  std::optional<std::uint64_t> seed = {};
  /// Share of the people, in [0, 1), who are not enrolled, chosen by chance, beside those who have
  /// only one picture.
  double strangers = 0;
};

/// Throws Error(invalid_argument) for a share outside of [0, 1) and when nobody is left to enrol.
IdentificationSplit split_gallery(const PictureSet& pictures, const SplitOptions& options = {});

/// A mated probe. Without a face it has no rank.
struct MatedProbe {
  std::string picture;
  std::string mate;       ///< the enrolled picture of its person
  std::string nearest;    ///< the enrolled picture that lies closest
  std::int64_t rank = 0;  ///< of the mate, from 1; entries at the same distance come before it
  float mate_distance = 0;
  float nearest_distance = 0;
};

/// A stranger, and whom they are taken for first.
struct StrangerProbe {
  std::string picture;
  std::string nearest;
  std::optional<float> distance;  ///< nothing without a face
};

/// A point of the open-set curve.
struct OpenSetPoint {
  float threshold = 0;
  double fpir = 0;
  double fnir = 0;
};

struct IdentificationMeasures {
  std::int64_t enrolled = 0;
  std::int64_t not_enrolled = 0;  ///< people without any picture that shows a face (FTE)
  std::vector<MatedProbe> mated;
  std::vector<StrangerProbe> strangers;
  std::int64_t without_face = 0;  ///< probes of both kinds
  std::int64_t guessed = 0;       ///< pictures encoded without a face (evaluate/face_place.h)
  std::vector<double> cmc;        ///< TPIR at rank 1, 2, … up to kLongestCmc
  /// Rising threshold; the first, −1, accepts nobody. Empty without strangers.
  std::vector<OpenSetPoint> curve;

  /// The point with the highest threshold whose FPIR is ≤ `fpir`. Requires strangers.
  const OpenSetPoint& at_fpir(double fpir) const;
};

inline constexpr int kLongestCmc = 50;

/// Throws Error(invalid_argument) when nobody could be enrolled or no probe of them is left.
/// Requires all pictures of the split in `encoded`.
IdentificationMeasures measure_identification(const IdentificationSplit& split,
                                              const EncodedPictures& encoded);

}  // namespace likeness
