#include "common/bulk/importer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/bulk/prefix_hash.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"

namespace jiedui::bulk {
namespace {

// Rows of a transaction that keeps good rows. On SQLite, where it holds the only writer, some ten milliseconds when others
// wait; alone a batch is larger, because every commit writes each page of the indexes that it touches. On MySQL a commit
// costs little beside the rows' round trips.
constexpr size_t kBatchRows = 1000;
constexpr size_t kBatchRowsAlone = 8000;
// After a row that failed half-way: each such row costs another run of its batch.
constexpr size_t kBatchRowsCareful = 100;
constexpr size_t kMaxChunk = size_t{1} << 20;
constexpr absl::Duration kProgressInterval = absl::Milliseconds(500);
constexpr absl::Duration kLookInterval = absl::Milliseconds(100);
// A file full of dangling references must not ask the owner of the names for every batch.
constexpr absl::Duration kRefreshInterval = absl::Seconds(2);

absl::Status Cancelled() {
  return MakeError(absl::StatusCode::kCancelled, error::v1::REASON_CANCELLED,
                   {"the caller cancelled the import", "导入已取消"});
}

// What keeps the hash of a file with personal data from being found by trying contents.
std::string Secret(const store::Engine& engine, const Columns& columns) {
  return columns.plan().HasCells()
             ? personal::Vault::Fingerprint(engine.vault()->keyring()->search_keys().front(), "import", "")
             : "";
}

absl::Status BadMessage(const char* field, Text text) {
  Violations violations;
  violations.Add(field, error::v1::REASON_FORMAT, std::move(text));
  return violations.ToStatus();
}

}  // namespace

// One run of a transaction; reset when the database runs it again.
struct Importer::Attempt {
  v1::ImportResult result;
  ErrorList errors;
  HalfwayRows halfway;
  bool missed_remote = false;
  bool may_refresh = false;  // rather than report what may be known elsewhere by now
  bool rolled_back = false;  // on purpose
  bool answered = false;     // by an earlier call with the same import_id
  // What its rows told of personal data, where it leaves nothing else behind.
  std::optional<store::PersonalLook> look;
  absl::Status status;  // of the transaction
  std::unique_ptr<absl::Notification> done;

