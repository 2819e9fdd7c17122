// Sample resources made from descriptors: every field that a client may set has a value that keeps the rules of its options.
// What a program's own policies ask for beyond that is in one table of hints.

#ifndef JIEDUI_TESTS_CONFORMANCE_RESOURCE_MAKER_H_
#define JIEDUI_TESTS_CONFORMANCE_RESOURCE_MAKER_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "common/resource/table_plan.h"
#include "google/protobuf/message.h"
#include "tests/conformance/resource_client.h"
#include "tests/support/test_program.h"

namespace jiedui::testing {

struct Hint {
  std::string collection;
  // Left unset by the generator.
  std::vector<std::string> unset;
  // Text format laid over the generated fields. {n} is the number of the sample, {n6} and {n12} the same in so many digits,
  // {citizen1} and {citizen2} citizen numbers, {credit} a unified social credit code of it.
  std::string fields;
  // Resources that must be there: name and text format, with the same numbers.
  std::vector<std::pair<std::string, std::string>> needs;
};

// By collection; most have none.
absl::Span<const Hint> Hints();
// Those of one program, in a file of their own.
void AddAssistanceHints(std::vector<Hint>& hints);
const Hint* HintOf(const std::string& collection);

class ResourceMaker {
 public:
  explicit ResourceMaker(TestProgram& program) : program_(program) {}

  // The `n`-th sample, different from every other in each unique key. What it refers to is created.
  MessagePtr Make(const resource::TablePlan& plan, int n);

  // The same, created under the id "s<n>".
  MessagePtr Create(const resource::TablePlan& plan, int n);

 private:
  // All fields but those in `skipped`.
  void Fill(const resource::MessageRules& rules, const std::set<std::string>& skipped, int n,
            google::protobuf::Message* message);
  void FillField(const resource::FieldRule& rule, int n, google::protobuf::Message* message);
  std::string Text(const resource::FieldRule& rule, int n);
  // A resource that may be referred to.
  std::string Referred(const std::string& collection, int n);
  void EnsureNeeds(const Hint& hint, int n);

  TestProgram& program_;
  std::set<std::string> there_;
};

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_CONFORMANCE_RESOURCE_MAKER_H_
