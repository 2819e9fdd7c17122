#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/measure/measure_set.h"
#include "common/status/macros.h"

namespace jiedui::measure {
namespace {

// Rows of one statement: few enough distinct statements to stay in every connection's cache.
constexpr size_t kMostRows = 64;

struct Row {
  int year;
  int shard;
  absl::string_view node;
  absl::string_view measure;
  int64_t delta;

  auto key() const { return std::tie(year, shard, node, measure); }
};

// The largest size of a statement for the rows that are left: small counts exactly, large ones by powers of two.
size_t ChunkOf(size_t left) {
  if (left <= 8) return left;
  size_t size = 8;
  while (size * 2 <= std::min(left, kMostRows)) size *= 2;
  return size;
}

std::string UpsertSql(size_t rows, sql::Dialect dialect) {
  std::string sql = "INSERT INTO measure_value (year, shard, node, measure, value) VALUES ";
  for (size_t i = 0; i < rows; ++i) absl::StrAppend(&sql, i == 0 ? "" : ", ", "(?, ?, ?, ?, ?)");
  // SQLite makes a sum that does not fit a REAL; here it becomes NULL, which the column refuses.
  absl::StrAppend(&sql, dialect == sql::Dialect::kMysql
                            ? " ON DUPLICATE KEY UPDATE value = value + VALUES(value)"
                            : " ON CONFLICT (year, shard, node, measure) DO UPDATE SET value = "
                              "CASE typeof(value + excluded.value) WHEN 'integer' THEN value + excluded.value END");
  return sql;
}

std::string BumpSql(size_t rows) {
  std::string sql = "UPDATE shard_version SET version = version + 1 WHERE ";
  for (size_t i = 0; i < rows; ++i) absl::StrAppend(&sql, i == 0 ? "" : " OR ", "(topic = ? AND shard = ?)");
  return sql;
}

// Texts of the statements by number of rows, made once.
const std::string& CachedUpsertSql(size_t rows, sql::Dialect dialect) {
  static const auto* const kTexts = [] {
    auto* texts = new std::vector<std::string>[2];
    for (const sql::Dialect each : {sql::Dialect::kSqlite, sql::Dialect::kMysql}) {
      for (size_t i = 0; i <= kMostRows; ++i) texts[each == sql::Dialect::kMysql].push_back(UpsertSql(i, each));
    }
    return texts;
  }();
  return kTexts[dialect == sql::Dialect::kMysql][rows];
}

const std::string& CachedBumpSql(size_t rows) {
  static const auto* const kTexts = [] {
    auto* texts = new std::vector<std::string>();
    for (size_t i = 0; i <= kMostRows; ++i) texts->push_back(BumpSql(i));
    return texts;
  }();
  return (*kTexts)[rows];
}

// Whether the sum did not fit: what SQLite says of the NULL, or SQLSTATE "numeric value out of range".
bool IsOverflow(const absl::Status& status) {
  return absl::IsInternal(status) &&
         (absl::StrContains(status.message(), "measure_value.value") || absl::StrContains(status.message(), "(22003)"));
}

absl::Status UpsertRows(sql::Transaction& transaction, absl::Span<const Row> rows) {
  while (!rows.empty()) {
    const absl::Span<const Row> chunk = rows.first(ChunkOf(rows.size()));
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement,
                            transaction.Prepare(CachedUpsertSql(chunk.size(), transaction.dialect())));
    int parameter = 0;
    for (const Row& row : chunk) {
      statement->BindInt(parameter++, row.year);
      statement->BindInt(parameter++, row.shard);
      statement->BindText(parameter++, row.node);
      statement->BindText(parameter++, row.measure);
      statement->BindInt(parameter++, row.delta);
    }
    const absl::Status written = statement->Execute().status();
    if (!written.ok()) return IsOverflow(written) ? OutOfBounds("") : written;
    rows.remove_prefix(chunk.size());
  }
  return absl::OkStatus();
}

absl::Status BumpShards(sql::Transaction& transaction, absl::Span<const std::pair<int, int>> shards) {
  while (!shards.empty()) {
    const auto chunk = shards.first(ChunkOf(shards.size()));
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction.Prepare(CachedBumpSql(chunk.size())));
    int parameter = 0;
    for (const auto& [topic, shard] : chunk) {
      statement->BindInt(parameter++, topic);
      statement->BindInt(parameter++, shard);
    }
    JIEDUI_RETURN_IF_ERROR(statement->Execute().status());
    shards.remove_prefix(chunk.size());
  }
  return absl::OkStatus();
}

}  // namespace

void Deltas::Add(int year, absl::string_view node, int measure, int sign, int64_t value) {
  if (value == 0 || node.empty()) return;
  int64_t delta = 0;
  overflown_ |= __builtin_mul_overflow(int64_t{sign}, value, &delta);
  auto it = cells_.find(node);
  if (it == cells_.end()) it = cells_.emplace(node, std::vector<Cell>()).first;
  for (Cell& cell : it->second) {
    if (cell.year == year && cell.measure == measure) {
      overflown_ |= __builtin_add_overflow(cell.delta, delta, &cell.delta);
      return;
    }
  }
  it->second.push_back({year, measure, delta});
}

void Deltas::Touch(int topic, int shard) { touched_.emplace_back(topic, shard); }

void Deltas::Drop(int year, int measure) {
  for (auto& [node, cells] : cells_) {
    for (Cell& cell : cells) {
      if (cell.year == year && cell.measure == measure) cell.delta = 0;
    }
  }
}

void Deltas::Clear() {
  cells_.clear();
  touched_.clear();
  overflown_ = false;
}

absl::Status Deltas::Flush(sql::Transaction& transaction, const std::vector<Measure>& measures) {
  if (overflown_) return OutOfBounds("");
  std::vector<Row> rows;
  std::vector<std::pair<int, int>> shards = touched_;
  for (const auto& [node, cells] : cells_) {
    const int shard = ShardOf(node);
    for (const Cell& cell : cells) {
      if (cell.delta == 0) continue;
      rows.push_back({cell.year, shard, node, measures[cell.measure].definition.id(), cell.delta});
      shards.emplace_back(cell.year, shard);
    }
  }
  // One order in every transaction, values before versions: writers wait for each other instead of deadlocking.
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.key() < b.key(); });
  std::sort(shards.begin(), shards.end());
  shards.erase(std::unique(shards.begin(), shards.end()), shards.end());
  JIEDUI_RETURN_IF_ERROR(UpsertRows(transaction, rows));
  return BumpShards(transaction, shards);
}

}  // namespace jiedui::measure