  void Reset(const v1::ImportResult& so_far) {
    result = so_far;
    errors.Clear();
    look.reset();
    halfway.latest.reset();
    missed_remote = rolled_back = answered = false;
  }
  // The transaction is to leave nothing behind.
  absl::Status RollBack() {
    rolled_back = true;
    return absl::CancelledError("rolled back on purpose");
  }
};

Importer::Importer(store::Engine& engine, const ImportLimits& limits, const Columns& columns,
                   const RequestContext& context, const v1::ImportHeader& header, ImportStream& stream)
    : engine_(engine),
      limits_(limits),
      columns_(columns),
      context_(context),
      header_(header),
      stream_(stream),
      whole_(header.dry_run() || header.mode() != v1::IMPORT_MODE_KEEP_GOOD),
      key_(header.import_id().empty() || header.dry_run()
               ? ""
               : ImportKey(context.principal.id, header.collection(), header.import_id())),
      salt_(absl::StrCat(header.mode() == v1::IMPORT_MODE_KEEP_GOOD ? "keep good" : "all or nothing", "\n",
                         Secret(engine, columns))),
      last_progress_(absl::Now()) {}

absl::Status Importer::Run() {
  const absl::Status status = whole_ ? RunWhole() : RunKeepGood();
  if (!absl::IsUnknown(status)) return status;
  return MakeError(absl::StatusCode::kUnknown, error::v1::REASON_OUTCOME_UNKNOWN,
                   {"whether the last rows were committed is not known: send the file again with the same import_id",
                    "最后一批是否已提交未知，请用同一导入号重新发送文件"});
}

// All or nothing, and the check of a file: one transaction, in which every row is put as if it were written, so that it is
// checked against the database and against the rows before it, and which is rolled back unless every row is right. What was
// checked is thus what is written: no other writer can come between. The file is taken in first, into a temporary file,
// because a transaction must not wait for a caller, and because the transaction may have to be run again (MySQL: a deadlock,
// a certification conflict of a cluster). Until it ends, writers of SQLite wait, those of MySQL where they meet its rows, so that
// only files up to ImportLimits::whole_bytes are taken in like this. A
// cluster refuses a transaction past its limit (wsrep_max_ws_size, group_replication_transaction_size_limit); such files
// need IMPORT_MODE_KEEP_GOOD.
absl::Status Importer::RunWhole() {
  JIEDUI_ASSIGN_OR_RETURN(const std::unique_ptr<Spool> spool, Spool::Create());
  std::string content_hash;
  JIEDUI_RETURN_IF_ERROR(SpoolFile(*spool, &content_hash));
  int64_t offset = 0;
  RowReader reader(
      columns_,
      [&]() -> absl::StatusOr<absl::string_view> {
        JIEDUI_ASSIGN_OR_RETURN(const absl::string_view bytes, spool->Read(offset));
        offset += static_cast<int64_t>(bytes.size());
        return bytes;
      },
      /*hashed=*/false, "", limits_.rows);
  JIEDUI_ASSIGN_OR_RETURN(const bool good, HeadingIsGood(reader));
  if (!good) return SendResult();

  Attempt attempt;
  attempt.may_refresh = true;
  absl::Status written = WriteWhole(*spool, content_hash, attempt);
  while (RunsAgain(attempt)) written = WriteWhole(*spool, content_hash, attempt);
  if (attempt.look.has_value()) JIEDUI_RETURN_IF_ERROR(engine_.RecordLookAndWait(context_, *attempt.look));
  JIEDUI_RETURN_IF_ERROR(written);
  result_ = attempt.result;
  errors_ = std::move(attempt.errors);
  if (attempt.answered) {
    result_.set_resumed_count(result_.row_count());
  } else if (attempt.rolled_back && !header_.dry_run()) {
    result_.clear_created_count();
    result_.clear_updated_count();
    result_.clear_unchanged_count();
  }
  result_.set_committed(attempt.answered || !attempt.rolled_back);
  committed_rows_ = result_.committed() ? result_.row_count() : 0;
  JIEDUI_RETURN_IF_ERROR(SendErrors());
  return SendResult();
}

absl::Status Importer::SpoolFile(Spool& spool, std::string* content_hash) {
  PrefixHash hash;
  hash.Add(salt_);
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const absl::string_view bytes, NextChunk());
    if (bytes.empty()) break;
    JIEDUI_RETURN_IF_ERROR(spool.Append(bytes));
    if (!key_.empty()) hash.Add(bytes);
    JIEDUI_RETURN_IF_ERROR(SendProgress(/*now=*/false));
  }
  *content_hash = hash.Get();
  return absl::OkStatus();
}

absl::StatusOr<bool> Importer::HeadingIsGood(RowReader& reader) {
  JIEDUI_ASSIGN_OR_RETURN(RowErrors errors, reader.ReadHeading());
  if (errors.empty()) return true;
  for (v1::ImportRowError& error : errors) errors_.Add(std::move(error));
  result_.set_failed_count(1);
  JIEDUI_RETURN_IF_ERROR(SendErrors());
  return false;
}

absl::Status Importer::WriteWhole(Spool& spool, const std::string& content_hash, Attempt& attempt) {
  const std::string transaction_id = engine_.NewTransactionId();
  sql::WriteOptions options = engine_.WriteOptionsOf(transaction_id, context_.deadline);
  options.expects_rollback = true;  // where one row is wrong, and a dry run always
  StartWrite(attempt, std::move(options),
             [this, &spool, content_hash, transaction_id, &attempt](sql::Transaction& transaction) {
               return WholeBody(spool, content_hash, transaction_id, transaction, attempt);
             });
  const absl::Status status = AwaitWrite(attempt);
  return attempt.rolled_back ? absl::OkStatus() : status;
}

