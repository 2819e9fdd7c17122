#include "common/personal/masking.h"

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "jiedui/village/v1/organisation.pb.h"

namespace jiedui::personal {
namespace {

using village::v1::StudyGroup;

StudyGroup Group(const std::string& text) {
  StudyGroup group;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &group));
  return group;
}

// What becomes of `shown`, written back by somebody who read `current`.
std::string WrittenBack(const StudyGroup& current, StudyGroup shown) {
  UnmaskUnchanged(current, current.GetDescriptor()->FindFieldByName("members"), &shown);
  return shown.ShortDebugString();
}

TEST(Masking, ReachesFieldsWithinRepeatedMessages) {
  EXPECT_TRUE(HasPersonalFields(StudyGroup::descriptor()));
  StudyGroup group =
      Group(R"(display_name: "小组" members { display_name: "张三" } members { member: "partyMembers/m" })");
  MaskPersonalFields(&group);
  EXPECT_EQ(group.members(0).display_name(), "张**");
  EXPECT_EQ(group.members(1).display_name(), "");
  EXPECT_EQ(group.display_name(), "小组");
}

TEST(Masking, CanonicalFormsReachThereToo) {
  StudyGroup group = Group(R"(members { display_name: " 买买提•艾力 " })");
  CanonicalisePersonalFields(&group);
  EXPECT_EQ(group.members(0).display_name(), "买买提·艾力");
}

TEST(Masking, WhatWasShownIsPutBack) {
  const StudyGroup current =
      Group(R"(members { display_name: "张三" } members { display_name: "张三丰" member: "partyMembers/m" }
                                      members { display_name: "李四" })");
  StudyGroup shown = current;
  MaskPersonalFields(&shown);
  EXPECT_EQ(WrittenBack(current, shown), current.ShortDebugString());

  // One is left out, the others change places, and somebody comes in.
  StudyGroup changed;
  *changed.add_members() = shown.members(2);
  *changed.add_members() = shown.members(1);
  changed.add_members()->set_display_name("王五");
  EXPECT_EQ(WrittenBack(current, changed),
            Group(R"(members { display_name: "李四" } members { display_name: "张三丰" member: "partyMembers/m" }
                     members { display_name: "王五" })")
                .ShortDebugString());

  // Changed beside its mask: whose it was cannot be told.
  shown.mutable_members(0)->set_member("partyMembers/n");
  EXPECT_EQ(Group(WrittenBack(current, shown)).members(0).display_name(), "张**");
}

TEST(Masking, OfTwoThatLookAlikeNoneIsGuessed) {
  const StudyGroup current = Group(R"(members { display_name: "张三" } members { display_name: "张三丰" })");
  StudyGroup shown = current;
  MaskPersonalFields(&shown);
  shown.mutable_members()->RemoveLast();
  EXPECT_EQ(WrittenBack(current, shown), shown.ShortDebugString());
}

TEST(Masking, ATextIsPutBackOnlyForItsOwnMask) {
  assistance::v1::Person current, shown;
  current.set_phone("13800001234");
  const auto* phone = current.GetDescriptor()->FindFieldByName("phone");
  shown.set_phone("138****1234");
  UnmaskUnchanged(current, phone, &shown);
  EXPECT_EQ(shown.phone(), "13800001234");
  shown.set_phone("139****1234");
  UnmaskUnchanged(current, phone, &shown);
  EXPECT_EQ(shown.phone(), "139****1234");
}

}  // namespace
}  // namespace jiedui::personal
