// Steps of workflows in tests of the village program.

#ifndef JIEDUI_TESTS_VILLAGE_STEP_TEST_H_
#define JIEDUI_TESTS_VILLAGE_STEP_TEST_H_

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "tests/village/village_program.h"
#include "tests/workflow/history_check.h"

namespace jiedui::testing {

class StepTest : public VillageTest {
 protected:
  // Takes a step of `Resource` by its RPC; `text` is the rest of the request in protobuf's text format.
  template <typename Resource>
  absl::StatusOr<Resource> Step(const std::string& rpc, const std::string& name, const std::string& text = "",
                                const std::string& who = "users/clerk",
                                options::v1::Level level = options::v1::LEVEL_UNSPECIFIED) {
    const auto* method = Resource::descriptor()->file()->service(0)->FindMethodByName(rpc);
    std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->input_type())->New());
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(absl::StrCat("name: \"", name, "\" ", text), request.get()));
    Resource answer;
    const absl::Status status = program_->Call(absl::StrCat(method->service()->full_name(), "/", rpc), *request,
                                               &answer, Principal{who, "", {}, level});
    if (!status.ok()) return status;
    return answer;
  }

  // As if every supervised item had been recorded at `when`: on the same day none is escalated.
  void RecordItemsAt(absl::Time when) {
    ASSERT_OK(sql::WriteAndWait(program_->database(), {}, [when](sql::Transaction& transaction) -> absl::Status {
      auto update = transaction.Prepare("UPDATE supervised_item SET create_time = ?");
      if (!update.ok()) return update.status();
      (*update)->BindInt(0, absl::ToUnixMicros(when));
      return (*update)->Execute().status();
    }));
  }
};

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_VILLAGE_STEP_TEST_H_
