// One language, three evaluations: random filters over random records must choose the same records in memory, on SQLite and
// on MySQL.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/filter/filter.h"
#include "common/sql/database.h"
#include "common/status/macros.h"
#include "filter/record.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/filter/record.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace jiedui::filter {
namespace {

using google::protobuf::FieldDescriptor;
using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;

constexpr int kRecords = 200;
constexpr int kFilters = 10'000;

// The same numbers on every machine.
class Random {
 public:
  explicit Random(uint32_t seed) : generator_(seed) {}
  int Below(int limit) { return static_cast<int>(generator_() % static_cast<uint32_t>(limit)); }
  bool OneIn(int n) { return Below(n) == 0; }
  template <typename T>
  const T& Of(const std::vector<T>& choices) {
    return choices[Below(static_cast<int>(choices.size()))];
  }

 private:
  std::mt19937 generator_;
};

// Case, four bytes, accents, padding, pattern characters, what sorts below a space, and texts that begin with one another.
const std::vector<std::string>& Texts() {
  static const auto* const kTexts = new std::vector<std::string>{"",
                                                                 " ",
                                                                 "  ",
                                                                 "a",
                                                                 "a ",
                                                                 "a  ",
                                                                 " a",
                                                                 "A",
                                                                 "a\t",
                                                                 "a\n",
                                                                 "a!",
                                                                 "ab",
                                                                 "aB",
                                                                 "AB",
                                                                 "b",
                                                                 "abc",
                                                                 "a b",
                                                                 "a%",
                                                                 "a_b",
                                                                 "%",
                                                                 "_",
                                                                 "|",
                                                                 "a|b",
                                                                 "\\",
                                                                 "a\\b",
                                                                 "'",
                                                                 "\"",
                                                                 "*",
                                                                 "a*b",
                                                                 "a*",
                                                                 "é",
                                                                 "e\u0301",
                                                                 "É",
                                                                 "ß",
                                                                 "ss",
                                                                 "村",
                                                                 "村 ",
                                                                 "李家村",
                                                                 "李家",
                                                                 "家村",
                                                                 "王家村",
                                                                 "𠮷",
                                                                 "𠮷野",
                                                                 "野𠮷",
                                                                 "𠮷𠮷",
                                                                 "\uFFFD",
                                                                 "\u00A0",
                                                                 "ａ",
                                                                 "\U0010FFFF",
                                                                 "\U0010FFFFa",
                                                                 "zz",
                                                                 "null",
                                                                 "true",
                                                                 "12",
                                                                 "-12",
                                                                 "2018-01-01",
                                                                 "a\u0301",
                                                                 "\uD7FF",
                                                                 "\uE000",
                                                                 "\t",
                                                                 "\n",
                                                                 "1' OR '1'='1",
                                                                 std::string("a\0", 2),
                                                                 std::string("a\0b", 3),
                                                                 std::string("\0", 1)};
  return *kTexts;
}

const std::vector<int64_t>& Numbers() {
  static const auto* const kNumbers = new std::vector<int64_t>{0,
                                                               1,
                                                               -1,
                                                               2,
                                                               7,
                                                               100,
                                                               -100,
                                                               2018,
                                                               INT32_MAX,
                                                               INT32_MIN,
                                                               INT64_MAX,
                                                               INT64_MIN,
                                                               INT64_MAX - 1,
                                                               20'000'000,
                                                               9'007'199'254'740'993};
  return *kNumbers;
}

const std::vector<std::string>& Dates() {
  static const auto* const kDates = new std::vector<std::string>{"2018-01-01", "2017-12-31", "2018-01-02", "0001-01-01",
                                                                 "9999-12-31", "2016-02-29", "2018-10-09"};
  return *kDates;
}

const std::vector<int64_t>& Micros() {
  static const auto* const kMicros = new std::vector<int64_t>{
      0, 1, -1, 1'530'000'000'000'000, 1'530'000'000'000'001, -62'135'596'800'000'000, 253'402'300'799'999'999};
  return *kMicros;
}

// Fills a field at random; one with presence is often left unset.
void Fill(const Field& field, Random& random, test::Record* record) {
  const FieldDescriptor* descriptor = field.descriptor;
  const auto* reflection = record->GetReflection();
  if (field.has_presence && random.OneIn(3)) return;
  switch (field.type) {
    case Type::kInt: {
      const int64_t number = random.Of(Numbers());
      if (descriptor->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
        reflection->SetInt32(record, descriptor, static_cast<int32_t>(number));
      } else {
        reflection->SetInt64(record, descriptor, number);
      }
      return;
    }
    case Type::kBool:
      reflection->SetBool(record, descriptor, random.OneIn(2));
      return;
    case Type::kString:
      reflection->SetString(record, descriptor, random.Of(Texts()));
      return;
    case Type::kDate:
      reflection->SetString(record, descriptor, random.OneIn(4) ? "" : random.Of(Dates()));
      return;
    case Type::kEnum:
      reflection->SetEnumValue(record, descriptor, random.Of(std::vector<int>{0, 1, 2, 7}));
      return;
    case Type::kTime: {
      const int64_t micros = random.Of(Micros());
      const int64_t seconds = micros >= 0 ? micros / 1'000'000 : -((-micros + 999'999) / 1'000'000);
      record->mutable_seen_time()->set_seconds(seconds);
      // Digits below a microsecond are no part of the value.
      record->mutable_seen_time()->set_nanos(static_cast<int32_t>((micros - seconds * 1'000'000) * 1000) +
                                             random.Below(1000));
      return;
    }
  }
}

std::string Quoted(absl::string_view text, bool wildcard_before, bool wildcard_after) {
  const std::string escaped = absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"*", "\\*"}});
  return absl::StrCat("\"", wildcard_before ? "*" : "", escaped, wildcard_after ? "*" : "", "\"");
}

// Text that a filter may hold.
std::string AnyText(Random& random) {
  std::string text = random.Of(Texts());
  for (const char control : {'\t', '\n', '\0'}) text.erase(std::remove(text.begin(), text.end(), control), text.end());
  return text;
}

class FilterMaker {
 public:
  FilterMaker(const RecordSchema& schema, Random& random) : schema_(schema), random_(random) {}