absl::Status Importer::WholeBody(Spool& spool, const std::string& content_hash, const std::string& transaction_id,
                                 sql::Transaction& transaction, Attempt& attempt) {
  attempt.Reset({});
  if (!key_.empty()) {
    JIEDUI_ASSIGN_OR_RETURN(const std::optional<ImportRecord> record, FindImport(transaction, key_));
    if (record.has_value()) {
      if (record->content_hash != content_hash) return ImportIdReused();
      attempt.result = record->result;
      attempt.answered = true;
      return attempt.RollBack();
    }
  }
  int64_t offset = 0;
  const auto source = [&]() -> absl::StatusOr<absl::string_view> {
    JIEDUI_ASSIGN_OR_RETURN(const absl::string_view bytes, spool.Read(offset));
    offset += static_cast<int64_t>(bytes.size());
    return bytes;
  };
  RowReader reader(columns_, source, /*hashed=*/false, "", limits_.rows);
  JIEDUI_RETURN_IF_ERROR(reader.ReadHeading().status());
  store::UnitOfWork work(engine_, context_, transaction, transaction_id);
  work.set_file(header_.dry_run());
  const absl::Status written = WriteRows(reader, work, attempt);
  attempt.missed_remote = work.missed_remote();
  // What is done again without the row that it ended in tells nothing yet.
  if (!written.ok() && !attempt.halfway.latest.has_value()) attempt.look = work.LookAfter(written);
  JIEDUI_RETURN_IF_ERROR(written);
  if (key_.empty()) return absl::OkStatus();
  ImportRecord record{content_hash, attempt.result.row_count(), attempt.result};
  record.result.set_committed(true);
  return RecordImport(transaction, key_, absl::ToUnixMicros(work.now()), 0, record);
}

absl::Status Importer::WriteRows(RowReader& reader, store::UnitOfWork& work, Attempt& attempt) {
  RowBatch batch;
  while (!batch.last) {
    JIEDUI_RETURN_IF_ERROR(reader.Fill(kBatchRows, &batch));
    const absl::Status applied = ApplyRows(
        reader, columns_.plan(), batch, [this] { return Interrupted(); }, work, &attempt.halfway, &attempt.errors,
        &attempt.result);
    if (attempt.halfway.latest.has_value()) return attempt.RollBack();
    JIEDUI_RETURN_IF_ERROR(applied);
    JIEDUI_RETURN_IF_ERROR(work.Spill());
    read_rows_ = attempt.result.row_count();
  }
  if (!attempt.errors.empty() || header_.dry_run()) {
    JIEDUI_RETURN_IF_ERROR(work.CheckUnwrittenFile());
    return attempt.RollBack();
  }
  JIEDUI_RETURN_IF_ERROR(work.Flush());
  return work.RecordComparisons();
}

// Keep good rows: a commit for every batch, while the next one is read. The rows of a batch, the import's progress and the
// hash of the file up to there are one transaction, so that a repetition goes on exactly behind the last commit.
absl::Status Importer::RunKeepGood() {
  RowReader reader(
      columns_, [this] { return NextChunk(); }, /*hashed=*/!key_.empty(), salt_, limits_.rows);
  JIEDUI_ASSIGN_OR_RETURN(const bool good, HeadingIsGood(reader));
  if (!good) return SendResult();
  JIEDUI_ASSIGN_OR_RETURN(const bool complete, Resume(reader));
  if (complete) return SendResult();

  RowBatch batches[2];
  JIEDUI_RETURN_IF_ERROR(reader.Fill(BatchRows(), &batches[0]));
  for (int current = 0;; current = 1 - current) {
    Attempt attempt;
    const RowBatch& batch = batches[current];
    attempt.may_refresh = absl::Now() >= last_refresh_ + kRefreshInterval;
    StartBatch(reader, batch, attempt);
    absl::Status filled;
    if (!batch.last) filled = reader.Fill(BatchRows(), &batches[1 - current]);
    JIEDUI_RETURN_IF_ERROR(FinishBatch(reader, batch, attempt));
    JIEDUI_RETURN_IF_ERROR(filled);
    if (batch.last) break;
    JIEDUI_RETURN_IF_ERROR(SendProgress(/*now=*/false));
  }
  result_.set_committed(true);
  return SendResult();
}

size_t Importer::BatchRows() const {
  if (failed_halfway_) return kBatchRowsCareful;
  const bool alone =
      engine_.database().dialect() == sql::Dialect::kSqlite && engine_.database().stats().write_queue == 0;
  return alone ? kBatchRowsAlone : kBatchRows;
}

// True when the import was complete before; otherwise the reader stands behind what was committed.
absl::StatusOr<bool> Importer::Resume(RowReader& reader) {
  if (key_.empty()) return false;
  std::optional<ImportRecord> record;
  JIEDUI_RETURN_IF_ERROR(sql::ReadAndWait(engine_.database(), context_.deadline,
                                          [this, &record](sql::Transaction& transaction) -> absl::Status {
                                            JIEDUI_ASSIGN_OR_RETURN(record, FindImport(transaction, key_));
                                            return absl::OkStatus();
                                          }));
  if (!record.has_value()) return false;
  JIEDUI_ASSIGN_OR_RETURN(const bool there, reader.Skip(record->committed_rows));
  if (!there) return ImportIdReused();
  const bool complete = record->result.committed();
  RowBatch rest;
  if (complete) JIEDUI_RETURN_IF_ERROR(reader.Fill(1, &rest));
  if (rest.size > 0 || reader.HashSoFar() != record->content_hash) return ImportIdReused();
  result_ = record->result;
  result_.set_resumed_count(record->committed_rows);
  read_rows_ = committed_rows_ = record->committed_rows;
  return complete;
}

