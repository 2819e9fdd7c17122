// The counted years.

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/access.h"
#include "common/store/counted_years.h"
#include "common/store/engine.h"

namespace jiedui::store {
namespace {

using google::protobuf::Message;

constexpr int kMaxDifferences = 100;

absl::Status Run(sql::Transaction& transaction, absl::string_view sql, std::initializer_list<int64_t> values) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction.Prepare(sql));
  int parameter = 0;
  for (const int64_t value : values) statement->BindInt(parameter++, value);
  return statement->Execute().status();
}

// Waits for every writer that counts by the old epoch (they hold a shared lock on it), and makes later ones start again.
absl::Status AdvanceEpoch(sql::Transaction& transaction) {
  return Run(transaction, "UPDATE engine_state SET epoch = epoch + 1 WHERE id = 1", {});
}

// Replaces the kept values of one measure in one year by those of the facts.
absl::Status Rebuild(sql::Transaction& transaction, const measure::MeasureSet& measures, int index,
                     const measure::CountedYear& year) {
  const std::string& id = measures.measures()[index].definition.id();
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * clear,
                          transaction.Prepare("DELETE FROM measure_value WHERE year = ? AND measure = ?"));
  clear->BindInt(0, year.year);
  clear->BindText(1, id);
  JIEDUI_RETURN_IF_ERROR(clear->Execute().status());
  JIEDUI_ASSIGN_OR_RETURN(const auto values, measures.Recompute(transaction, index, year));
  measure::Deltas deltas;
  for (const auto& [node, value] : values) deltas.Add(year.year, node, index, 1, value);
  JIEDUI_RETURN_IF_ERROR(deltas.Flush(transaction, measures.measures()));
  return Run(transaction, "UPDATE shard_version SET version = version + 1 WHERE topic = ?", {year.year});
}

absl::Status AddShards(sql::Transaction& transaction, int topic) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * probe,
                          transaction.Prepare("SELECT 1 FROM shard_version WHERE topic = ? LIMIT 1"));
  probe->BindInt(0, topic);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, probe->Step());
  if (found) return absl::OkStatus();
  // Few statements: while a year is opened, every writer waits for the epoch.
  constexpr int kRows = 128;
  static_assert(measure::kShardCount % kRows == 0);
  std::string sql = "INSERT INTO shard_version (topic, shard, version) VALUES (?, ?, 1)";
  for (int row = 1; row < kRows; ++row) absl::StrAppend(&sql, ", (?, ?, 1)");
  for (int first = 0; first < measure::kShardCount; first += kRows) {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * insert, transaction.Prepare(sql));
    for (int row = 0; row < kRows; ++row) {
      insert->BindInt(2 * row, topic);
      insert->BindInt(2 * row + 1, first + row);
    }
    JIEDUI_RETURN_IF_ERROR(insert->Execute().status());
  }
  return absl::OkStatus();
}

absl::Status OpenYear(sql::Transaction& transaction, const measure::MeasureSet& measures, int year) {
  JIEDUI_RETURN_IF_ERROR(AddShards(transaction, year));
  JIEDUI_RETURN_IF_ERROR(Run(transaction, "DELETE FROM measure_uncounted WHERE year = ?", {year}));
  JIEDUI_ASSIGN_OR_RETURN(const measure::CountedYear counted, measures.CompileYear(transaction, year, true));
  for (size_t i = 0; i < measures.measures().size(); ++i) {
    JIEDUI_RETURN_IF_ERROR(Rebuild(transaction, measures, static_cast<int>(i), counted));
  }
  return absl::OkStatus();
}

// A closed year has no figures of a measure that comes after it: its facts may have changed since.
absl::Status AddUncounted(sql::Transaction& transaction, int year, absl::string_view measure) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * insert,
                          transaction.Prepare("INSERT INTO measure_uncounted (year, measure) VALUES (?, ?)"));
  insert->BindInt(0, year);
  insert->BindText(1, measure);
  return insert->Execute().status();
}

