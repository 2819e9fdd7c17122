#include "tests/conformance/resource_maker.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "common/codes/credit_code.h"
#include "common/personal/personal_kind.h"
#include "google/protobuf/text_format.h"

namespace jiedui::testing {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using resource::FieldRule;
using resource::TablePlan;

namespace {

// A valid citizen number of nobody: GB/T 2260 has no region codes 120180 to 120189.
std::string CitizenNumber(int region, int n) {
  std::string number =
      absl::StrFormat("12018%d1970%02d%02d%03d", region, 1 + n / 999 % 12, 1 + n / 11'988 % 28, 1 + n % 999);
  number.push_back(personal::CitizenCheckCharacter(number));
  return number;
}

// A valid credit code of nobody: no authority registers under 99.
std::string CreditCode(int n) {
  std::string code = absl::StrFormat("99120000%09d", n);
  code.push_back(codes::CreditCodeCheck(code));
  return code;
}

std::string WithNumber(const std::string& text, int n) {
  return absl::StrReplaceAll(text, {{"{n}", absl::StrCat(n)},
                                    {"{n6}", absl::StrFormat("%06d", n)},
                                    {"{n12}", absl::StrFormat("%012d", n)},
                                    {"{credit}", CreditCode(n)},
                                    {"{citizen1}", CitizenNumber(1, n)},
                                    {"{citizen2}", CitizenNumber(2, n)}});
}

MessagePtr Parse(const TablePlan& plan, const std::string& text, int n) {
  const std::string filled = WithNumber(text, n);
  MessagePtr message(plan.prototype().New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(filled, message.get())) << filled;
  return message;
}

}  // namespace

const Hint* HintOf(const std::string& collection) {
  for (const Hint& hint : Hints()) {
    if (hint.collection == collection) return &hint;
  }
  return nullptr;
}

MessagePtr ResourceMaker::Make(const TablePlan& plan, int n) {
  const Hint* hint = HintOf(plan.collection());
  MessagePtr message = hint == nullptr ? MessagePtr(plan.prototype().New()) : Parse(plan, hint->fields, n);
  std::set<std::string> skipped = {"name"};
  if (hint != nullptr) {
    EnsureNeeds(*hint, n);
    skipped.insert(hint->unset.begin(), hint->unset.end());
  }
  std::vector<const FieldDescriptor*> hinted;
  message->GetReflection()->ListFields(*message, &hinted);
  for (const FieldDescriptor* field : hinted) skipped.insert(field->name());
  Fill(plan.rules(), skipped, n, message.get());
  return message;
}

MessagePtr ResourceMaker::Create(const TablePlan& plan, int n) {
  ResourceClient client(program_, plan);
  auto created = client.Create(*Make(plan, n), absl::StrCat("s", n));
  EXPECT_TRUE(created.ok()) << plan.collection() << ": " << created.status();
  return created.ok() ? *std::move(created) : MessagePtr(plan.prototype().New());
}

void ResourceMaker::EnsureNeeds(const Hint& hint, int n) {
  for (const auto& [numbered, text] : hint.needs) {
    const std::string name = WithNumber(numbered, n);
    if (!there_.insert(name).second) continue;
    const TablePlan& plan = *program_.host().registry().FindByName(name);
    const auto created = ResourceClient(program_, plan).Create(*Parse(plan, text, n), std::string(plan.IdOf(name)));
    EXPECT_TRUE(created.ok()) << name << ": " << created.status();
  }
}

void ResourceMaker::Fill(const resource::MessageRules& rules, const std::set<std::string>& skipped, int n,
                         Message* message) {
  for (const FieldRule& rule : rules.fields()) {
    if (!rule.output_only && skipped.count(rule.field->name()) == 0) FillField(rule, n, message);
  }
}

void ResourceMaker::FillField(const FieldRule& rule, int n, Message* message) {
  const FieldDescriptor* field = rule.field;
  const auto* reflection = message->GetReflection();
  if (field->is_repeated()) {
    if (rule.nested == nullptr) return;
    for (int i = 0; i < std::max(rule.rules.min_items(), 1); ++i) {
      Fill(*rule.nested, {}, n + i, reflection->AddMessage(message, field));
    }
    return;
  }
  const int64_t low = rule.rules.has_range() ? rule.rules.range().min() : 1000;
  const int64_t high = rule.rules.has_range() ? rule.rules.range().max() : 1'000'000;
  const int64_t number = rule.is_year ? 2018 : low + n % (high - low + 1);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(message, field, Text(rule, n));
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      reflection->SetInt32(message, field, static_cast<int32_t>(number));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection->SetInt64(message, field, number);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection->SetBool(message, field, n % 2 == 1);
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* type = field->enum_type();
      reflection->SetEnum(message, field, type->value(1 + n % (type->value_count() - 1)));
      break;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (rule.nested != nullptr) {
        Fill(*rule.nested, {}, n, reflection->MutableMessage(message, field));
      } else {
        resource::SetTimestamp(message, field, 1'530'000'000'000'000 + n);
      }
      break;
    default:
      ADD_FAILURE() << field->full_name() << " has a type without samples";
  }
}

std::string ResourceMaker::Text(const FieldRule& rule, int n) {
  if (!rule.rules.reference_to().empty()) return Referred(rule.rules.reference_to(0), n);
  if (rule.is_date) {
    // Policies ask that later fields have later dates.
    const absl::CivilDay day = absl::CivilDay(2000, 1, 1) + 300 * rule.field->index() + n;
    return absl::StrCat(day.year(), absl::StrFormat("-%02d-%02d", day.month(), day.day()));
  }
  if (!rule.rules.pattern().empty()) return "a";  // a hint says better
  if (rule.personal_kind == options::v1::PERSONAL_KIND_CITIZEN_NUMBER) return CitizenNumber(0, n);
  if (rule.personal_kind == options::v1::PERSONAL_KIND_PHONE) return absl::StrFormat("140%08d", n);
  if (rule.personal_kind == options::v1::PERSONAL_KIND_BANK_ACCOUNT) return absl::StrFormat("9999%012d", n);
  const std::string text = absl::StrCat("样例𠮷 ", n, " ", rule.field->name());
  std::string cut;
  int characters = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && ++characters > rule.max_length) break;
    cut.push_back(c);
  }
  return cut;
}

std::string ResourceMaker::Referred(const std::string& collection, int n) {
  const std::string name = absl::StrCat(collection, "/r", n);
  if (!there_.insert(name).second) return name;
  const TablePlan* plan = program_.host().registry().FindByCollection(collection);
  if (plan == nullptr) {
    program_.names().Add(name);
    return name;
  }
  // Far away from the numbers that tests use, so that unique keys do not meet.
  const auto created = ResourceClient(program_, *plan).Create(*Make(*plan, 500 + n), absl::StrCat("r", n));
  EXPECT_TRUE(created.ok()) << name << ": " << created.status();
  return name;
}

}  // namespace jiedui::testing
