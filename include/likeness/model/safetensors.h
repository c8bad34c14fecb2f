#pragma once

/// Named tensors in the safetensors format (an 8-byte little-endian header length, a JSON header,
/// then the raw little-endian data). Reading never trusts the file: lengths, offsets, shapes,
/// dtypes and overlaps are checked before memory is taken. Safe to call from many threads.
///
///     const TensorFile file = read_safetensors("resnet.safetensors");
///     const at::Tensor& filters = file.tensors.at("stem.weight");

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include <ATen/core/Tensor.h>
#include <likeness/core/files.h>

namespace likeness {

using TensorMap = std::map<std::string, at::Tensor>;

struct TensorFile {
  TensorMap tensors = {};                            ///< contiguous, on the CPU
  std::map<std::string, std::string> metadata = {};  ///< the header's "__metadata__"
};

/// Parses `bytes`, which are copied; `name` stands for the file in errors.
/// Throws Error(corrupt_file) with the tensor and the offending value: header too short, too long
/// (over 16 MiB) or not JSON; offsets that overlap, leave gaps or lie outside; a shape that is
/// negative, overflows, has more than 16 dimensions or does not fit its bytes; a dtype that is not
/// known (F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL are).
TensorFile parse_safetensors(std::span<const std::uint8_t> bytes, const std::string& name);

/// Reads the file at `path` (at most 4 GiB) once; the tensors are parts of that memory, which lives
/// as long as one of them. Throws as read_file and parse_safetensors do.
TensorFile read_safetensors(const std::filesystem::path& path);

/// The bytes of a safetensors file. The same content gives the same bytes: tensors with wide
/// elements first, then in the order of their names, so that each is aligned to its elements.
/// Requires CPU or GPU tensors of a dtype that the format has.
/// Throws Error(invalid_argument) for a name that is not UTF-8.
Bytes serialize_safetensors(const TensorFile& file);

/// Writes atomically. Throws Error(write_failed).
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

}  // namespace likeness
