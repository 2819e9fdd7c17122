#include "common/store/policy.h"

#include "absl/strings/str_cat.h"

namespace jiedui::store {

using google::protobuf::Message;

void Policy::Prepare(const Message* /*before*/, Message* /*resource*/) const {}

absl::Status Policy::Derive(UnitOfWork& /*work*/, Message* /*resource*/) const { return absl::OkStatus(); }

absl::Status Policy::Validate(UnitOfWork& /*work*/, const Message* /*before*/, const Message& /*after*/,
                              Violations& /*violations*/) const {
  return absl::OkStatus();
}

absl::Status Policy::ValidateDelete(UnitOfWork& /*work*/, const Message& /*before*/) const { return absl::OkStatus(); }

absl::Status Policy::AfterWrite(UnitOfWork& /*work*/, const Message* /*before*/, const Message* /*after*/) const {
  return absl::OkStatus();
}

void CheckDateOrder(std::initializer_list<NamedDate> dates, bool all_before, Violations& violations) {
  const NamedDate* last = nullptr;
  const NamedDate* missing = nullptr;
  for (const NamedDate& each : dates) {
    if (each.date.empty()) {
      if (missing == nullptr) missing = &each;
      continue;
    }
    if (all_before && missing != nullptr) {
      violations.Add(each.field, error::v1::REASON_RULE,
                     {absl::StrCat("cannot be set before ", missing->field, " is"),
                      absl::StrCat("未填写", missing->field, "时不能填写")});
    }
    if (last != nullptr && each.date < last->date) {
      violations.Add(each.field, error::v1::REASON_RULE,
                     {absl::StrCat("must not be before ", last->field), absl::StrCat("不得早于", last->field)});
    }
    last = &each;
  }
}

void CheckHappened(absl::string_view today, std::initializer_list<NamedDate> dates, Violations& violations) {
  for (const NamedDate& each : dates) {
    if (each.date <= today) continue;
    violations.Add(each.field, error::v1::REASON_RULE, {"must not be in the future", "不得晚于今天"});
  }
}

}  // namespace jiedui::store
