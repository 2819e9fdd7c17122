// How the targets of a release come into a database, and what people have done to them since.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/gateway/catalog.h"
#include "services/gateway/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_program.h"

namespace jiedui::gateway {
namespace {

using ::jiedui::testing::BothDatabases;
using ::jiedui::testing::DatabaseKind;
using ::jiedui::testing::DatabaseName;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TargetsTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    catalog_ = *Catalog::Create();
    program_ = std::make_unique<testing::TestProgram>(NewDefinition(catalog_.get()), GetParam());
    const std::vector<v1::Target> all = *ReleasedTargets();
    for (const char* id : {"beautiful-villages", "civilised-villages", "safe-villages", "young-party-members"}) {
      released_.push_back(*std::find_if(all.begin(), all.end(), [id](const v1::Target& target) {
        return target.name() == absl::StrCat("targets/2018-", id);
      }));
    }
    ASSERT_OK(Seed());
  }

  absl::Status Seed() { return SeedTargets(program_->host().engine(), released_); }

  template <typename Request, typename Response>
  absl::Status Call(const std::string& rpc, const Request& request, Response* response) {
    return program_->Call("jiedui.gateway.v1.TargetService/" + rpc, request, response);
  }

  // "id goal author" of each.
  std::vector<std::string> Kept() {
    v1::ListTargetsResponse all;
    resource::v1::ListRequest request;
    request.set_page_size(1000);
    EXPECT_OK(Call("ListTargets", request, &all));
    std::vector<std::string> texts;
    for (const v1::Target& target : all.targets()) {
      texts.push_back(absl::StrCat(target.name().substr(8), " ", target.goal_micros(), " ", target.author()));
    }
    std::sort(texts.begin(), texts.end());
    return texts;
  }

  absl::Status SetGoal(const std::string& id, int64_t goal) {
    v1::UpdateTargetRequest request;
    request.mutable_target()->set_name("targets/" + id);
    request.mutable_target()->set_goal_micros(goal);
    v1::Target target;
    return Call("UpdateTarget", request, &target);
  }

  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<testing::TestProgram> program_;
  std::vector<v1::Target> released_;
};

INSTANTIATE_TEST_SUITE_P(Databases, TargetsTest, BothDatabases(), DatabaseName);

TEST_P(TargetsTest, WhatNobodyHasChangedFollowsTheRelease) {
  resource::v1::GetRequest get;
  get.set_name("targets/2018-safe-villages");
  v1::Target before, after;
  ASSERT_OK(Call("GetTarget", get, &before));
  // The same release again writes nothing.
  ASSERT_OK(Seed());
  ASSERT_OK(Call("GetTarget", get, &after));
  EXPECT_EQ(before.etag(), after.etag());
  // The next one has another goal, one target more and one less.
  released_[0].set_goal_micros(550'000);
  v1::Target more = released_[3];
  released_.pop_back();
  more.set_name("targets/2018-more");
  released_.push_back(more);
  ASSERT_OK(Seed());
  EXPECT_THAT(Kept(), ElementsAre("2018-beautiful-villages 550000 services/gateway",
                                  "2018-civilised-villages 600000 services/gateway",
                                  "2018-more 1000000 services/gateway", "2018-safe-villages 700000 services/gateway"));
}

TEST_P(TargetsTest, WhatPeopleHaveChangedAddedOrRemovedStays) {
  ASSERT_OK(SetGoal("2018-beautiful-villages", 450'000));
  resource::v1::DeleteRequest remove;
  remove.set_name("targets/2018-civilised-villages");
  google::protobuf::Empty empty;
  ASSERT_OK(Call("DeleteTarget", remove, &empty));
  v1::CreateTargetRequest create;
  *create.mutable_target() = released_[2];
  create.set_target_id("2018-own");
  v1::Target created;
  ASSERT_OK(Call("CreateTarget", create, &created));
  for (v1::Target& target : released_) target.set_goal_micros(990'000);
  released_.pop_back();
  ASSERT_OK(Seed());
  EXPECT_THAT(Kept(), ElementsAre("2018-beautiful-villages 450000 users/test", "2018-own 700000 users/test",
                                  "2018-safe-villages 990000 services/gateway"));
  // A person takes the target back up: from then on it is theirs.
  *create.mutable_target() = released_[1];
  create.set_target_id("2018-civilised-villages");
  ASSERT_OK(Call("CreateTarget", create, &created));
  released_[1].set_goal_micros(100'000);
  ASSERT_OK(Seed());
  EXPECT_THAT(Kept()[1], "2018-civilised-villages 990000 users/test");
}

TEST_P(TargetsTest, YearsOfWhichTheReleaseDoesNotSpeakStay) {
  const std::vector<std::string> of_2018 = Kept();
  for (v1::Target& target : released_) {
    target.set_name("targets/2019-" + target.name().substr(13));
    target.set_year(2019);
    target.set_deadline("2019-12-31");
  }
  ASSERT_OK(Seed());
  EXPECT_EQ(Kept().size(), 2 * of_2018.size());
  released_.clear();
  ASSERT_OK(Seed());
  EXPECT_EQ(Kept().size(), 2 * of_2018.size());
  EXPECT_THAT(of_2018, ::testing::Not(IsEmpty()));
}

TEST_P(TargetsTest, EveryTargetOfThisReleaseIsSeeded) {
  ASSERT_OK(SeedTargets(program_->host().engine()));
  EXPECT_EQ(Kept().size(), ReleasedTargets()->size());
}

}  // namespace
}  // namespace jiedui::gateway