// The counted years as the transaction sees them.
absl::StatusOr<std::shared_ptr<const measure::YearView>> ReadView(sql::Transaction& transaction,
                                                                  const measure::MeasureSet& measures) {
  // Writers of an older replica come here after --migrate, and are not to count by their definitions.
  JIEDUI_RETURN_IF_ERROR(CheckDefinitions(transaction, measures));
  auto view = std::make_shared<measure::YearView>();
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * state, transaction.Prepare("SELECT epoch FROM engine_state WHERE id = 1"));
  JIEDUI_ASSIGN_OR_RETURN(const bool found, state->Step());
  if (!found) return absl::InternalError("engine_state is empty");
  view->epoch = state->Int(0);
  JIEDUI_ASSIGN_OR_RETURN(const auto years, ReadCountedYears(transaction));
  for (const auto& [year, open] : years) {
    JIEDUI_ASSIGN_OR_RETURN(measure::CountedYear counted, measures.CompileYear(transaction, year, open));
    view->years.push_back(std::move(counted));
  }
  return view;
}

std::string RandomBytes(size_t size) {
  absl::BitGen generator;
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(absl::Uniform<int>(generator, 0, 256)));
  return bytes;
}

absl::Status AddState(sql::Transaction& transaction) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * state, transaction.Prepare("SELECT 1 FROM engine_state WHERE id = 1"));
  JIEDUI_ASSIGN_OR_RETURN(const bool found, state->Step());
  if (found) return absl::OkStatus();
  const std::string id = absl::BytesToHexString(RandomBytes(16));
  const std::string key = RandomBytes(32);
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * insert,
      transaction.Prepare("INSERT INTO engine_state (id, database_id, epoch, page_token_key) VALUES (1, ?, 1, ?)"));
  insert->BindText(0, id);
  insert->BindBlob(1, key);
  return insert->Execute().status();
}

// Fingerprints by id.
absl::StatusOr<std::map<std::string, std::string>> ReadDefinitions(sql::Transaction& transaction) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare("SELECT id, fingerprint FROM measure_definition"));
  std::map<std::string, std::string> definitions;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return definitions;
    definitions.emplace(row->Text(0), row->Text(1));
  }
}

absl::Status WriteDefinitions(sql::Transaction& transaction, const std::map<std::string, std::string>& definitions,
                              const std::string& all) {
  JIEDUI_RETURN_IF_ERROR(Run(transaction, "DELETE FROM measure_definition", {}));
  for (const auto& [id, fingerprint] : definitions) {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * insert,
                            transaction.Prepare("INSERT INTO measure_definition (id, fingerprint) VALUES (?, ?)"));
    insert->BindText(0, id);
    insert->BindText(1, fingerprint);
    JIEDUI_RETURN_IF_ERROR(insert->Execute().status());
  }
  JIEDUI_RETURN_IF_ERROR(
      Run(transaction, "DELETE FROM measure_uncounted WHERE measure NOT IN (SELECT id FROM measure_definition)", {}));
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * state,
                          transaction.Prepare("UPDATE engine_state SET definitions = ? WHERE id = 1"));
  state->BindText(0, all);
  return state->Execute().status();
}

absl::Status UpdateDefinitions(sql::Transaction& transaction, const measure::MeasureSet& measures) {
  JIEDUI_ASSIGN_OR_RETURN(const auto before, ReadDefinitions(transaction));
  // A migration that changed what figures are made of has deleted the definitions.
  const bool complete = before.size() == measures.measures().size();
  if (complete && CheckDefinitions(transaction, measures).ok()) return absl::OkStatus();
  JIEDUI_RETURN_IF_ERROR(AdvanceEpoch(transaction));
  JIEDUI_ASSIGN_OR_RETURN(const auto years, ReadCountedYears(transaction));
  std::map<std::string, std::string> now;
  for (size_t i = 0; i < measures.measures().size(); ++i) {
    const std::string& id = measures.measures()[i].definition.id();
    const std::string& fingerprint = now.emplace(id, measures.FingerprintOf(measures.measures()[i])).first->second;
    const auto kept = before.find(id);
    if (kept != before.end() && kept->second == fingerprint) continue;
    for (const auto& [year, open] : years) {
      if (open) {
        JIEDUI_ASSIGN_OR_RETURN(const measure::CountedYear counted, measures.CompileYear(transaction, year, true));
        JIEDUI_RETURN_IF_ERROR(Rebuild(transaction, measures, static_cast<int>(i), counted));
      } else if (kept == before.end() && !before.empty()) {
        JIEDUI_RETURN_IF_ERROR(AddUncounted(transaction, year, id));
      }  // otherwise a closed year's figures are frozen
    }
  }
  return WriteDefinitions(transaction, now, measures.fingerprint());
}