void Importer::StartBatch(const RowReader& reader, const RowBatch& batch, Attempt& attempt) {
  const std::string transaction_id = engine_.NewTransactionId();
  sql::WriteOptions options = engine_.WriteOptionsOf(transaction_id, context_.deadline);
  options.expects_rollback = !attempt.halfway.known.empty();  // where one row fails half-way, others may
  if (!key_.empty()) {
    // The record tells as well of batches that change nothing, and so have no audit entry.
    options.was_committed = [this, rows = batch.rows_before + static_cast<int64_t>(batch.size)](
                                sql::Transaction& transaction) -> absl::StatusOr<bool> {
      JIEDUI_ASSIGN_OR_RETURN(const std::optional<ImportRecord> record, FindImportLocked(transaction, key_));
      return record.has_value() && record->committed_rows >= rows;
    };
  }
  StartWrite(attempt, std::move(options),
             [this, &reader, &batch, transaction_id, &attempt](sql::Transaction& transaction) {
               return BatchBody(reader, batch, transaction_id, transaction, attempt);
             });
}

absl::Status Importer::BatchBody(const RowReader& reader, const RowBatch& batch, const std::string& transaction_id,
                                 sql::Transaction& transaction, Attempt& attempt) {
  attempt.Reset(result_);
  store::UnitOfWork work(engine_, context_, transaction, transaction_id);
  work.set_file(/*dry_run=*/false);
  const absl::Status applied = ApplyRows(
      reader, columns_.plan(), batch, [this] { return Interrupted(); }, work, &attempt.halfway, &attempt.errors,
      &attempt.result);
  attempt.missed_remote = work.missed_remote();
  if (attempt.halfway.latest.has_value()) return attempt.RollBack();
  if (!applied.ok()) {
    attempt.look = work.LookAfter(applied);
    return applied;
  }
  if (attempt.may_refresh && attempt.missed_remote && !attempt.errors.empty()) return attempt.RollBack();
  JIEDUI_RETURN_IF_ERROR(work.Flush());
  JIEDUI_RETURN_IF_ERROR(work.RecordComparisons());
  if (key_.empty()) return absl::OkStatus();
  ImportRecord record{batch.prefix_hash, batch.rows_before + static_cast<int64_t>(batch.size), attempt.result};
  record.result.clear_resumed_count();
  record.result.set_committed(batch.last);
  return RecordImport(transaction, key_, absl::ToUnixMicros(work.now()), batch.rows_before, record);
}

absl::Status Importer::FinishBatch(const RowReader& reader, const RowBatch& batch, Attempt& attempt) {
  absl::Status status = AwaitWrite(attempt);
  while (RunsAgain(attempt)) {
    StartBatch(reader, batch, attempt);
    status = AwaitWrite(attempt);
  }
  if (attempt.look.has_value()) JIEDUI_RETURN_IF_ERROR(engine_.RecordLookAndWait(context_, *attempt.look));
  JIEDUI_RETURN_IF_ERROR(status);
  result_ = attempt.result;
  errors_.Append(std::move(attempt.errors));
  read_rows_ = result_.row_count();
  committed_rows_ = result_.row_count() - result_.failed_count();
  return SendErrors();
}

bool Importer::RunsAgain(Attempt& attempt) {
  if (!attempt.rolled_back) return false;
  std::optional<std::pair<int64_t, absl::Status>> halfway = std::exchange(attempt.halfway.latest, std::nullopt);
  if (attempt.may_refresh && attempt.missed_remote && (halfway.has_value() || !attempt.errors.empty())) {
    RefreshNames();
    attempt.may_refresh = false;
    attempt.halfway.known.clear();
    return true;
  }
  if (!halfway.has_value()) return false;
  attempt.halfway.known.insert(*std::move(halfway));
  failed_halfway_ = true;
  return true;
}

