#include "train/face_journal.h"

#include <algorithm>
#include <cstring>

#include <likeness/core/error.h>
#include <likeness/core/files.h>

namespace likeness {
namespace {

constexpr std::size_t kHeaderBytes = 80;
constexpr std::size_t kChecksumBytes = 16;
constexpr std::size_t kMaxReasonBytes = 4096;
constexpr std::uint32_t kRecordMark = 0x6365726c;

struct RecordHeader {
  std::uint32_t mark = kRecordMark;
  std::uint32_t outcome = 0;
  std::uint64_t picture = 0;
  std::uint64_t bytes = 0;
};
static_assert(sizeof(RecordHeader) == 24);

std::string file_header(const std::string& key, int crop_size, std::size_t pictures) {
  LIKENESS_CHECK(key.size() == 64);
  std::string header = "LKJ1" + key;
  const auto size = static_cast<std::uint32_t>(crop_size);
  const auto count = static_cast<std::uint64_t>(pictures);
  header.append(reinterpret_cast<const char*>(&size), sizeof(size));
  header.append(reinterpret_cast<const char*>(&count), sizeof(count));
  LIKENESS_CHECK(header.size() == kHeaderBytes);
  return header;
}

ConstBytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string checksum(ConstBytes record) {
  return sha256(record).substr(0, kChecksumBytes);
}

}  // namespace

FaceJournal::FaceJournal(const std::filesystem::path& path, const std::string& key, int crop_size,
                         std::size_t pictures)
    : file_(path, PosixFile::Mode::update),
      crop_bytes_(std::size_t{3} * static_cast<std::size_t>(crop_size) *
                  static_cast<std::size_t>(crop_size)),
      records_(pictures) {
  const std::string expected = file_header(key, crop_size, pictures);
  std::string found(kHeaderBytes, '\0');
  end_ = kHeaderBytes;
  if (file_.read_at(0, {reinterpret_cast<std::uint8_t*>(found.data()), found.size()}) &&
      found == expected) {
    read_records();
    file_.truncate(end_);
    return;
  }
  file_.truncate(0);
  file_.write_at(0, bytes_of(expected));
}

void FaceJournal::read_records() {
  const std::uint64_t file_bytes = file_.size();
  while (read_record(end_, file_bytes)) {
  }
}

bool FaceJournal::read_record(std::uint64_t offset, std::uint64_t file_bytes) {
  RecordHeader header;
  std::vector<std::uint8_t> record(sizeof(header));
  if (!file_.read_at(offset, record)) return false;
  std::memcpy(&header, record.data(), sizeof(header));
  const bool is_face = header.outcome == static_cast<std::uint32_t>(Outcome::face);
  const bool is_known = is_face || header.outcome == static_cast<std::uint32_t>(Outcome::no_face) ||
                        header.outcome == static_cast<std::uint32_t>(Outcome::undecodable);
  if (header.mark != kRecordMark || !is_known || header.picture >= records_.size()) return false;
  if (is_face ? header.bytes != crop_bytes_ : header.bytes > kMaxReasonBytes) return false;
  const std::uint64_t end = offset + sizeof(header) + header.bytes + kChecksumBytes;
  if (end > file_bytes) return false;

  record.resize(sizeof(header) + static_cast<std::size_t>(header.bytes));
  std::string sum(kChecksumBytes, '\0');
  if (!file_.read_at(offset, record) ||
      !file_.read_at(offset + record.size(),
                     {reinterpret_cast<std::uint8_t*>(sum.data()), sum.size()}) ||
      sum != checksum(record))
    return false;
  keep(static_cast<std::size_t>(header.picture),
       {static_cast<Outcome>(header.outcome), offset + sizeof(header), header.bytes});
  end_ = end;
  return true;
}

void FaceJournal::keep(std::size_t picture, const Record& record) {
  if (!records_[picture].outcome) ++finished_;
  records_[picture] = record;
}

void FaceJournal::add(std::size_t picture, Outcome outcome, ConstBytes content) {
  LIKENESS_CHECK(picture < records_.size());
  LIKENESS_CHECK(outcome != Outcome::face || content.size() == crop_bytes_);
  if (outcome != Outcome::face) content = content.first(std::min(content.size(), kMaxReasonBytes));
  const RecordHeader header{.mark = kRecordMark,
                            .outcome = static_cast<std::uint32_t>(outcome),
                            .picture = picture,
                            .bytes = content.size()};
  std::vector<std::uint8_t> record(sizeof(header) + content.size());
  std::memcpy(record.data(), &header, sizeof(header));
  std::copy(content.begin(), content.end(), record.begin() + sizeof(header));
  const std::string sum = checksum(record);
  record.insert(record.end(), sum.begin(), sum.end());

  const std::lock_guard lock(mutex_);
  file_.write_at(end_, record);
  keep(picture, {outcome, end_ + sizeof(header), content.size()});
  end_ += record.size();
}

std::vector<std::uint8_t> FaceJournal::content(std::size_t picture) const {
  const Record& record = records_.at(picture);
  LIKENESS_CHECK(record.outcome.has_value());
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(record.bytes));
  LIKENESS_CHECK(file_.read_at(record.offset, bytes));
  return bytes;
}

}  // namespace likeness
