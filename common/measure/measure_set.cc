#include "common/measure/measure_set.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace jiedui::measure {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Any year with the same number of digits shows whether a filter compiles.
constexpr int kProbeYear = 2018;

absl::Status BindNode(const resource::TablePlan& plan, Measure* measure) {
  if (measure->definition.node_field() == "name") {
    measure->node = plan.standard().name;
    return absl::OkStatus();
  }
  const std::vector<std::string> path = absl::StrSplit(measure->definition.node_field(), '.');
  const resource::Column* column = plan.FindColumn(path[0]);
  if (column == nullptr || path.size() > 2) return absl::InvalidArgumentError("node_field is no field");
  if (path.size() == 1) {
    measure->node = column->field;
  } else {
    if (!column->field->is_repeated() || column->field->message_type() == nullptr) {
      return absl::InvalidArgumentError("node_field goes through a field that is not repeated");
    }
    measure->list = column->field;
    measure->node = column->field->message_type()->FindFieldByName(path[1]);
  }
  if (measure->node == nullptr || measure->node->is_repeated() ||
      measure->node->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return absl::InvalidArgumentError("node_field is no text");
  }
  return absl::OkStatus();
}

absl::Status Bind(const resource::Registry& registry, YearReference* reference) {
  reference->plan = registry.FindByCollection(reference->definition.collection());
  if (reference->plan == nullptr) return absl::InvalidArgumentError("no such collection");
  const resource::Column* column = reference->plan->FindColumn(reference->definition.year_field());
  if (column == nullptr || column->type != resource::ColumnType::kInt) {
    return absl::InvalidArgumentError("year_field is no number");
  }
  reference->year = column->field;
  return absl::OkStatus();
}

absl::Status CheckNumber(const resource::TablePlan& plan, const std::string& field) {
  const resource::Column* column = plan.FindColumn(field);
  if (column != nullptr && column->type == resource::ColumnType::kInt) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, " is no number"));
}

// The fields that make a record unique in its year.
void FindKey(const resource::TablePlan& plan, PlausibilityRule* rule) {
  for (const auto& unique : plan.options().unique()) {
    const auto& fields = unique.fields();
    if (std::find(fields.begin(), fields.end(), rule->year_column) == fields.end()) continue;
    rule->key_columns.assign(fields.begin(), fields.end());
    rule->key_columns.erase(std::find(rule->key_columns.begin(), rule->key_columns.end(), rule->year_column));
    return;
  }
}

absl::Status Bind(const resource::Registry& registry, PlausibilityRule* rule) {
  const measure::v1::PlausibilityRule& definition = rule->definition;
  rule->plan = registry.FindByCollection(definition.collection());
  if (rule->plan == nullptr) return absl::InvalidArgumentError("no such collection");
  if (rule->plan->options().scope_field().empty()) return absl::InvalidArgumentError("its records sit nowhere");
  for (const resource::Column& column : rule->plan->columns()) {
    if (column.rule->is_year) rule->year_column = column.field->name();
  }
  if (!definition.field().empty()) {
    JIEDUI_RETURN_IF_ERROR(CheckNumber(*rule->plan, definition.field()));
    JIEDUI_RETURN_IF_ERROR(CheckNumber(*rule->plan, definition.against_field()));
    if (definition.most_percent() <= 0) return absl::InvalidArgumentError("most_percent is not above 0");
  }
  if (definition.year_before()) {
    FindKey(*rule->plan, rule);
    if (rule->key_columns.empty()) return absl::InvalidArgumentError("its records are not unique in a year");
  }
  JIEDUI_ASSIGN_OR_RETURN(rule->filter, filter::Filter::Parse(definition.filter(), rule->plan->measure_schema()));
  return absl::OkStatus();
}

// The field that "list.field" names in the measure's list; null when it names none.
const FieldDescriptor* ElementField(const Measure& measure, absl::string_view path) {
  if (measure.list == nullptr || !absl::ConsumePrefix(&path, absl::StrCat(measure.list->name(), "."))) return nullptr;
  const FieldDescriptor* field = measure.list->message_type()->FindFieldByName(std::string(path));
  return field == nullptr || field->is_repeated() ? nullptr : field;
}

