#include "common/store/engine.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/base/internal/endian.h"
#include "absl/random/random.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/personal/masking.h"
#include "common/resource/request_fields.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/counted_years.h"
#include "common/store/page_token.h"
#include "common/store/unit_of_work.h"

namespace jiedui::store {
namespace {

using google::protobuf::Message;

constexpr size_t kMaxRequestId = 64;

// A transaction that is to be rolled back although its answer is good: validate_only, and a request answered before.
constexpr absl::string_view kGoodRollback = "jiedui/good_rollback";

absl::Status GoodRollback() {
  absl::Status status = absl::CancelledError("rolled back on purpose");
  status.SetPayload(kGoodRollback, absl::Cord());
  return status;
}

bool IsGoodRollback(const absl::Status& status) { return status.GetPayload(kGoodRollback).has_value(); }

// Deterministic, so that the same request always has the same hash.
std::string BodyBytes(const Message& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeWithCachedSizes((request.ByteSizeLong(), &coded));
  }
  return bytes;
}

// The hashes of a request, the one to keep first. Of personal data they are keyed: a plain hash of one unknown number can be found by
// trying all numbers.
std::vector<std::string> BodyHashes(const Message& request, const personal::Vault* vault) {
  const std::string bytes = BodyBytes(request);
  if (vault == nullptr || !personal::HasPersonalFields(request.GetDescriptor())) return {Sha256(bytes)};
  std::vector<std::string> hashes;
  for (const personal::SearchKey& key : vault->keyring()->search_keys()) {
    hashes.push_back(personal::Vault::Fingerprint(key, "request", bytes));
  }
  return hashes;
}

absl::Status RequestIdReused() {
  Violations violations;
  violations.Add("request_id", error::v1::REASON_REQUEST_ID_REUSED,
                 {"was used before for a request with other content", "该请求号已用于内容不同的请求"});
  return violations.ToStatus();
}

}  // namespace

struct Engine::WriteCall {
  RequestContext* context = nullptr;
  const Message* request = nullptr;
  Message* response = nullptr;
  const WriteHandler* handler = nullptr;
  Done done;
  std::string transaction_id;
  std::string request_key;  // empty without a request_id
  std::vector<std::string> body_hashes;
  bool validate_only = false;
  bool missed_remote = false;
  bool refreshed = false;
  std::optional<PersonalLook> look;
};

absl::StatusOr<std::unique_ptr<Engine>> Engine::Create(EngineOptions options) {
  std::unique_ptr<Engine> engine(new Engine(std::move(options)));
  const absl::Status status =
      engine->options_.database->ReadHere([&engine](sql::Transaction& transaction) -> absl::Status {
        JIEDUI_ASSIGN_OR_RETURN(
            sql::Statement * state,
            transaction.Prepare("SELECT database_id, page_token_key FROM engine_state WHERE id = 1"));
        JIEDUI_ASSIGN_OR_RETURN(const bool found, state->Step());
        if (!found)
          return absl::FailedPreconditionError("the database is not prepared: run this program with --migrate");
        engine->state_ = {std::string(state->Text(0)), std::string(state->Text(1))};
        return engine->ReloadYears(transaction);
      });
  JIEDUI_RETURN_IF_ERROR(status);
  return engine;
}

void Engine::RunWrite(RequestContext& context, const Message& request, Message* response, const WriteHandler& handler,
                      Done done) {
  auto call = std::make_shared<WriteCall>();
  call->context = &context;
  call->request = &request;
  call->response = response;
  call->handler = &handler;
  call->done = std::move(done);
  call->transaction_id = NewTransactionId();
  call->validate_only = resource::GetBool(request, "validate_only");
  const std::string request_id = resource::GetString(request, "request_id");
  if (request_id.size() > kMaxRequestId) {
    Violations violations;
    violations.Add("request_id", error::v1::REASON_LENGTH,
                   {absl::StrCat("must have at most ", kMaxRequestId, " characters"),
                    absl::StrCat("至多", kMaxRequestId, "个字符")});
    call->done(violations.ToStatus());
    return;
  }
  if (personal::ContainsCitizenNumber(request_id)) {
    Violations violations;
    violations.Add("request_id", error::v1::REASON_FORMAT,
                   {"must not contain a citizen number: its hash is kept", "不得含公民身份号码"});
    call->done(violations.ToStatus());
    return;
  }
  if (!request_id.empty()) {
    call->request_key = Sha256(absl::StrCat(context.principal.id, absl::string_view("\0", 1), context.method,
                                            absl::string_view("\0", 1), request_id));
    call->body_hashes = BodyHashes(request, options_.vault);
  }
  StartWrite(std::move(call));
}

