// Lists, filters and tables of every resource of every program, on every database.

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/filter/filter.h"
#include "common/store/schema_check.h"
#include "gmock/gmock.h"
#include "tests/conformance/conformance_fixture.h"

namespace jiedui::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using resource::TablePlan;
using ::testing::HasSubstr;

class ListConformanceTest : public ConformanceTest {};

INSTANTIATE_TEST_SUITE_P(Programs, ListConformanceTest, EveryProgramAndDatabase(), ProgramAndDatabaseName);

TEST_P(ListConformanceTest, ListsComeInPagesAndInOrder) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    for (int n = 1; n <= 7; ++n) maker_->Create(plan, n);
    auto everything = client.ListAll("", "", 50);
    ASSERT_OK(everything);
    std::vector<std::string> names = Names(*everything);
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
    std::vector<const FieldDescriptor*> sortable;
    for (const resource::Column& column : plan.columns()) {
      if (column.rule->rules.sortable()) sortable.push_back(column.field);
    }
    for (const FieldDescriptor* field : sortable) {
      for (const char* direction : {"", " desc"}) {
        auto ordered = client.ListAll("", absl::StrCat(field->name(), direction), 3);
        ASSERT_OK(ordered);
        std::vector<std::string> found = Names(*ordered);
        std::sort(found.begin(), found.end());
        EXPECT_EQ(found, names) << field->name();
        const auto before = [&](const MessagePtr& a, const MessagePtr& b) {
          if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
            return TextOf(*a, field->name()) < TextOf(*b, field->name());
          const auto number = [&](const MessagePtr& message) {
            const auto* reflection = message->GetReflection();
            switch (field->cpp_type()) {
              case FieldDescriptor::CPPTYPE_INT32:
                return int64_t{reflection->GetInt32(*message, field)};
              case FieldDescriptor::CPPTYPE_ENUM:
                return int64_t{reflection->GetEnumValue(*message, field)};
              default:
                return reflection->GetInt64(*message, field);
            }
          };
          return number(a) < number(b);
        };
        if (*direction != '\0') std::reverse(ordered->begin(), ordered->end());
        EXPECT_TRUE(std::is_sorted(ordered->begin(), ordered->end(), before)) << field->name() << direction;
      }
    }
    EXPECT_THAT(client.List("", "no_such_field"), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(client.List("", "", 3, "forged"), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(client.List("", "", -1), StatusIs(absl::StatusCode::kInvalidArgument));
  });
}

// The value of a field as a filter writes it.
std::string LiteralOf(const Message& message, const filter::Field& field) {
  const auto* reflection = message.GetReflection();
  switch (field.type) {
    case filter::Type::kBool:
      return reflection->GetBool(message, field.descriptor) ? "true" : "false";
    case filter::Type::kEnum:
      return reflection->GetEnum(message, field.descriptor)->name();
    case filter::Type::kTime:
      return absl::FormatTime("\"%Y-%m-%dT%H:%M:%E6SZ\"",
                              absl::FromUnixMicros(resource::GetTimestamp(message, field.descriptor)),
                              absl::UTCTimeZone());
    case filter::Type::kInt:
      return field.descriptor->cpp_type() == FieldDescriptor::CPPTYPE_INT32
                 ? absl::StrCat(reflection->GetInt32(message, field.descriptor))
                 : absl::StrCat(reflection->GetInt64(message, field.descriptor));
    default:
      return absl::StrCat("\"", reflection->GetString(message, field.descriptor), "\"");
  }
}