absl::Status VerifyYear(sql::Transaction& transaction, const measure::MeasureSet& measures,
                        const measure::CountedYear& year, measure::v1::VerifyMeasuresResponse* answer) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare("SELECT node, measure, value FROM measure_value WHERE year = ? AND value <> 0"));
  row->BindInt(0, year.year);
  std::map<std::string, std::map<std::string, int64_t>> kept;  // by measure, by node
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) break;
    kept[std::string(row->Text(1))][std::string(row->Text(0))] += row->Int(2);
  }
  JIEDUI_ASSIGN_OR_RETURN(const auto uncounted, ReadUncounted(transaction, year.year));
  for (size_t i = 0; i < measures.measures().size(); ++i) {
    const measure::Measure& measure = measures.measures()[i];
    if (uncounted.contains(measure.definition.id())) continue;
    std::map<std::string, int64_t>& values = kept[measure.definition.id()];
    // A stock of a closed year is frozen: today's facts may say otherwise.
    if (!year.open && measure.year == nullptr) continue;
    JIEDUI_ASSIGN_OR_RETURN(const auto recomputed, measures.Recompute(transaction, static_cast<int>(i), year));
    for (const auto& [node, value] : recomputed) values.emplace(node, 0);
    for (const auto& [node, value] : values) {
      const auto it = recomputed.find(node);
      const int64_t expected = it == recomputed.end() ? 0 : it->second;
      answer->set_cell_count(answer->cell_count() + 1);
      if (value == expected) continue;
      answer->set_difference_count(answer->difference_count() + 1);
      if (answer->differences_size() == kMaxDifferences) continue;
      measure::v1::MeasureDifference* difference = answer->add_differences();
      difference->set_year(year.year);
      difference->set_node(node);
      difference->set_measure(measure.definition.id());
      difference->set_kept_value(value);
      difference->set_recomputed_value(expected);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::map<int, bool>> ReadCountedYears(sql::Transaction& transaction) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction.Prepare("SELECT year, open FROM measure_year"));
  std::map<int, bool> years;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, statement->Step());
    if (!more) return years;
    years.emplace(static_cast<int>(statement->Int(0)), statement->Int(1) != 0);
  }
}

absl::StatusOr<absl::flat_hash_set<std::string>> ReadUncounted(sql::Transaction& transaction, int year) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          transaction.Prepare("SELECT measure FROM measure_uncounted WHERE year = ?"));
  row->BindInt(0, year);
  absl::flat_hash_set<std::string> measures;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return measures;
    measures.emplace(row->Text(0));
  }
}

absl::Status CheckDefinitions(sql::Transaction& transaction, const measure::MeasureSet& measures) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * state,
                          transaction.Prepare("SELECT definitions FROM engine_state WHERE id = 1"));
  JIEDUI_ASSIGN_OR_RETURN(const bool found, state->Step());
  if (found && state->Text(0) == measures.fingerprint()) return absl::OkStatus();
  // It is the replica that is at fault, not the call: another one takes it, so the rows of an import are not to be called wrong.
  return MakeError(absl::StatusCode::kUnavailable, error::v1::REASON_UNAVAILABLE,
                   {"the database keeps the measures of another release than this program's: run this program with "
                    "--migrate, or leave the calls to the replicas of the other release",
                    "数据库保存的指标属于另一版本的程序：请用 --migrate 运行本程序，或由该版本的副本提供服务"});
}

absl::Status PrepareDatabase(sql::Database& database, const measure::MeasureSet& measures) {
  return sql::WriteAndWait(database, {}, [&measures](sql::Transaction& transaction) -> absl::Status {
    JIEDUI_RETURN_IF_ERROR(AddState(transaction));
    JIEDUI_RETURN_IF_ERROR(AddShards(transaction, measure::kDirectoryTopic));
    return UpdateDefinitions(transaction, measures);
  });
}

