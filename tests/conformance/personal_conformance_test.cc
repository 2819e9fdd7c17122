// Of every resource: nowhere but in the fields for it is a citizen number taken, in whatever form it is written.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/personal/personal_kind.h"
#include "gmock/gmock.h"
#include "tests/conformance/conformance_fixture.h"

namespace jiedui::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using resource::FieldRule;
using resource::MessageRules;
using resource::TablePlan;

// Of nobody: no district has the region code.
constexpr const char* kForms[] = {"120999195005010015", "１２０９９９１９５００５０１００１５", "120999-19500501-0015",
                                  "120999 19500501 0015", "身份证120999195005010015号"};

std::string Printed(const Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

// Calls `test` with the path of each text of `message`, at any depth, while it is `text`.
void WithEachText(const MessageRules& rules, const std::string& path, Message* message, const std::string& text,
                  const std::function<void(const std::string& path)>& test) {
  const auto* reflection = message->GetReflection();
  for (const FieldRule& rule : rules.fields()) {
    const FieldDescriptor* field = rule.field;
    const bool kept = rule.personal_kind == options::v1::PERSONAL_KIND_UNSPECIFIED;
    if (rule.output_only || !kept || field->name() == "name" || field->name() == "etag") continue;
    const std::string name = absl::StrCat(path, field->name());
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const std::unique_ptr<Message> before(message->New());
      before->CopyFrom(*message);
      if (field->is_repeated()) {
        reflection->ClearField(message, field);
        reflection->AddString(message, field, text);
      } else {
        reflection->SetString(message, field, text);
      }
      test(name);
      message->CopyFrom(*before);
    } else if (rule.nested != nullptr) {
      if (field->is_repeated() && reflection->FieldSize(*message, field) == 0) continue;
      Message* nested = field->is_repeated() ? reflection->MutableRepeatedMessage(message, field, 0)
                                             : reflection->MutableMessage(message, field);
      WithEachText(*rule.nested, absl::StrCat(name, field->is_repeated() ? "[0]." : "."), nested, text, test);
    }
  }
}

TEST_P(ConformanceTest, ACitizenNumberIsTakenNowhereButInItsField) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    const MessagePtr resource = maker_->Make(plan, 1);
    int texts = 0;
    for (const char* form : kForms) {
      WithEachText(plan.rules(), "", resource.get(), form, [&](const std::string& path) {
        ++texts;
        const auto created = client.Create(*resource, "", {"", true});
        if (created.ok()) {
          // A field that the program's own rules fill: what was written is nowhere.
          EXPECT_FALSE(personal::ContainsCitizenNumber(Printed(**created))) << path << " " << form;
          return;
        }
        EXPECT_THAT(created, StatusIs(absl::StatusCode::kInvalidArgument)) << path << " " << form;
        EXPECT_FALSE(personal::ContainsCitizenNumber(created.status().ToString())) << path << " " << form;
        bool found = false;
        for (const std::string& each : ViolatedFields(created.status())) {
          found = found || absl::StartsWith(each, PathOf(plan, path));
        }
        EXPECT_TRUE(found) << path << " " << created.status();
      });
    }
    EXPECT_GT(texts, 0);
  });
}

TEST_P(ConformanceTest, WhoOnlyViewsReadsNoRecordOfAPerson) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    const std::string name = NameOf(*maker_->Create(plan, 1));
    EXPECT_OK(client.Get(name));
    ResourceClient viewer(*program_, plan, {"users/viewer", "", {options::v1::ROLE_VIEWER}});
    const auto code = plan.options().of_persons() ? absl::StatusCode::kPermissionDenied : absl::StatusCode::kOk;
    EXPECT_EQ(viewer.Get(name).status().code(), code);
    EXPECT_EQ(viewer.List().status().code(), code);
    EXPECT_THAT(viewer.Delete(name), StatusIs(absl::StatusCode::kPermissionDenied));
  });
}

// A citizen number stands only in records of private persons: these are not for everybody.
TEST_P(ConformanceTest, WhatHasACitizenNumberIsOfPersons) {
  ForEach([](const TablePlan& plan, ResourceClient&) {
    for (const FieldRule& rule : plan.rules().fields()) {
      if (rule.personal_kind != options::v1::PERSONAL_KIND_CITIZEN_NUMBER) continue;
      EXPECT_TRUE(plan.options().of_persons()) << rule.field->full_name();
    }
  });
}

}  // namespace
}  // namespace jiedui::testing