absl::Status Engine::WriteAndWait(const std::string& principal, const std::string& method, const Message& request,
                                  Message* response, const WriteHandler& handler) {
  constexpr absl::Duration kDeadline = absl::Seconds(30);
  RequestContext context;
  context.method = method;
  context.principal.id = principal;
  context.trace_id = absl::BytesToHexString(NewTransactionId());
  context.start_time = absl::Now();
  context.deadline = context.start_time + kDeadline;
  absl::Status result;
  absl::Notification finished;
  RunWrite(context, request, response, handler, [&](absl::Status status) {
    result = std::move(status);
    finished.Notify();
  });
  finished.WaitForNotification();
  return result;
}

sql::WriteOptions Engine::WriteOptionsOf(const std::string& transaction_id, absl::Time deadline) const {
  sql::WriteOptions options;
  options.deadline = deadline;
  options.was_committed = [id = transaction_id](sql::Transaction& transaction) -> absl::StatusOr<bool> {
    // Locking, so that it waits for a commit that is still in flight.
    const bool mysql = transaction.dialect() == sql::Dialect::kMysql;
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * statement,
        transaction.Prepare(absl::StrCat("SELECT 1 FROM audit_entry WHERE transaction_id = ? LIMIT 1",
                                         mysql ? " LOCK IN SHARE MODE" : "")));
    statement->BindBlob(0, id);
    return statement->Step();
  };
  return options;
}

void Engine::StartWrite(std::shared_ptr<WriteCall> call) {
  sql::WriteOptions options = WriteOptionsOf(call->transaction_id, call->context->deadline);
  options.expects_rollback = call->validate_only;
  sql::Database& database = *options_.database;
  database.Write(
      std::move(options), [this, call](sql::Transaction& transaction) { return WriteBody(*call, transaction); },
      [this, call](absl::Status status) { FinishWrite(call, std::move(status)); });
}

namespace {

// Answers a request that was answered before: OK and the response, or that its id was used for something else.
// NOT_FOUND when it is new.
absl::Status FindAnswer(sql::Transaction& transaction, const std::string& key, const std::vector<std::string>& hashes,
                        Message* response) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement,
                          transaction.Prepare("SELECT body_hash, response FROM request_log WHERE request_key = ?"));
  statement->BindBlob(0, key);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, statement->Step());
  if (!found) return absl::NotFoundError("");
  if (std::find(hashes.begin(), hashes.end(), statement->Text(0)) == hashes.end()) return RequestIdReused();
  const absl::string_view bytes = statement->Text(1);
  response->Clear();
  return response->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))
             ? absl::OkStatus()
             : absl::InternalError("the request log holds no valid answer");
}

absl::Status LogAnswer(sql::Transaction& transaction, const std::string& key, const std::string& hash, int64_t micros,
                       const Message& response) {
  const std::string bytes = response.SerializeAsString();
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * statement,
      transaction.Prepare(
          "INSERT INTO request_log (request_key, create_time, body_hash, response) VALUES (?, ?, ?, ?)"));
  statement->BindBlob(0, key);
  statement->BindInt(1, micros);
  statement->BindBlob(2, hash);
  statement->BindBlob(3, bytes);
  return statement->Execute().status();
}

// Deletes the oldest thousand of `table` before `micros`, or fewer; false when none is left.
absl::StatusOr<bool> PruneSome(sql::Transaction& transaction, absl::string_view table, int64_t micros) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * oldest,
                          transaction.Prepare(absl::StrCat("SELECT create_time FROM ", table,
                                                           " WHERE create_time < ? "
                                                           "ORDER BY create_time LIMIT 1 OFFSET 999")));
  oldest->BindInt(0, micros);
  JIEDUI_ASSIGN_OR_RETURN(const bool more, oldest->Step());
  const int64_t until = more ? oldest->Int(0) : micros - 1;
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * remove,
                          transaction.Prepare(absl::StrCat("DELETE FROM ", table, " WHERE create_time <= ?")));
  remove->BindInt(0, until);
  JIEDUI_RETURN_IF_ERROR(remove->Execute().status());
  return more;
}

}  // namespace

absl::Status Engine::PruneLogs(absl::Time time, absl::Time deadline) {
  for (const absl::string_view table : {"request_log", "bulk_import"}) {
    bool more = true;
    while (more) {
      sql::WriteOptions options;
      options.deadline = deadline;
      JIEDUI_RETURN_IF_ERROR(
          sql::WriteAndWait(*options_.database, std::move(options), [&](sql::Transaction& transaction) -> absl::Status {
            JIEDUI_ASSIGN_OR_RETURN(more, PruneSome(transaction, table, absl::ToUnixMicros(time)));
            return absl::OkStatus();
          }));
    }
  }
  return absl::OkStatus();
}