absl::Status Engine::ReloadYears(sql::Transaction& transaction) {
  JIEDUI_ASSIGN_OR_RETURN(auto view, ReadView(transaction, measures()));
  // Also by an older one: what was read in a transaction that was rolled back is not to stay, and a view that is out of date
  // only makes the next write read again.
  absl::MutexLock lock(&mutex_);
  years_ = std::move(view);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const measure::YearView>> Engine::RewordYears(sql::Transaction& transaction,
                                                                             const measure::YearView& before,
                                                                             measure::Deltas& deltas) const {
  JIEDUI_RETURN_IF_ERROR(AdvanceEpoch(transaction));
  // Not for others before it is committed: another transaction may come to the same epoch with other words.
  JIEDUI_ASSIGN_OR_RETURN(auto after, ReadView(transaction, measures()));
  for (const measure::CountedYear& year : after->years) {
    const measure::CountedYear* old = before.Find(year.year);
    if (!year.open || old == nullptr || old->words == year.words) continue;
    for (size_t i = 0; i < measures().measures().size(); ++i) {
      if (!measures().IsReworded(measures().measures()[i], old->words, year.words)) continue;
      JIEDUI_RETURN_IF_ERROR(Rebuild(transaction, measures(), static_cast<int>(i), year));
      deltas.Drop(year.year, static_cast<int>(i));
    }
  }
  return after;
}

absl::Status Engine::SetYears(const std::vector<village::v1::DirectoryYear>& years, absl::Time deadline) {
  std::map<int, bool> wanted;
  for (const village::v1::DirectoryYear& year : years) {
    wanted.emplace(year.year(), year.state() == village::v1::YEAR_STATE_OPEN);
  }
  std::map<int, bool> current;
  for (const measure::CountedYear& year : this->years()->years) current.emplace(year.year, year.open);
  if (wanted == current) return absl::OkStatus();
  sql::WriteOptions options;
  options.deadline = deadline;
  JIEDUI_RETURN_IF_ERROR(
      sql::WriteAndWait(database(), std::move(options), [&](sql::Transaction& transaction) -> absl::Status {
        JIEDUI_RETURN_IF_ERROR(AdvanceEpoch(transaction));
        JIEDUI_RETURN_IF_ERROR(store::CheckDefinitions(transaction, measures()));
        JIEDUI_ASSIGN_OR_RETURN(const auto kept, ReadCountedYears(transaction));
        if (kept == wanted) return absl::OkStatus();  // another replica was first
        JIEDUI_RETURN_IF_ERROR(Run(transaction, "DELETE FROM measure_year", {}));
        for (const auto& [year, open] : wanted) {
          JIEDUI_RETURN_IF_ERROR(Run(transaction, "INSERT INTO measure_year (year, open) VALUES (?, ?)", {year, open}));
          const auto before = kept.find(year);
          const bool was_open = before != kept.end() && before->second;
          if (open && !was_open) JIEDUI_RETURN_IF_ERROR(OpenYear(transaction, measures(), year));
          if (open || before != kept.end()) continue;
          for (const measure::Measure& each : measures().measures()) {
            JIEDUI_RETURN_IF_ERROR(AddUncounted(transaction, year, each.definition.id()));
          }
        }
        for (const auto& [year, open] : kept) {
          if (wanted.count(year) > 0) continue;
          JIEDUI_RETURN_IF_ERROR(Run(transaction, "DELETE FROM measure_value WHERE year = ?", {year}));
          JIEDUI_RETURN_IF_ERROR(Run(transaction, "DELETE FROM measure_uncounted WHERE year = ?", {year}));
          JIEDUI_RETURN_IF_ERROR(
              Run(transaction, "UPDATE shard_version SET version = version + 1 WHERE topic = ?", {year}));
        }
        return absl::OkStatus();
      }));
  return sql::ReadAndWait(database(), deadline,
                          [this](sql::Transaction& transaction) { return ReloadYears(transaction); });
}

ReadHandler Engine::VerifyMeasuresHandler() const {
  return [this](RequestContext& context, sql::Transaction& transaction, const Message& request,
                Message* response) -> absl::Status {
    JIEDUI_RETURN_IF_ERROR(CheckMaySeeFigures(context.principal));
    const auto& typed = static_cast<const measure::v1::VerifyMeasuresRequest&>(request);
    auto* answer = static_cast<measure::v1::VerifyMeasuresResponse*>(response);
    // By other definitions every figure would differ.
    JIEDUI_RETURN_IF_ERROR(store::CheckDefinitions(transaction, measures()));
    const std::set<int> wanted(typed.years().begin(), typed.years().end());
    JIEDUI_ASSIGN_OR_RETURN(const auto years, ReadCountedYears(transaction));
    for (const auto& [year, open] : years) {
      if (!wanted.empty() && wanted.count(year) == 0) continue;
      JIEDUI_ASSIGN_OR_RETURN(const measure::CountedYear counted, measures().CompileYear(transaction, year, open));
      JIEDUI_RETURN_IF_ERROR(VerifyYear(transaction, measures(), counted, answer));
    }
    return absl::OkStatus();
  };
}

}  // namespace jiedui::store
