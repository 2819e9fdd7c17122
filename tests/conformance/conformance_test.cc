// What every resource of every program does, on every database. Nothing here knows a resource: what is tested follows from
// the descriptors, so a new resource is tested as soon as it exists.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/personal/masking.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/conformance/conformance_fixture.h"

namespace jiedui::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using resource::FieldRule;
using resource::TablePlan;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

INSTANTIATE_TEST_SUITE_P(Programs, ConformanceTest, EveryProgramAndDatabase(), ProgramAndDatabaseName);

TEST_P(ConformanceTest, WhatIsCreatedIsReadBackUntilItIsDeleted) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    const MessagePtr wanted = maker_->Make(plan, 1);
    auto created = client.Create(*wanted, "one");
    ASSERT_OK(created);
    EXPECT_EQ(NameOf(**created), plan.NameOf("one"));
    personal::MaskPersonalFields(wanted.get());
    EXPECT_TRUE(MessageDifferencer::Equals(*InputOf(plan, **created), *wanted)) << (*created)->DebugString();
    EXPECT_EQ(TextOf(**created, "author"), "users/test");
    EXPECT_FALSE(EtagOf(**created).empty());
    auto read = client.Get(plan.NameOf("one"));
    ASSERT_OK(read);
    EXPECT_TRUE(MessageDifferencer::Equals(**read, **created)) << (*read)->DebugString();

    auto nameless = client.Create(*maker_->Make(plan, 2), "");
    ASSERT_OK(nameless);
    EXPECT_FALSE(plan.IdOf(NameOf(**nameless)).empty());

    EXPECT_THAT(client.Create(*maker_->Make(plan, 3), "one"), StatusIs(absl::StatusCode::kAlreadyExists));
    EXPECT_OK(client.Delete(plan.NameOf("one")));
    EXPECT_THAT(client.Get(plan.NameOf("one")), StatusIs(absl::StatusCode::kNotFound));
    EXPECT_THAT(client.Delete(plan.NameOf("one")), StatusIs(absl::StatusCode::kNotFound));
    EXPECT_THAT(client.Get("nothing/one"), StatusIs(absl::StatusCode::kInvalidArgument));
  });
  if (program_->host().measures().measures().empty()) return;
  EXPECT_EQ(program_->Verify(), 0);
}

// Standard and custom; a step of a workflow asks for a role of its own.
TEST_P(ConformanceTest, WhoOnlyReadsWritesNothing) {
  std::vector<std::string> writes;
  for (const auto& [method, handler] : Programs()[std::get<0>(GetParam())].definition().writes) {
    writes.push_back(method);
  }
  for (const auto& service : program_->table().services()) {
    for (const server::Method* method : service.methods) {
      const std::string& name = method->descriptor->name();
      if (method->descriptor->options().HasExtension(options::v1::mode)) continue;
      for (const char* verb : {"Create", "Update", "Delete"}) {
        if (absl::StartsWith(name, verb)) writes.push_back(method->name);
      }
    }
  }
  for (const std::string& name : writes) {
    const server::Method* method = program_->table().Find(name);
    ASSERT_NE(method, nullptr) << name;
    for (const auto role : {options::v1::ROLE_VIEWER, options::v1::ROLE_AUDITOR, options::v1::ROLE_EDITOR}) {
      const MessagePtr request(method->request_prototype->New());
      const MessagePtr response(method->response_prototype->New());
      const absl::Status status = program_->Call(name, *request, response.get(), {"users/x", "", {role}});
      EXPECT_EQ(ReasonOf(status) == error::v1::REASON_PERMISSION, role != options::v1::ROLE_EDITOR) << name << status;
    }
  }
}