absl::Status BindSum(const resource::TablePlan& plan, Measure* measure) {
  const measure::v1::MeasureDefinition& definition = measure->definition;
  if (definition.aggregate() != measure::v1::AGGREGATE_SUM) {
    if (definition.aggregate() == measure::v1::AGGREGATE_COUNT && definition.sum_field().empty())
      return absl::OkStatus();
    return absl::InvalidArgumentError("aggregate must be COUNT without, or SUM with, a sum_field");
  }
  if (absl::StrContains(definition.sum_field(), '.')) {
    measure->element_sum = ElementField(*measure, definition.sum_field());
    if (measure->element_sum != nullptr && measure->element_sum->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError("sum_field is no number of the list");
  }
  const resource::Column* column = plan.FindColumn(definition.sum_field());
  if (column == nullptr || column->type != resource::ColumnType::kInt) {
    return absl::InvalidArgumentError("sum_field is no number");
  }
  measure->sum = column->field;
  return absl::OkStatus();
}

absl::Status BindDate(Measure* measure) {
  if (measure->definition.date_field().empty()) return absl::OkStatus();
  measure->element_date = ElementField(*measure, measure->definition.date_field());
  if (measure->element_date != nullptr && measure->element_date->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("date_field is no text of the list");
}

// Whether the sum's counted_by is what it must be.
bool IsCounted(const measure::v1::MeasureDefinition& sum, const measure::v1::ListMeasuresResponse& definitions) {
  return sum.of_persons() && sum.aggregate() == measure::v1::AGGREGATE_SUM &&
         std::any_of(definitions.measures().begin(), definitions.measures().end(), [&sum](const auto& each) {
           return each.id() == sum.counted_by() && each.of_persons() && each.counted_by().empty() &&
                  each.collection() == sum.collection() && each.filter() == sum.filter();
         });
}

// Whether it counts what places report: of such records there is one at most for a place, year and kind, so that their number tells of
// nobody, though what is in them does.
bool CountsReports(const resource::TablePlan& plan, const measure::v1::MeasureDefinition& definition) {
  if (definition.aggregate() != measure::v1::AGGREGATE_COUNT) return false;
  const auto is_key_of_reports = [&](const options::v1::UniqueKey& key) {
    return std::all_of(key.fields().begin(), key.fields().end(), [&](const std::string& field) {
      return field == definition.node_field() || field == definition.year_field() ||
             plan.FindColumn(field)->field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
    });
  };
  return std::any_of(plan.options().unique().begin(), plan.options().unique().end(), is_key_of_reports);
}

std::string Placeholder(const YearReference& reference) { return absl::StrCat("{", reference.definition.id(), "}"); }

absl::Status Bind(const resource::Registry& registry, const filter::Words& words, Measure* measure) {
  const measure::v1::MeasureDefinition& definition = measure->definition;
  measure->plan = registry.FindByCollection(definition.collection());
  if (measure->plan == nullptr) return absl::InvalidArgumentError("no such collection");
  const resource::TablePlan& plan = *measure->plan;
  if (plan.options().of_persons() && !definition.of_persons() && !CountsReports(plan, definition)) {
    return absl::InvalidArgumentError("the collection is of persons, so its figures are too");
  }
  JIEDUI_RETURN_IF_ERROR(BindNode(plan, measure));
  if (!definition.year_field().empty()) {
    const resource::Column* column = plan.FindColumn(definition.year_field());
    if (column == nullptr || column->type != resource::ColumnType::kInt) {
      return absl::InvalidArgumentError("year_field is no number");
    }
    measure->year = column->field;
  }
  JIEDUI_RETURN_IF_ERROR(BindSum(plan, measure));
  JIEDUI_RETURN_IF_ERROR(BindDate(measure));
  JIEDUI_ASSIGN_OR_RETURN(const std::string text, filter::ExpandYear(definition.filter(), kProbeYear, words));
  return filter::Filter::Parse(text, plan.measure_schema()).status();
}

int64_t IntOf(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ? reflection->GetInt32(message, field)
                                                             : reflection->GetInt64(message, field);
}

const std::string& TextOf(const Message& message, const FieldDescriptor* field, std::string* scratch) {
  return message.GetReflection()->GetStringReference(message, field, scratch);
}

absl::Status BindValues(sql::Statement& statement, const std::vector<filter::SqlValue>& values) {
  int parameter = 0;
  for (const filter::SqlValue& value : values) {
    if (const auto* number = std::get_if<int64_t>(&value)) {
      statement.BindInt(parameter++, *number);
    } else {
      statement.BindText(parameter++, std::get<std::string>(value));
    }
  }
  return absl::OkStatus();
}

// Whether the record is itself the place that it counts at: a village.
bool IsOwnName(const Measure& measure) { return measure.node == measure.plan->standard().name; }

std::string RecomputeSql(const Measure& measure, const std::string& where, sql::Dialect dialect) {
  const std::string table = absl::StrCat("`", measure.plan->table(), "`");
  const std::string value = measure.sum == nullptr ? "1" : absl::StrCat("COALESCE(`", measure.sum->name(), "`, 0)");
  if (measure.list == nullptr) {
    const std::string node = IsOwnName(measure) ? "id" : absl::StrCat("`", measure.node->name(), "`");
    return absl::StrCat("SELECT ", node, ", CAST(SUM(", value, ") AS ",
                        dialect == sql::Dialect::kMysql ? "SIGNED" : "INTEGER", ") FROM ", table, " WHERE ", where,
                        " GROUP BY ", node);
  }
  // The elements of a JSON column: added up by the caller, so that no database's collation can join two nodes.
  const std::string rows = absl::StrCat("(SELECT `", measure.list->name(), "` AS elements, ", value, " AS amount FROM ",
                                        table, " WHERE ", where, ") r");
  if (dialect == sql::Dialect::kMysql) {
    std::string columns = absl::StrCat("node VARCHAR(255) PATH '$.", measure.node->name(), "'");
    if (measure.element_sum != nullptr) {
      absl::StrAppend(&columns, ", part BIGINT PATH '$.", measure.element_sum->name(), "'");
    }
    if (measure.element_date != nullptr) {
      absl::StrAppend(&columns, ", day VARCHAR(10) PATH '$.", measure.element_date->name(), "'");
    }
    return absl::StrCat("SELECT e.node, ", measure.element_sum == nullptr ? "r.amount" : "COALESCE(e.part, 0)",
                        " FROM ", rows, ", JSON_TABLE(r.elements, '$[*]' COLUMNS (", columns, ")) e",
                        measure.element_date == nullptr ? "" : " WHERE e.day <= ?");
  }
  const auto part = [](const FieldDescriptor* field) {
    return absl::StrCat("json_extract(e.value, '$.", field->name(), "')");
  };
  return absl::StrCat(
      "SELECT ", part(measure.node), ", ",
      measure.element_sum == nullptr ? "r.amount"
                                     : absl::StrCat("CAST(COALESCE(", part(measure.element_sum), ", 0) AS INTEGER)"),
      " FROM ", rows, ", json_each(r.elements) e",
      measure.element_date == nullptr ? "" : absl::StrCat(" WHERE ", part(measure.element_date), " <= ?"));
}

std::string LastDay(int year) { return absl::StrCat(year, "-12-31"); }

// FNV-1a: stored, so it must never change.
uint64_t HashOf(absl::string_view text) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

}  // namespace

absl::Status OutOfBounds(absl::string_view measure) {
  const std::string of = measure.empty() ? "" : absl::StrCat(" (", measure, ")");
  return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_RANGE,
                   {absl::StrCat("a figure that the record counts in would no longer fit 64 bits", of),
                    absl::StrCat("该记录计入的指标值将超出64位整数范围", of)});
}

