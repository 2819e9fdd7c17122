// What a resource adds to the engine: its own rules, and nothing else. A resource without rules of its own has no policy.
//
// Order inside a write: output-only fields are cleared, Prepare and Derive (may change the resource), generic validation by
// the options, Validate (may not change it), then fact, AfterWrite, measures, audit and request log in one transaction.

#ifndef JIEDUI_COMMON_STORE_POLICY_H_
#define JIEDUI_COMMON_STORE_POLICY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/status/error.h"
#include "google/protobuf/message.h"

namespace jiedui::store {

class UnitOfWork;

class Policy {
 public:
  virtual ~Policy() = default;

  // Fills derived fields. `before` is null on create.
  virtual void Prepare(const google::protobuf::Message* before, google::protobuf::Message* resource) const;

  // Fills output-only fields from other resources of the program, and must bear bad values. What it reads it locks with
  // GetForUpdate unless it never changes: two writers then derive one after the other. Whoever changes something that is read
  // here calls UnitOfWork::Rederive in AfterWrite.
  virtual absl::Status Derive(UnitOfWork& work, google::protobuf::Message* resource) const;

  // Adds every violation of the resource's rules; called even when generic validation found some, so it must bear bad
  // values. May read through `work`. A returned error is one of the database.
  virtual absl::Status Validate(UnitOfWork& work, const google::protobuf::Message* before,
                                const google::protobuf::Message& after, Violations& violations) const;

  // Whether the resource may go: OK or FAILED_PRECONDITION. Referring resources of this program are checked by the engine.
  virtual absl::Status ValidateDelete(UnitOfWork& work, const google::protobuf::Message& before) const;

  // Further writes of the same transaction. `before` is null on create, `after` on delete.
  virtual absl::Status AfterWrite(UnitOfWork& work, const google::protobuf::Message* before,
                                  const google::protobuf::Message* after) const;
};

// A policy of one message type.
template <typename Resource>
class PolicyOf : public Policy {
 public:
  virtual void PrepareResource(const Resource* /*before*/, Resource* /*resource*/) const {}
  virtual absl::Status DeriveResource(UnitOfWork& /*work*/, Resource* /*resource*/) const { return absl::OkStatus(); }
  virtual absl::Status ValidateResource(UnitOfWork& /*work*/, const Resource* /*before*/, const Resource& /*after*/,
                                        Violations& /*violations*/) const {
    return absl::OkStatus();
  }

 private:
  void Prepare(const google::protobuf::Message* before, google::protobuf::Message* resource) const final {
    PrepareResource(static_cast<const Resource*>(before), static_cast<Resource*>(resource));
  }
  absl::Status Derive(UnitOfWork& work, google::protobuf::Message* resource) const final {
    return DeriveResource(work, static_cast<Resource*>(resource));
  }
  absl::Status Validate(UnitOfWork& work, const google::protobuf::Message* before,
                        const google::protobuf::Message& after, Violations& violations) const final {
    return ValidateResource(work, static_cast<const Resource*>(before), static_cast<const Resource&>(after), violations);
  }
};

// Adds a violation unless the civil dates that are set are in order (each not before the one named before it); also
// when a later one is set and an earlier one is not and `all_before` asks for it.
struct NamedDate {
  const char* field;
  const std::string& date;
};
void CheckDateOrder(std::initializer_list<NamedDate> dates, bool all_before, Violations& violations);

// Adds a violation for each civil date that is after `today`: what has not happened is planned, not recorded.
void CheckHappened(absl::string_view today, std::initializer_list<NamedDate> dates, Violations& violations);

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_POLICY_H_