TEST_P(ConformanceTest, EveryWriteIsInTheHistory) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    MessagePtr resource = maker_->Create(plan, 1);
    const std::string name = NameOf(*resource);
    SetText(resource.get(), plan.standard().source, "second source");
    ASSERT_OK(client.Update(*resource, {"source"}));
    ASSERT_OK(client.Delete(name));
    const auto history = History(name);
    ASSERT_EQ(history.audit_entries_size(), 3);
    EXPECT_EQ(history.audit_entries(0).action(), audit::v1::AUDIT_ACTION_DELETE);
    EXPECT_EQ(history.audit_entries(0).revision(), 3);
    EXPECT_THAT(history.audit_entries(0).before_json(), HasSubstr("second source"));
    EXPECT_EQ(history.audit_entries(1).action(), audit::v1::AUDIT_ACTION_UPDATE);
    EXPECT_EQ(history.audit_entries(2).action(), audit::v1::AUDIT_ACTION_CREATE);
    EXPECT_EQ(history.audit_entries(2).before_json(), "");
    EXPECT_EQ(history.audit_entries(2).principal(), "users/test");
    // What is kept itself, not only what is shown of it, has no personal data.
    for (const std::string& image : KeptImages(plan)) {
      const MessagePtr kept(plan.prototype().New());
      ASSERT_TRUE(kept->ParseFromString(image));
      const MessagePtr masked(kept->New());
      masked->CopyFrom(*kept);
      plan.rules().ClearPersonal(masked.get());
      personal::MaskPersonalFields(masked.get());
      EXPECT_TRUE(MessageDifferencer::Equals(*masked, *kept)) << kept->ShortDebugString();
    }
    for (const FieldRule& rule : plan.rules().fields()) {
      if (rule.rules.personal()) {
        EXPECT_THAT(history.audit_entries(0).before_json(),
                    ::testing::Not(HasSubstr(absl::StrCat("\"", rule.field->name(), "\""))));
      }
    }
  });
}

TEST_P(ConformanceTest, AnUpdateChangesWhatItsMaskNames) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    const MessagePtr before = maker_->Create(plan, 1);
    MessagePtr change(before->New());
    SetText(change.get(), plan.standard().name, NameOf(*before));
    SetText(change.get(), plan.standard().source, "changed");
    auto after = client.Update(*change, {"source"});
    ASSERT_OK(after);
    EXPECT_EQ(TextOf(**after, "source"), "changed");
    EXPECT_NE(EtagOf(**after), EtagOf(*before));
    const MessagePtr expected = InputOf(plan, *before);
    SetText(expected.get(), plan.standard().source, "changed");
    EXPECT_TRUE(MessageDifferencer::Equals(*InputOf(plan, **after), *expected)) << (*after)->DebugString();

    // The same once more is no change.
    auto same = client.Update(*change, {"source"});
    ASSERT_OK(same);
    EXPECT_EQ(EtagOf(**same), EtagOf(**after));
    EXPECT_EQ(History(NameOf(*before)).audit_entries_size(), 2);

    EXPECT_THAT(client.Update(*change, {"no_such_field"}), StatusIs(absl::StatusCode::kInvalidArgument));
    SetText(change.get(), plan.standard().name, plan.NameOf("nobody"));
    EXPECT_THAT(client.Update(*change, {"source"}), StatusIs(absl::StatusCode::kNotFound));
  });
}

TEST_P(ConformanceTest, EveryFieldThatMayChangeChanges) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    const MessagePtr before = maker_->Create(plan, 1);
    MessagePtr wanted = maker_->Make(plan, 2);
    const auto* reflection = wanted->GetReflection();
    SetText(wanted.get(), plan.standard().name, NameOf(*before));
    for (const FieldRule& rule : plan.rules().fields()) {
      if (!rule.rules.immutable()) continue;
      reflection->ClearField(wanted.get(), rule.field);
      // Every immutable field is a scalar.
      MessagePtr kept(before->New());
      kept->CopyFrom(*before);
      std::vector<const FieldDescriptor*> set;
      kept->GetReflection()->ListFields(*kept, &set);
      for (const FieldDescriptor* field : set) {
        if (field != rule.field) kept->GetReflection()->ClearField(kept.get(), field);
      }
      wanted->MergeFrom(*kept);
    }
    auto after = client.Update(*wanted, {"*"});
    ASSERT_OK(after);
    MessagePtr expected = InputOf(plan, *wanted);
    personal::MaskPersonalFields(expected.get());
    EXPECT_TRUE(MessageDifferencer::Equals(*InputOf(plan, **after), *expected))
        << (*after)->DebugString() << "\nwanted\n"
        << expected->DebugString();
  });
}