int ShardOf(absl::string_view node) { return static_cast<int>(HashOf(node) % kShardCount); }

const CountedYear* YearView::Find(int year) const {
  for (const CountedYear& counted : years) {
    if (counted.year == year) return &counted;
  }
  return nullptr;
}

bool YearView::IsOpen(int year) const {
  const CountedYear* counted = Find(year);
  return counted != nullptr && counted->open;
}

absl::StatusOr<std::unique_ptr<MeasureSet>> MeasureSet::Build(const measure::v1::ListMeasuresResponse& definitions,
                                                              const resource::Registry& registry) {
  auto set = std::make_unique<MeasureSet>();
  std::vector<std::string> problems;
  std::set<std::string> ids;
  filter::Words words;
  for (const measure::v1::YearReference& definition : definitions.year_references()) {
    YearReference reference;
    reference.definition = definition;
    absl::Status status = Bind(registry, &reference);
    if (status.ok() && !words.emplace(definition.id(), "").second) {
      status = absl::InvalidArgumentError("the id is used twice");
    }
    if (!status.ok()) problems.push_back(absl::StrCat("year reference ", definition.id(), ": ", status.message()));
    set->year_references_.push_back(std::move(reference));
  }
  for (const measure::v1::PlausibilityRule& definition : definitions.plausibility_rules()) {
    PlausibilityRule rule;
    rule.definition = definition;
    const absl::Status status = Bind(registry, &rule);
    if (!status.ok()) problems.push_back(absl::StrCat("plausibility rule ", definition.id(), ": ", status.message()));
    set->plausibility_rules_.push_back(std::move(rule));
  }
  for (const measure::v1::MeasureDefinition& definition : definitions.measures()) {
    Measure measure;
    measure.definition = definition;
    absl::Status status = Bind(registry, words, &measure);
    if (status.ok() && (definition.id().empty() || !ids.insert(definition.id()).second)) {
      status = absl::InvalidArgumentError("the id is empty or used twice");
    }
    if (!status.ok()) {
      problems.push_back(absl::StrCat("measure ", definition.id(), ": ", status.message()));
      continue;
    }
    set->by_plan_[measure.plan].push_back(static_cast<int>(set->measures_.size()));
    set->measures_.push_back(std::move(measure));
  }
  for (const Measure& sum : set->measures_) {
    if (sum.definition.counted_by().empty() || IsCounted(sum.definition, definitions)) continue;
    problems.push_back(absl::StrCat("measure ", sum.definition.id(),
                                    ": counted_by is of a sum of_persons and names a count of_persons"));
  }
  if (!problems.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
  std::string all;
  for (const Measure& measure : set->measures_) {
    absl::StrAppend(&all, measure.definition.id(), "|", set->FingerprintOf(measure), "\n");
  }
  set->fingerprint_ = absl::StrCat(absl::Hex(HashOf(all), absl::kZeroPad16));
  return set;
}

std::string MeasureSet::FingerprintOf(const Measure& measure) const {
  const measure::v1::MeasureDefinition& d = measure.definition;
  std::string fingerprint = absl::StrCat(d.collection(), "|", d.node_field(), "|", d.year_field(), "|", d.aggregate(),
                                         "|", d.sum_field(), "|", d.filter());
  if (!d.date_field().empty()) absl::StrAppend(&fingerprint, "|", d.date_field());
  for (const YearReference& reference : year_references_) {
    if (!absl::StrContains(d.filter(), Placeholder(reference))) continue;
    absl::StrAppend(&fingerprint, "|", reference.definition.collection(), "|", reference.definition.year_field());
  }
  return fingerprint;
}

absl::StatusOr<filter::Words> MeasureSet::ReadWords(sql::Transaction& transaction, int year) const {
  filter::Words words;
  for (const YearReference& reference : year_references_) {
    const std::string& field = reference.year->name();
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * version,
                            transaction.Prepare(absl::StrCat("SELECT id FROM `", reference.plan->table(), "` WHERE `",
                                                             field, "` <= ? ORDER BY `", field, "` DESC, id LIMIT 1")));
    version->BindInt(0, year);
    JIEDUI_ASSIGN_OR_RETURN(const bool found, version->Step());
    words[reference.definition.id()] = found ? reference.plan->NameOf(version->Text(0)) : "";
  }
  return words;
}

