#include "services/cli/sample/sample_file.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/bulk/csv.h"
#include "common/status/macros.h"

namespace jiedui::cli {
namespace {

constexpr size_t kBuffer = 1 << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<SampleFile>> SampleFile::Create(const std::string& folder,
                                                               const google::protobuf::Descriptor* descriptor) {
  JIEDUI_ASSIGN_OR_RETURN(std::unique_ptr<resource::TablePlan> plan, resource::TablePlan::Build(descriptor));
  return Create(folder, std::move(plan));
}

absl::StatusOr<std::unique_ptr<SampleFile>> SampleFile::Create(const std::string& folder,
                                                               std::unique_ptr<resource::TablePlan> plan) {
  std::unique_ptr<SampleFile> file(new SampleFile());
  file->plan_ = std::move(plan);
  file->columns_ = std::make_unique<bulk::Columns>(*file->plan_);
  file->path_ = absl::StrCat(folder, "/", file->plan_->collection(), ".csv");
  file->file_.open(file->path_, std::ios::binary | std::ios::trunc);
  if (!file->file_) return absl::InternalError(absl::StrCat("cannot write ", file->path_));
  std::vector<std::string> names;
  for (const bulk::Column& column : file->columns_->all()) {
    if (column.output_only()) continue;
    file->written_.push_back(&column);
    names.push_back(column.name());
  }
  bulk::AppendCsvRow(names, &file->buffer_);
  return file;
}

void SampleFile::Add(const google::protobuf::Message& record) {
  for (size_t i = 0; i < written_.size(); ++i) {
    if (i > 0) buffer_.push_back(',');
    written_[i]->Format(record, &cell_);
    bulk::AppendCsvCell(cell_, &buffer_);
  }
  buffer_.push_back('\n');
  if (buffer_.size() >= kBuffer) WriteOut();
}

void SampleFile::WriteOut() {
  file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
}

absl::Status SampleFile::Close() {
  WriteOut();
  file_.close();
  return file_ ? absl::OkStatus() : absl::InternalError(absl::StrCat("cannot write ", path_));
}

}  // namespace jiedui::cli