TEST_P(ConformanceTest, ImmutableFieldsAreRefused) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    const MessagePtr before = maker_->Create(plan, 1);
    MessagePtr wanted = maker_->Make(plan, 2);
    SetText(wanted.get(), plan.standard().name, NameOf(*before));
    std::vector<std::string> mask, expected;
    for (const FieldRule& rule : plan.rules().fields()) {
      if (!rule.rules.immutable()) continue;
      if (rule.field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        const auto* type = rule.field->enum_type();
        const int now = before->GetReflection()->GetEnumValue(*before, rule.field);
        wanted->GetReflection()->SetEnumValue(wanted.get(), rule.field,
                                              type->value(now == type->value(1)->number() ? 2 : 1)->number());
      } else if (rule.field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
        // Never zero: an empty number of a record that exists may mean what it was.
        const int now = before->GetReflection()->GetInt32(*before, rule.field);
        wanted->GetReflection()->SetInt32(wanted.get(), rule.field, now == 1 ? 2 : now - 1);
      } else if (TextOf(*wanted, rule.field->name()) == TextOf(*before, rule.field->name())) {
        SetText(wanted.get(), rule.field, absl::StrCat(TextOf(*before, rule.field->name()), "-x"));
      }
      mask.push_back(rule.field->name());
      expected.push_back(absl::StrCat(PathOf(plan, rule.field->name()), " IMMUTABLE"));
    }
    if (mask.empty()) return;
    const absl::Status status = client.Update(*wanted, mask).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(ViolatedFields(status), IsSupersetOf(expected));
  });
}

TEST_P(ConformanceTest, AStaleEtagIsAborted) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    const MessagePtr first = maker_->Create(plan, 1);
    MessagePtr change(first->New());
    change->CopyFrom(*first);
    SetText(change.get(), plan.standard().source, "second");
    ASSERT_OK(client.Update(*change, {"source"}));
    SetText(change.get(), plan.standard().source, "third");
    EXPECT_THAT(client.Update(*change, {"source"}), StatusIs(absl::StatusCode::kAborted));
    EXPECT_THAT(client.Delete(NameOf(*first), EtagOf(*first)), StatusIs(absl::StatusCode::kAborted));
    auto current = client.Get(NameOf(*first));
    ASSERT_OK(current);
    EXPECT_EQ(TextOf(**current, "source"), "second");
    EXPECT_OK(client.Delete(NameOf(*first), EtagOf(**current)));
  });
}

TEST_P(ConformanceTest, ARepeatedRequestGetsTheFirstAnswer) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    const MessagePtr wanted = maker_->Make(plan, 1);
    const WriteExtras again{absl::StrCat("create-", plan.collection()), false};
    auto first = client.Create(*wanted, "", again);
    ASSERT_OK(first);
    auto after_first = client.ListAll("", "", 50);
    ASSERT_OK(after_first);
    auto second = client.Create(*wanted, "", again);
    ASSERT_OK(second);
    EXPECT_TRUE(MessageDifferencer::Equals(**first, **second));
    auto after_second = client.ListAll("", "", 50);
    ASSERT_OK(after_second);
    EXPECT_EQ(Names(*after_second), Names(*after_first));

    MessagePtr other(wanted->New());
    other->CopyFrom(*wanted);
    SetText(other.get(), plan.standard().source, "other");
    EXPECT_THAT(ViolatedFields(client.Create(*other, "", again).status()),
                ::testing::ElementsAre("request_id REQUEST_ID_REUSED"));

    MessagePtr change(wanted->New());
    SetText(change.get(), plan.standard().name, NameOf(**first));
    SetText(change.get(), plan.standard().source, "changed");
    const WriteExtras update{absl::StrCat("update-", plan.collection()), false};
    auto changed = client.Update(*change, {"source"}, update);
    ASSERT_OK(changed);
    auto repeated = client.Update(*change, {"source"}, update);
    ASSERT_OK(repeated);
    EXPECT_TRUE(MessageDifferencer::Equals(**changed, **repeated));

    const WriteExtras remove{absl::StrCat("delete-", plan.collection()), false};
    EXPECT_OK(client.Delete(NameOf(**first), "", remove));
    EXPECT_OK(client.Delete(NameOf(**first), "", remove));
    EXPECT_EQ(History(NameOf(**first)).audit_entries_size(), 3);
  });
}

TEST_P(ConformanceTest, ValidateOnlyWritesNothing) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    const WriteExtras trial{"", true};
    ASSERT_OK(client.Create(*maker_->Make(plan, 1), "trial", trial));
    EXPECT_THAT(client.Get(plan.NameOf("trial")), StatusIs(absl::StatusCode::kNotFound));
    const MessagePtr kept = maker_->Create(plan, 2);
    MessagePtr change(kept->New());
    change->CopyFrom(*kept);
    SetText(change.get(), plan.standard().source, "trial");
    auto answer = client.Update(*change, {"source"}, trial);
    ASSERT_OK(answer);
    EXPECT_EQ(TextOf(**answer, "source"), "trial");
    EXPECT_OK(client.Delete(NameOf(*kept), "", trial));
    auto read = client.Get(NameOf(*kept));
    ASSERT_OK(read);
    EXPECT_TRUE(MessageDifferencer::Equals(**read, *kept));
    EXPECT_EQ(History(NameOf(*kept)).audit_entries_size(), 1);
    EXPECT_EQ(History(plan.NameOf("trial")).audit_entries_size(), 0);
    EXPECT_FALSE(client.Create(*maker_->Make(plan, 2), absl::StrCat("s", 2), trial).ok());
  });
}