void Importer::StartWrite(Attempt& attempt, sql::WriteOptions options, sql::Body body) {
  attempt.done = std::make_unique<absl::Notification>();
  attempt.rolled_back = false;
  engine_.database().Write(std::move(options), std::move(body), [&attempt](absl::Status status) {
    attempt.status = std::move(status);
    attempt.done->Notify();
  });
}

absl::Status Importer::AwaitWrite(Attempt& attempt) {
  while (!attempt.done->WaitForNotificationWithTimeout(kLookInterval)) {
    // The transaction looks at this and ends; until then it must be waited for.
    if (stream_.cancelled() || !SendProgress(/*now=*/false).ok()) cancelled_ = true;
  }
  return attempt.status;
}

void Importer::RefreshNames() {
  last_refresh_ = absl::Now();
  if (engine_.remote_names() == nullptr) return;
  absl::Notification done;
  engine_.remote_names()->Refresh([&done] { done.Notify(); });
  done.WaitForNotification();
}

absl::StatusOr<absl::string_view> Importer::NextChunk() {
  while (true) {
    JIEDUI_RETURN_IF_ERROR(Interrupted());
    if (!stream_.Read(&chunk_)) {
      // The end of the file and a lost connection look alike to a reader; only the first still takes an answer.
      JIEDUI_RETURN_IF_ERROR(SendProgress(/*now=*/true));
      JIEDUI_RETURN_IF_ERROR(Interrupted());
      return absl::string_view();
    }
    if (chunk_.part_case() != v1::ImportRequest::kChunk) {
      return BadMessage("header", {"only the first message has a header, the others have a chunk",
                                   "只有第一条消息为导入头，其余为数据块"});
    }
    if (chunk_.chunk().size() > kMaxChunk) {
      return BadMessage(
          "chunk", {absl::StrCat("must have at most ", kMaxChunk, " bytes"), absl::StrCat("至多", kMaxChunk, "字节")});
    }
    received_bytes_ += static_cast<int64_t>(chunk_.chunk().size());
    if (received_bytes_ > (whole_ ? std::min(limits_.whole_bytes, limits_.bytes) : limits_.bytes)) return TooLarge();
    if (!chunk_.chunk().empty()) return chunk_.chunk();
  }
}

absl::Status Importer::TooLarge() const {
  Violations violations;
  if (received_bytes_ > limits_.bytes) {
    violations.Add("chunk", error::v1::REASON_LENGTH,
                   {absl::StrCat("the file has more than ", limits_.bytes, " bytes: split it"),
                    absl::StrCat("文件超过", limits_.bytes, "字节，请拆分")});
  } else {
    violations.Add(
        "chunk", error::v1::REASON_LENGTH,
        {absl::StrCat("the file has more than ", limits_.whole_bytes,
                      " bytes, the most for all or nothing and for a dry run: split it, or keep the good rows"),
         absl::StrCat("文件超过", limits_.whole_bytes, "字节，即“全有或全无”及仅校验的上限，请拆分或改为保留正确行")});
  }
  return violations.ToStatus();
}

absl::Status Importer::Interrupted() const {
  if (cancelled_ || stream_.cancelled()) return Cancelled();
  if (absl::Now() < context_.deadline) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDeadlineExceeded, error::v1::REASON_DEADLINE,
                   {"the deadline passed during the import", "导入超时"});
}

absl::Status Importer::Send(const v1::ImportResponse& response) {
  return stream_.Write(response) ? absl::OkStatus() : Cancelled();
}

absl::Status Importer::SendProgress(bool now) {
  if (!now && absl::Now() < last_progress_ + kProgressInterval) return absl::OkStatus();
  last_progress_ = absl::Now();
  v1::ImportResponse response;
  response.mutable_progress()->set_read_rows(read_rows_);
  response.mutable_progress()->set_committed_rows(committed_rows_);
  return Send(response);
}

absl::Status Importer::SendErrors() {
  for (v1::ImportRowError& error : errors_.Take()) {
    v1::ImportResponse response;
    *response.mutable_error() = std::move(error);
    JIEDUI_RETURN_IF_ERROR(Send(response));
  }
  return absl::OkStatus();
}

absl::Status Importer::SendResult() {
  read_rows_ = result_.row_count();
  JIEDUI_RETURN_IF_ERROR(SendProgress(/*now=*/true));
  v1::ImportResponse response;
  *response.mutable_result() = result_;
  return Send(response);
}

}  // namespace jiedui::bulk