bool MeasureSet::ChangesYears(const resource::TablePlan& plan, const Message* before, const Message* after) const {
  for (const YearReference& reference : year_references_) {
    if (reference.plan != &plan) continue;
    if (before == nullptr || after == nullptr) return true;
    if (IntOf(*before, reference.year) != IntOf(*after, reference.year)) return true;
  }
  return false;
}

bool MeasureSet::IsReworded(const Measure& measure, const filter::Words& before, const filter::Words& after) const {
  for (const YearReference& reference : year_references_) {
    const std::string& id = reference.definition.id();
    if (before.at(id) == after.at(id)) continue;
    if (absl::StrContains(measure.definition.filter(), Placeholder(reference))) return true;
  }
  return false;
}

absl::StatusOr<CountedYear> MeasureSet::CompileYear(sql::Transaction& transaction, int year, bool open) const {
  CountedYear counted;
  counted.year = year;
  counted.open = open;
  JIEDUI_ASSIGN_OR_RETURN(counted.words, ReadWords(transaction, year));
  for (const Measure& measure : measures_) {
    JIEDUI_ASSIGN_OR_RETURN(const std::string text,
                            filter::ExpandYear(measure.definition.filter(), year, counted.words));
    JIEDUI_ASSIGN_OR_RETURN(filter::Filter filter, filter::Filter::Parse(text, measure.plan->measure_schema()));
    counted.filters.push_back(std::move(filter));
  }
  return counted;
}

