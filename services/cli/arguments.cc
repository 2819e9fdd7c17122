#include "services/cli/arguments.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/status/macros.h"

namespace jiedui::cli {
namespace {

constexpr absl::string_view kUsagePayload = "jiedui.cli/usage";
constexpr size_t kLargestTypo = 2;

const Flag* FindFlag(const Command& command, absl::string_view name) {
  for (const Flag& flag : command.flags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

const Flag* FindLetter(const Command& command, char letter) {
  for (const Flag& flag : command.flags) {
    if (flag.letter != 0 && flag.letter == letter) return &flag;
  }
  return nullptr;
}

absl::Status UnknownFlag(const Command& command, absl::string_view word) {
  std::vector<std::string> names;
  for (const Flag& flag : command.flags) names.push_back(flag.name);
  absl::string_view name = word.substr(0, word.find('='));
  while (absl::ConsumePrefix(&name, "-")) {
  }
  const std::string nearest = NearestTo(absl::StrReplaceAll(name, {{"-", "_"}}), names);
  const std::string hint_en = nearest.empty() ? "" : absl::StrCat("; did you mean --", nearest, "?");
  const std::string hint_zh = nearest.empty() ? "" : absl::StrCat("；是否想用 --", nearest, "？");
  return UsageError({absl::StrCat("`", command.name, "` has no flag --", name, hint_en),
                     absl::StrCat("命令 ", command.name, " 没有参数 --", name, hint_zh)});
}

// A flag as it stands in the command line.
struct Word {
  const Flag* flag = nullptr;
  std::optional<std::string> value;  // after '=', or right after the letter
};

absl::StatusOr<Word> ReadFlag(const Command& command, absl::string_view word) {
  Word result;
  absl::string_view rest = word;
  if (absl::ConsumePrefix(&rest, "--")) {
    const size_t equals = rest.find('=');
    const std::string name = absl::StrReplaceAll(rest.substr(0, equals), {{"-", "_"}});
    result.flag = FindFlag(command, name);
    if (equals != absl::string_view::npos) result.value = std::string(rest.substr(equals + 1));
  } else {
    result.flag = FindLetter(command, word[1]);
    rest = word.substr(2);
    absl::ConsumePrefix(&rest, "=");
    if (word.size() > 2) result.value = std::string(rest);
  }
  if (result.flag == nullptr) return UnknownFlag(command, word);
  return result;
}

absl::Status CheckOperands(const Command& command, size_t count) {
  if (static_cast<int>(count) < command.min_operands) {
    return UsageError({absl::StrCat("`", command.name, "` needs ", command.operands),
                       absl::StrCat("命令 ", command.name, " 需要 ", command.operands)});
  }
  if (command.max_operands >= 0 && static_cast<int>(count) > command.max_operands) {
    return UsageError({absl::StrCat("`", command.name, "` takes at most ", command.max_operands, " argument(s)"),
                       absl::StrCat("命令 ", command.name, " 最多接受 ", command.max_operands, " 个参数")});
  }
  return absl::OkStatus();
}

absl::Status CheckBool(const Flag& flag, const std::string& value) {
  if (!flag.operand.empty() || value == "true" || value == "false") return absl::OkStatus();
  return UsageError({absl::StrCat("--", flag.name, " is true or false, not \"", value, "\""),
                     absl::StrCat("--", flag.name, " 只能是 true 或 false")});
}

// Number of insertions, deletions and replacements that turn one into the other.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

absl::StatusOr<Arguments> Arguments::Parse(const Command& command, const std::vector<std::string>& words,
                                           const Environment& environment) {
  Arguments result;
  for (const Flag& flag : command.flags) {
    Value value{flag.fallback, false};
    const std::optional<std::string> variable =
        flag.variable.empty() ? std::nullopt : environment.variable(flag.variable);
    if (variable.has_value() && !variable->empty()) value = {*variable, true};
    result.values_[flag.name] = std::move(value);
  }
  bool flags_over = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (flags_over || word.size() < 2 || word[0] != '-') {
      result.operands_.push_back(word);
      continue;
    }
    if (word == "--") {
      flags_over = true;
      continue;
    }
    JIEDUI_ASSIGN_OR_RETURN(Word read, ReadFlag(command, word));
    if (!read.value.has_value() && read.flag->operand.empty()) read.value = "true";
    if (!read.value.has_value() && i + 1 < words.size()) read.value = words[++i];
    if (!read.value.has_value()) {
      return UsageError({absl::StrCat("--", read.flag->name, " needs ", read.flag->operand),
                         absl::StrCat("--", read.flag->name, " 后面缺少 ", read.flag->operand)});
    }
    JIEDUI_RETURN_IF_ERROR(CheckBool(*read.flag, *read.value));
    result.values_[read.flag->name] = {*std::move(read.value), true};
  }
  JIEDUI_RETURN_IF_ERROR(CheckOperands(command, result.operands_.size()));
  return result;
}

const std::string& Arguments::Get(absl::string_view flag) const {
  static const std::string* const kNone = new std::string;
  const auto found = values_.find(flag);
  return found == values_.end() ? *kNone : found->second.text;
}

bool Arguments::Has(absl::string_view flag) const {
  const auto found = values_.find(flag);
  return found != values_.end() && found->second.given;
}

absl::StatusOr<int64_t> Arguments::GetInt(absl::string_view flag, int64_t min, int64_t max) const {
  int64_t value = 0;
  if (absl::SimpleAtoi(Get(flag), &value) && value >= min && value <= max) return value;
  return UsageError({absl::StrCat("--", flag, " is a whole number from ", min, " to ", max),
                     absl::StrCat("--", flag, " 应为 ", min, " 到 ", max, " 的整数")});
}

absl::StatusOr<absl::Duration> Arguments::GetDuration(absl::string_view flag) const {
  double seconds = 0;
  absl::Duration duration;
  if (absl::SimpleAtod(Get(flag), &seconds)) {
    duration = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(Get(flag), &duration)) {
    duration = absl::ZeroDuration();
  }
  if (duration > absl::ZeroDuration() && duration < absl::InfiniteDuration()) return duration;
  return UsageError({absl::StrCat("--", flag, " is a duration such as 10s or 5m"),
                     absl::StrCat("--", flag, " 应为时长，例如 10s 或 5m")});
}

absl::Status UsageError(const Text& text) {
  absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, error::v1::REASON_INVALID_FIELDS, text);
  status.SetPayload(kUsagePayload, absl::Cord());
  return status;
}

bool IsUsageError(const absl::Status& status) { return status.GetPayload(kUsagePayload).has_value(); }

std::string NearestTo(absl::string_view word, const std::vector<std::string>& candidates) {
  std::string nearest;
  size_t smallest = kLargestTypo + 1;
  for (const std::string& candidate : candidates) {
    size_t distance = EditDistance(word, candidate);
    // An abbreviation is as good as a slip of one letter.
    if (!word.empty() && absl::StartsWith(candidate, word)) distance = std::min<size_t>(distance, 1);
    if (distance < smallest && distance < candidate.size()) {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace jiedui::cli