  std::string Make() { return Disjunctions(3); }

 private:
  std::string Disjunctions(int depth) {
    std::string filter = Alternatives(depth);
    while (random_.OneIn(3)) absl::StrAppend(&filter, random_.OneIn(2) ? " AND " : " ", Alternatives(depth));
    return filter;
  }

  std::string Alternatives(int depth) {
    std::string filter = Term(depth);
    while (random_.OneIn(3)) absl::StrAppend(&filter, " OR ", Term(depth));
    return filter;
  }

  std::string Term(int depth) {
    const char* negation = random_.OneIn(4) ? (random_.OneIn(2) ? "NOT " : "-") : "";
    return absl::StrCat(negation,
                        depth > 0 && random_.OneIn(4) ? absl::StrCat("(", Disjunctions(depth - 1), ")") : Comparison());
  }

  std::string Comparison() {
    const Field& field = random_.Of(schema_.fields());
    if (random_.OneIn(12)) return absl::StrCat(field.name, ":*");
    if (random_.OneIn(12)) return absl::StrCat(field.name, random_.OneIn(2) ? " = null" : " != null");
    static const auto* const kAll = new std::vector<std::string>{"=", "!=", "<", "<=", ">", ">=", ":"};
    static const auto* const kEquality = new std::vector<std::string>{"=", "!=", ":"};
    const std::string op = random_.Of(field.type == Type::kBool ? *kEquality : *kAll);
    return absl::StrCat(field.name, " ", op, " ", Value(field, op));
  }

  std::string Value(const Field& field, const std::string& op) {
    switch (field.type) {
      case Type::kInt:
        return absl::StrCat(random_.Of(Numbers()));
      case Type::kBool:
        return random_.OneIn(2) ? "true" : "false";
      case Type::kString: {
        const std::string text = AnyText(random_);
        const bool equality = op == "=" || op == "!=";
        return Quoted(text, equality && !text.empty() && random_.OneIn(3),
                      equality && !text.empty() && random_.OneIn(3));
      }
      case Type::kDate:
        return absl::StrCat("\"", random_.Of(Dates()), "\"");
      case Type::kEnum:
        return random_.Of(std::vector<std::string>{"KIND_UNSPECIFIED", "KIND_ROAD", "KIND_LIGHT", "KIND_WATER"});
      case Type::kTime:
        return absl::FormatTime("\"%E4Y-%m-%dT%H:%M:%E6SZ\"", absl::FromUnixMicros(random_.Of(Micros())),
                                absl::UTCTimeZone());
    }
    return "";
  }