void MeasureSet::Contribute(const resource::TablePlan& plan, const Message& record, int sign, const YearView& years,
                            Deltas& deltas) const {
  const auto it = by_plan_.find(&plan);
  if (it == by_plan_.end()) return;
  std::string scratch;
  for (const int index : it->second) {
    const Measure& measure = measures_[index];
    for (const CountedYear& year : years.years) {
      if (!year.open || (measure.year != nullptr && IntOf(record, measure.year) != year.year)) continue;
      if (!year.filters[index].Matches(record)) continue;
      const int64_t value = measure.sum == nullptr ? 1 : IntOf(record, measure.sum);
      if (measure.list == nullptr) {
        deltas.Add(year.year, TextOf(record, measure.node, &scratch), index, sign, value);
        continue;
      }
      const auto* reflection = record.GetReflection();
      for (int i = 0; i < reflection->FieldSize(record, measure.list); ++i) {
        const Message& element = reflection->GetRepeatedMessage(record, measure.list, i);
        if (measure.element_date != nullptr && TextOf(element, measure.element_date, &scratch) > LastDay(year.year))
          continue;
        const int64_t part = measure.element_sum == nullptr ? value : IntOf(element, measure.element_sum);
        deltas.Add(year.year, TextOf(element, measure.node, &scratch), index, sign, part);
      }
    }
  }
}

absl::StatusOr<absl::flat_hash_map<std::string, int64_t>> MeasureSet::Recompute(sql::Transaction& transaction,
                                                                                int index,
                                                                                const CountedYear& year) const {
  const Measure& measure = measures_[index];
  const bool mysql = transaction.dialect() == sql::Dialect::kMysql;
  filter::SqlFilter filter =
      year.filters[index].ToSql(mysql ? filter::SqlDialect::kMysql : filter::SqlDialect::kSqlite);
  std::string where = absl::StrCat("(", filter.where, ")");
  if (measure.year != nullptr) {
    absl::StrAppend(&where, " AND `", measure.year->name(), "` = ?");
    filter.values.emplace_back(int64_t{year.year});
  }
  if (measure.element_date != nullptr) filter.values.emplace_back(LastDay(year.year));
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement,
                          transaction.Prepare(RecomputeSql(measure, where, transaction.dialect())));
  JIEDUI_RETURN_IF_ERROR(BindValues(*statement, filter.values));
  absl::flat_hash_map<std::string, int64_t> values;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, statement->Step());
    if (!more) break;
    int64_t& value =
        values[IsOwnName(measure) ? measure.plan->NameOf(statement->Text(0)) : std::string(statement->Text(0))];
    if (__builtin_add_overflow(value, statement->Int(1), &value)) return OutOfBounds(measure.definition.id());
  }
  absl::erase_if(values, [](const auto& entry) { return entry.second == 0; });
  return values;
}

}  // namespace jiedui::measure