TEST_P(ConformanceTest, EverythingRequiredIsReportedAtOnce) {
  ForEach([](const TablePlan& plan, ResourceClient& client) {
    std::vector<std::string> expected;
    for (const FieldRule& rule : plan.rules().fields()) {
      if (rule.output_only) continue;
      if (rule.rules.required()) expected.push_back(absl::StrCat(PathOf(plan, rule.field->name()), " REQUIRED"));
      if (rule.rules.min_items() > 0) expected.push_back(absl::StrCat(PathOf(plan, rule.field->name()), " LENGTH"));
    }
    const MessagePtr empty(plan.prototype().New());
    const absl::Status status = client.Create(*empty, "").status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(ViolatedFields(status), IsSupersetOf(expected));
  });
}

TEST_P(ConformanceTest, EveryBadValueIsReportedAtOnceAndNotRepeated) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    const MessagePtr good = maker_->Make(plan, 1);
    MessagePtr bad(good->New());
    bad->CopyFrom(*good);
    std::vector<std::string> expected;
    for (const FieldRule& rule : plan.rules().fields()) {
      const FieldDescriptor* field = rule.field;
      if (rule.output_only || field->is_repeated() || field->name() == "name") continue;
      std::string reason;
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && rule.rules.reference_to().empty()) {
        SetText(bad.get(), field, rule.is_date ? "2018-02-30" : std::string(rule.max_length + 1, 'Q'));
        reason = rule.is_date ? "FORMAT" : "LENGTH";
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        bad->GetReflection()->SetEnumValue(bad.get(), field, 9999);
        reason = "ENUM";
      } else if (rule.rules.has_range() && field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
        bad->GetReflection()->SetInt32(bad.get(), field, static_cast<int32_t>(rule.rules.range().max() + 1));
        reason = "RANGE";
      } else if (rule.rules.has_range() && field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
        bad->GetReflection()->SetInt64(bad.get(), field, rule.rules.range().max() + 1);
        reason = "RANGE";
      }
      if (!reason.empty()) expected.push_back(absl::StrCat(PathOf(plan, field->name()), " ", reason));
    }
    const absl::Status status = client.Create(*bad, "").status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(ViolatedFields(status), IsSupersetOf(expected));
    EXPECT_THAT(status.ToString(), ::testing::Not(HasSubstr("QQQQ")));

    // Patterns, one at a time: a text that is too long is not looked at further.
    for (const FieldRule& rule : plan.rules().fields()) {
      if (rule.rules.pattern().empty()) continue;
      bad->CopyFrom(*good);
      SetText(bad.get(), rule.field, "!");
      EXPECT_THAT(ViolatedFields(client.Create(*bad, "").status()),
                  ::testing::Contains(absl::StrCat(PathOf(plan, rule.field->name()), " FORMAT")));
    }
    EXPECT_THAT(client.Create(*good, "Not An Id"), StatusIs(absl::StatusCode::kInvalidArgument));
  });
}

TEST_P(ConformanceTest, UnknownReferencesAreRefused) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    for (const resource::Reference& reference : plan.references()) {
      if (plan.rules().Find(reference.field)->output_only) continue;
      const MessagePtr resource = maker_->Make(plan, 1);
      SetText(resource.get(), reference.field, absl::StrCat(reference.collections[0], "/nowhere"));
      EXPECT_THAT(ViolatedFields(client.Create(*resource, "").status()),
                  ::testing::Contains(absl::StrCat(PathOf(plan, reference.field->name()), " DANGLING_REFERENCE")));
      for (const char* name : {"nowhere", "other/x", "/", "villages/", "villages/A B"}) {
        SetText(resource.get(), reference.field, name);
        EXPECT_THAT(ViolatedFields(client.Create(*resource, "").status()),
                    ::testing::Contains(absl::StrCat(PathOf(plan, reference.field->name()), " NAME")));
      }
    }
  });
}