TEST_P(ListConformanceTest, EveryFilterableFieldFilters) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    for (int n = 1; n <= 5; ++n) maker_->Create(plan, n);
    auto everything = client.ListAll("", "", 50);
    ASSERT_OK(everything);
    ASSERT_FALSE(everything->empty()) << plan.collection();
    const Message& sample = *(*everything)[everything->size() / 2];
    for (const std::string& name : plan.list_schema().Names()) {
      const filter::Field& field = *plan.list_schema().Find(name);
      if (field.hashes != nullptr) {
        // What is answered is masked, so the expectation is not computed from it.
        const std::string whole = LiteralOf(*maker_->Make(plan, 3), field);
        auto found = client.ListAll(absl::StrCat(name, " = ", whole), "", 2);
        ASSERT_OK(found);
        EXPECT_EQ(Names(*found), std::vector<std::string>{plan.NameOf("s3")});
        auto others = client.ListAll(absl::StrCat(name, " != ", whole), "", 2);
        ASSERT_OK(others);
        EXPECT_EQ(others->size() + 1, everything->size());
        auto set = client.ListAll(absl::StrCat(name, ":*"), "", 2);
        ASSERT_OK(set);
        EXPECT_EQ(set->size(), everything->size());
        for (const char* op : {"<", "<=", ">", ">=", ":"}) {
          EXPECT_THAT(client.List(absl::StrCat(name, " ", op, " ", whole)),
                      StatusIs(absl::StatusCode::kInvalidArgument));
        }
        continue;
      }
      std::vector<std::string> filters = {absl::StrCat(name, ":*"), absl::StrCat("NOT ", name, ":*")};
      const std::string literal = LiteralOf(sample, field);
      if (literal != "\"\"") {
        for (const char* op : {"=", "!="}) filters.push_back(absl::StrCat(name, " ", op, " ", literal));
        for (const char* op : {"<", "<=", ">", ">="}) {
          if (field.type != filter::Type::kBool) filters.push_back(absl::StrCat(name, " ", op, " ", literal));
        }
      }
      for (const std::string& text : filters) {
        const auto parsed = filter::Filter::Parse(text, plan.list_schema());
        ASSERT_OK(parsed) << text;
        std::vector<std::string> expected;
        for (const MessagePtr& each : *everything) {
          if (parsed->Matches(*each)) expected.push_back(NameOf(*each));
        }
        auto found = client.ListAll(text, "", 2);
        ASSERT_OK(found) << text;
        EXPECT_EQ(Names(*found), expected) << text;
      }
    }
    EXPECT_THAT(client.List("no_such_field = 1"), StatusIs(absl::StatusCode::kInvalidArgument));
  });
}

TEST_P(ListConformanceTest, ATableThatDriftedIsRefused) {
  sql::Database& database = program_->database();
  const resource::Registry& registry = program_->host().registry();
  ASSERT_OK(store::CheckTables(database, registry));
  for (const TablePlan* plan : registry.plans()) {
    ASSERT_OK(database.ExecuteDdl(absl::StrCat("ALTER TABLE `", plan->table(), "` ADD COLUMN drifted BIGINT")));
  }
  const absl::Status status = store::CheckTables(database, registry);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  for (const TablePlan* plan : registry.plans()) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat(plan->table(), ".drifted")));
    EXPECT_OK(database.ExecuteDdl(absl::StrCat("ALTER TABLE `", plan->table(), "` DROP COLUMN drifted")));
  }
  EXPECT_OK(store::CheckTables(database, registry));
  const std::string& table = registry.plans().front()->table();
  ASSERT_OK(database.ExecuteDdl(absl::StrCat("ALTER TABLE `", table, "` RENAME COLUMN source TO renamed")));
  EXPECT_THAT(std::string(store::CheckTables(database, registry).message()),
              HasSubstr(absl::StrCat(table, ".source is missing")));
  EXPECT_OK(database.ExecuteDdl(absl::StrCat("ALTER TABLE `", table, "` RENAME COLUMN renamed TO source")));
}

TEST(DescriptorTest, EveryHintIsForAResourceThatExists) {
  std::set<std::string> collections;
  for (const Program& program : Programs()) {
    auto host = service::Host::Create(program.definition());
    ASSERT_OK(host);
    for (const TablePlan* plan : (*host)->registry().plans()) collections.insert(plan->collection());
  }
  for (const Hint& hint : Hints()) EXPECT_EQ(collections.count(hint.collection), 1u) << hint.collection;
}

}  // namespace
}  // namespace jiedui::testing
