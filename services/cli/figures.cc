#include "services/cli/figures.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "jiedui/options/v1/options.pb.h"

namespace jiedui::cli {
namespace {

constexpr int64_t kMicros = 1'000'000;
constexpr size_t kVillageCodeLength = 12;

// Millionths of the last digit that is shown: two decimals of the unit, for shares of a percent.
int64_t ShownStep(const std::string& unit) { return unit == "%" ? kMicros / 10'000 : kMicros / 100; }

}  // namespace

Flag DivisionFlag() {
  return {"division", "CODE", {"division or village, by code or name", "区划或村的代码或资源名"}, "", "", 0};
}

std::string PlaceOf(const std::string& code) {
  if (code.empty() || code.find('/') != std::string::npos) return code;
  return absl::StrCat(code.size() >= kVillageCodeLength ? "villages/" : "divisions/", code);
}

int64_t RoundDown(int64_t micros, const std::string& unit) {
  const int64_t step = ShownStep(unit);
  const int64_t rest = micros % step;
  return micros - rest - (rest < 0 ? step : 0);
}
int64_t RoundUp(int64_t micros, const std::string& unit) { return -RoundDown(-micros, unit); }

std::string Quantity(int64_t micros, const std::string& unit) {
  const bool percent = unit == "%";
  const uint64_t hundredths =
      static_cast<uint64_t>(micros < 0 ? -micros : micros) / static_cast<uint64_t>(ShownStep(unit));
  std::string text = absl::StrCat(micros < 0 ? "-" : "", hundredths / 100);
  std::string fraction = absl::StrFormat(".%02d", hundredths % 100);
  while (absl::EndsWith(fraction, "0")) fraction.pop_back();
  if (fraction != ".") text += fraction;
  return percent ? absl::StrCat(text, "%") : text;
}

std::string GoalText(gateway::v1::Comparator comparator, int64_t micros, const std::string& unit) {
  if (comparator == gateway::v1::COMPARATOR_TRACKED) return "-";
  return absl::StrCat(comparator == gateway::v1::COMPARATOR_AT_MOST ? "≤" : "≥", Quantity(micros, unit));
}

std::string EnumText(const Session& session, const google::protobuf::EnumValueDescriptor* value,
                     absl::string_view prefix) {
  if (value == nullptr) return "?";
  const std::string& title = value->options().GetExtension(options::v1::value_title_zh);
  if (session.chinese() && !title.empty()) return title;
  return absl::AsciiStrToLower(absl::StrReplaceAll(absl::StripPrefix(value->name(), prefix), {{"_", " "}}));
}

std::string BeijingText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(time.seconds()), absl::FixedTimeZone(8 * 60 * 60));
}

std::string SourcesLine(const Session& session,
                        const google::protobuf::RepeatedPtrField<gateway::v1::SourceState>& sources) {
  std::vector<std::string> texts;
  for (const gateway::v1::SourceState& source : sources) {
    std::string text = absl::StrCat(source.service(), " ", EnumText(session, source.freshness(), "FRESHNESS_"));
    if (source.has_as_of_time()) absl::StrAppend(&text, " ", BeijingText(source.as_of_time()));
    if (!source.problem().empty()) absl::StrAppend(&text, " (", source.problem(), ")");
    texts.push_back(std::move(text));
  }
  return absl::StrCat(session.In({"sources: ", "数据来源："}), absl::StrJoin(texts, session.In({"; ", "；"})), "\n");
}

}  // namespace jiedui::cli