// What a request names rightly in one field is known to be there, but still no record of another field's collections.
TEST_P(ConformanceTest, ReferencesToRecordsOfOtherCollectionsAreRefused) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    for (const resource::Reference& reference : plan.references()) {
      if (plan.rules().Find(reference.field)->output_only) continue;
      for (const resource::Reference& other : plan.references()) {
        const MessagePtr resource = maker_->Make(plan, 1);
        const std::string name = TextOf(*resource, other.field->name());
        const auto& allowed = reference.collections;
        if (name.empty() || std::count(allowed.begin(), allowed.end(), name.substr(0, name.find('/'))) > 0) continue;
        SetText(resource.get(), reference.field, name);
        EXPECT_THAT(ViolatedFields(client.Create(*resource, "").status()),
                    ::testing::Contains(absl::StrCat(PathOf(plan, reference.field->name()), " NAME")))
            << name;
      }
    }
  });
}

TEST_P(ConformanceTest, UniqueKeysAreKept) {
  ForEach([this](const TablePlan& plan, ResourceClient& client) {
    for (int key = 0; key < plan.options().unique_size(); ++key) {
      const MessagePtr first = maker_->Create(plan, 10 + key);
      MessagePtr second = maker_->Make(plan, 20 + key);
      MessagePtr part(first->New());
      part->CopyFrom(*maker_->Make(plan, 10 + key));  // what is answered is masked
      std::vector<const FieldDescriptor*> set;
      part->GetReflection()->ListFields(*part, &set);
      const auto& fields = plan.options().unique(key).fields();
      // A key that the server fills follows from rules of the resource, which have tests of their own.
      const bool filled = std::any_of(fields.begin(), fields.end(), [&plan](const std::string& field) {
        return plan.FindColumn(field)->rule->output_only;
      });
      if (filled) continue;
      // What it refers to goes together by rules of its own.
      for (const FieldDescriptor* field : set) {
        const bool refers = !plan.rules().Find(field)->rules.reference_to().empty();
        if (!refers && std::count(fields.begin(), fields.end(), field->name()) == 0)
          part->GetReflection()->ClearField(part.get(), field);
      }
      second->MergeFrom(*part);
      const absl::Status status = client.Create(*second, "").status();
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists));
      EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrJoin(fields, ", ")));
    }
  });
}

// The message that has the reference: the resource or its first item, null when there is none.
Message* HolderOf(const resource::Registry::Referrer& referrer, Message* resource) {
  const auto* reflection = resource->GetReflection();
  if (referrer.items == nullptr) return resource;
  return reflection->FieldSize(*resource, referrer.items) == 0
             ? nullptr
             : reflection->MutableRepeatedMessage(resource, referrer.items, 0);
}

TEST_P(ConformanceTest, WhatIsReferredToCannotBeDeleted) {
  int next = 31;
  ForEach([this, &next](const TablePlan& plan, ResourceClient& client) {
    for (const auto& referrer : program_->host().registry().ReferrersOf(plan)) {
      if (!IsStandard(*referrer.plan)) continue;
      const FieldDescriptor* top = referrer.items == nullptr ? referrer.field : referrer.items;
      // What only a step of a workflow fills is empty yet.
      const bool by_steps =
          referrer.plan == program_->host().registry().history() || referrer.plan->rules().Find(top)->output_only;
      if (by_steps) continue;
      // A field that may refer to several collections is made to refer to this one, where the policy bears that.
      bool other = false;
      const MessagePtr wanted = maker_->Make(*referrer.plan, 30);
      // A policy asks for more of what it refers to than the maker knows; that policy's test looks at this.
      Message* holder = HolderOf(referrer, wanted.get());
      if (holder == nullptr || TextOf(*holder, referrer.field->name()).empty()) continue;
      if (plan.IdOf(TextOf(*holder, referrer.field->name())).empty()) {
        SetText(holder, referrer.field, NameOf(*maker_->Create(plan, next++)));
        other = true;
      }
      auto created = ResourceClient(*program_, *referrer.plan).Create(*wanted, "");
      if (other && ReasonOf(created.status()) == error::v1::REASON_RULE) continue;
      ASSERT_OK(created);
      const MessagePtr referring = *std::move(created);
      const std::string target = TextOf(*HolderOf(referrer, referring.get()), referrer.field->name());
      const absl::Status status = client.Delete(target);
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition)) << target;
      EXPECT_EQ(ReasonOf(status), error::v1::REASON_REFERENCED);
      EXPECT_OK(client.Get(target));
      EXPECT_OK(ResourceClient(*program_, *referrer.plan).Delete(NameOf(*referring)));
    }
  });
}

}  // namespace
}  // namespace jiedui::testing
