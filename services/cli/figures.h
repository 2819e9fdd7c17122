// Figures of the scorecard as people read them.

#ifndef JIEDUI_SERVICES_CLI_FIGURES_H_
#define JIEDUI_SERVICES_CLI_FIGURES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "google/protobuf/timestamp.pb.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "services/cli/arguments.h"
#include "services/cli/session.h"

namespace jiedui::cli {

constexpr int kLastYear = 2100;

// --division of the commands that take one.
Flag DivisionFlag();

// "divisions/120119" or "villages/120119100201" for a code; names stay as they are.
std::string PlaceOf(const std::string& code);

// Millionths of `unit` to a multiple of the last digit that is shown, downwards or upwards.
int64_t RoundDown(int64_t micros, const std::string& unit);
int64_t RoundUp(int64_t micros, const std::string& unit);

// A number of millionths of `unit`, rounded as it is shown: 700000 of "%" is "70%".
std::string Quantity(int64_t micros, const std::string& unit);

// "≥70%", or "-" for what has no goal.
std::string GoalText(gateway::v1::Comparator comparator, int64_t micros, const std::string& unit);

// The Chinese term for those who read it, else the value's name without `prefix` in lower case.
std::string EnumText(const Session& session, const google::protobuf::EnumValueDescriptor* value,
                     absl::string_view prefix);
template <typename Enum>
std::string EnumText(const Session& session, Enum value, absl::string_view prefix) {
  return EnumText(session, google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value), prefix);
}

// "2018-12-31 08:00:00" by the clocks of Tianjin.
std::string BeijingText(const google::protobuf::Timestamp& time);

// One line with the state of each source.
std::string SourcesLine(const Session& session,
                        const google::protobuf::RepeatedPtrField<gateway::v1::SourceState>& sources);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_FIGURES_H_