  const RecordSchema& schema_;
  Random& random_;
};

std::string TableSql(const RecordSchema& schema) {
  std::string sql = "CREATE TABLE record (id BIGINT NOT NULL PRIMARY KEY";
  for (const Field& field : schema.fields()) {
    const bool text = field.type == Type::kString || field.type == Type::kDate;
    absl::StrAppend(&sql, ", ", field.column, text ? " VARCHAR(255)" : " BIGINT",
                    field.has_presence ? "" : " NOT NULL");
  }
  return absl::StrCat(sql, ") /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */");
}

int64_t NumberOf(const test::Record& record, const Field& field) {
  const auto* reflection = record.GetReflection();
  switch (field.descriptor->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(record, field.descriptor);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->GetInt64(record, field.descriptor);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnumValue(record, field.descriptor);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(record, field.descriptor) ? 1 : 0;
    default:
      return record.seen_time().seconds() * 1'000'000 + record.seen_time().nanos() / 1000;
  }
}

class AgreementTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    fresh_ = std::make_unique<testing::TestDatabase>(GetParam());
    database_ = fresh_->Open();
    ASSERT_NE(database_, nullptr);
    ASSERT_OK(database_->ExecuteDdl(TableSql(schema_)));
    // With an index the bounds that are there for it are used.
    for (const Field& field : schema_.fields()) {
      ASSERT_OK(database_->ExecuteDdl(
          absl::StrCat("CREATE INDEX record_on_", field.name, " ON record (", field.column, ")")));
    }
    for (int i = 0; i < kRecords; ++i) {
      records_.emplace_back();
      for (const Field& field : schema_.fields()) Fill(field, random_, &records_.back());
    }
    ASSERT_OK(sql::WriteAndWait(*database_, {}, [this](sql::Transaction& transaction) { return Insert(transaction); }));
  }

  absl::Status Insert(sql::Transaction& transaction) {
    std::vector<std::string> columns = {"id"};
    for (const Field& field : schema_.fields()) columns.push_back(field.column);
    const std::string text = absl::StrCat("INSERT INTO record (", absl::StrJoin(columns, ", "), ") VALUES (?",
                                          absl::StrJoin(std::vector<std::string>(columns.size(), ""), ", ?"), ")");
    for (int i = 0; i < kRecords; ++i) {
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction.Prepare(text));
      statement->BindInt(0, i);
      int parameter = 0;
      for (const Field& field : schema_.fields()) {
        ++parameter;
        const auto* reflection = records_[i].GetReflection();
        if (field.has_presence && !reflection->HasField(records_[i], field.descriptor)) {
          statement->BindNull(parameter);
        } else if (field.type == Type::kString || field.type == Type::kDate) {
          std::string scratch;
          statement->BindText(parameter, reflection->GetStringReference(records_[i], field.descriptor, &scratch));
        } else {
          statement->BindInt(parameter, NumberOf(records_[i], field));
        }
      }
      JIEDUI_RETURN_IF_ERROR(statement->Execute().status());
    }
    return absl::OkStatus();
  }

  std::vector<int> Memory(const Filter& filter) {
    std::vector<int> ids;
    for (int i = 0; i < kRecords; ++i) {
      if (filter.Matches(records_[i])) ids.push_back(i);
    }
    return ids;
  }

  absl::StatusOr<std::vector<int>> Database(sql::Transaction& transaction, const Filter& filter) {
    const SqlFilter sql =
        filter.ToSql(transaction.dialect() == sql::Dialect::kMysql ? SqlDialect::kMysql : SqlDialect::kSqlite);
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare(absl::StrCat("SELECT id FROM record WHERE ",
                                                                                   sql.where, " ORDER BY id")));
    int parameter = 0;
    for (const SqlValue& value : sql.values) {
      if (const auto* number = std::get_if<int64_t>(&value)) {
        row->BindInt(parameter++, *number);
      } else {
        row->BindText(parameter++, std::get<std::string>(value));
      }
    }
    std::vector<int> ids;
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) return ids;
      ids.push_back(static_cast<int>(row->Int(0)));
    }
  }

  RecordSchema schema_;
  Random random_{20180101};
  std::vector<test::Record> records_;
  std::unique_ptr<testing::TestDatabase> fresh_;
  std::unique_ptr<sql::Database> database_;
};

INSTANTIATE_TEST_SUITE_P(Databases, AgreementTest, BothDatabases(), DatabaseName);

TEST_P(AgreementTest, MemoryAndSqlChooseTheSameRecords) {
  FilterMaker maker(schema_, random_);
  int64_t matches = 0;
  int done = 0;
  int disagreements = 0;
  while (done < kFilters) {
    // One snapshot for many filters saves the round trips of its end.
    ASSERT_OK(database_->ReadHere([&](sql::Transaction& transaction) -> absl::Status {
      for (int i = 0; i < 500; ++i, ++done) {
        const std::string text = maker.Make();
        JIEDUI_ASSIGN_OR_RETURN(const Filter filter, Filter::Parse(text, schema_));
        const std::vector<int> expected = Memory(filter);
        JIEDUI_ASSIGN_OR_RETURN(const std::vector<int> found, Database(transaction, filter));
        matches += static_cast<int64_t>(expected.size());
        if (found == expected) continue;
        ADD_FAILURE() << text << "\nin memory: " << absl::StrJoin(expected, " ")
                      << "\nin SQL:    " << absl::StrJoin(found, " ");
        if (++disagreements == 10) return absl::InternalError("and so on");
      }
      return absl::OkStatus();
    }));
  }
  // Filters that choose all or nothing would prove little.
  EXPECT_GT(matches, int64_t{kFilters} * kRecords / 5);
  EXPECT_LT(matches, int64_t{kFilters} * kRecords * 4 / 5);
}

}  // namespace
}  // namespace jiedui::filter
