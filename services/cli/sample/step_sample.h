// The steps of one resource of the village program, as its history file has them.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_STEP_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_STEP_SAMPLE_H_

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "jiedui/workflow/v1/workflow.pb.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

class Steps {
 public:
  Steps(std::string resource, SampleFiles& files) : resource_(std::move(resource)), files_(files) {}

  // An empty date is the day on which the step is recorded.
  void Add(const char* rpc, const std::string& actor, const std::string& date, const std::string& input_json = "",
           const char* reason = "") {
    workflow::v1::Transition step;
    step.set_name(absl::StrCat("villageTransitions/", resource_.substr(resource_.find('/') + 1), "-", ++count_));
    step.set_resource(resource_);
    step.set_rpc(rpc);
    step.set_actor(actor);
    step.set_date(date);
    step.set_input_json(input_json);
    step.set_reason(reason);
    files_.at("villageTransitions")->Add(step);
  }

 private:
  const std::string resource_;
  SampleFiles& files_;
  int count_ = 0;
};

// Who acts for the township of the village, in a post: "clerk", "township", "district".
inline std::string SampleActor(const std::string& village_code, const char* post) {
  return absl::StrCat("users/sample-", post, "-", village_code.substr(0, 9));
}

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_STEP_SAMPLE_H_