absl::Status Engine::WriteBody(WriteCall& call, sql::Transaction& transaction) {
  call.response->Clear();
  UnitOfWork work(*this, *call.context, transaction, call.transaction_id);
  absl::Status status = (*call.handler)(work, *call.request, call.response);
  if (status.ok()) personal::MaskPersonalFields(call.response);
  if (status.ok()) status = work.Flush();
  if (status.ok() && !call.validate_only) status = work.RecordComparisons();
  call.missed_remote = work.missed_remote();
  call.look.reset();
  if (!status.ok() || call.validate_only) call.look = work.LookAfter(status);
  if (status.ok() && call.validate_only) return GoodRollback();
  if (call.request_key.empty()) return status;
  // The log is asked only where the request turns out not to be new: most are, and pay one INSERT.
  if (status.ok()) {
    status = LogAnswer(transaction, call.request_key, call.body_hashes.front(), absl::ToUnixMicros(work.now()),
                       *call.response);
  }
  if (status.ok() || sql::IsRetryTransaction(status) || absl::IsUnavailable(status)) return status;
  const absl::Status answer = FindAnswer(transaction, call.request_key, call.body_hashes, call.response);
  if (!answer.ok() && !absl::IsInvalidArgument(answer)) return status;
  call.look.reset();  // what the call found out is not in the answer
  return answer.ok() ? GoodRollback() : answer;
}

void Engine::FinishWrite(std::shared_ptr<WriteCall> call, absl::Status status) {
  if (IsGoodRollback(status)) status = absl::OkStatus();
  if (absl::IsInvalidArgument(status) && call->missed_remote && !call->refreshed && options_.remote_names != nullptr) {
    // What is unknown here may have been recorded a moment ago in the program that owns it.
    call->refreshed = true;
    options_.remote_names->Refresh([this, call] { StartWrite(call); });
    return;
  }
  if (call->look.has_value()) {
    PersonalLook look = *std::exchange(call->look, std::nullopt);
    RecordLook(*call->context, std::move(look),
               [this, call, status = std::move(status)](absl::Status recorded) mutable {
                 FinishWrite(call, recorded.ok() ? std::move(status) : std::move(recorded));
               });
    return;
  }
  if (absl::IsUnknown(status) && ReasonOf(status) == error::v1::REASON_UNSPECIFIED) {
    status = MakeError(
        absl::StatusCode::kUnknown, error::v1::REASON_OUTCOME_UNKNOWN,
        {"the outcome is not known: repeat the request with the same request_id", "结果未知，请用同一请求号重试"});
  }
  if (!status.ok()) call->response->Clear();
  call->done(std::move(status));
}

absl::Status Engine::CheckDefinitions() const {
  return options_.database->ReadHere(
      [this](sql::Transaction& transaction) { return store::CheckDefinitions(transaction, measures()); });
}

namespace {

sql::Body ReadBody(RequestContext& context, const Message& request, Message* response, const ReadHandler& handler) {
  return [&context, &request, response, &handler](sql::Transaction& transaction) {
    response->Clear();
    const absl::Status status = handler(context, transaction, request, response);
    if (status.ok()) personal::MaskPersonalFields(response);
    return status;
  };
}

}  // namespace

void Engine::RunRead(RequestContext& context, const Message& request, Message* response, const ReadHandler& handler,
                     Done done) {
  options_.database->Read(context.deadline, ReadBody(context, request, response, handler), std::move(done));
}

void Engine::RunSync(RequestContext& context, const Message& request, Message* response, const ReadHandler& handler,
                     Done done) {
  options_.database->ReadAside(context.deadline, ReadBody(context, request, response, handler), std::move(done));
}

void Engine::RunPointRead(RequestContext& context, const Message& request, Message* response,
                          const ReadHandler& handler, Done done) {
  if (!options_.database->reads_inline()) {
    RunRead(context, request, response, handler, std::move(done));
    return;
  }
  absl::Status status = options_.database->ReadHere(
      [&](sql::Transaction& transaction) { return handler(context, transaction, request, response); });
  if (status.ok()) personal::MaskPersonalFields(response);
  done(std::move(status));
}

std::shared_ptr<const measure::YearView> Engine::years() const {
  absl::ReaderMutexLock lock(&mutex_);
  return years_;
}

const Policy* Engine::PolicyOf(const resource::TablePlan& plan) const {
  const auto it = options_.policies.find(plan.collection());
  return it == options_.policies.end() ? nullptr : it->second.get();
}

std::string Engine::NewTransactionId() const {
  thread_local absl::BitGen generator;
  char bytes[16];
  absl::big_endian::Store64(bytes, static_cast<uint64_t>(absl::ToUnixMicros(Now())));
  absl::big_endian::Store64(bytes + 8, absl::Uniform<uint64_t>(generator));
  return std::string(bytes, sizeof(bytes));
}

std::string Engine::NewResourceId() const {
  // Crockford's base 32 keeps the order of the bytes and has no letters that look alike.
  static constexpr char kDigits[] = "0123456789abcdefghjkmnpqrstvwxyz";
  const std::string bytes = NewTransactionId();
  std::string id;
  uint32_t bits = 0;
  int count = 2;  // 130 bits for 128
  for (const char byte : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(byte);
    for (count += 8; count >= 5; count -= 5) id.push_back(kDigits[(bits >> (count - 5)) & 31]);
  }
  return id;
}

}  // namespace jiedui::store
