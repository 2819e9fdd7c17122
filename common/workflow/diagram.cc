#include "common/workflow/diagram.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace jiedui::workflow {
namespace {

// "reviewer" for ROLE_REVIEWER.
std::string Word(const std::string& value) { return absl::AsciiStrToLower(value.substr(value.find('_') + 1)); }

// Mermaid ends a label at a semicolon and a colon begins one.
std::string Label(const std::string& text) { return absl::StrReplaceAll(text, {{";", ","}, {":", " "}, {"\"", "'"}}); }

}  // namespace

std::string Conditions(const Transition& transition) {
  const options::v1::Transition& rule = *transition.rule;
  std::vector<std::string> parts;
  if (rule.role() != options::v1::ROLE_UNSPECIFIED) parts.push_back(Word(options::v1::Role_Name(rule.role())));
  if (rule.level() != options::v1::LEVEL_UNSPECIFIED) {
    parts.push_back(absl::StrCat("of the ", Word(options::v1::Level_Name(rule.level()))));
  }
  std::vector<std::string> barred;
  if (rule.not_by_author()) barred.push_back("has written it");
  if (!rule.not_by().empty()) barred.push_back(absl::StrCat("did ", absl::StrJoin(rule.not_by(), " or ")));
  if (!barred.empty()) parts.push_back(absl::StrCat("not who ", absl::StrJoin(barred, " or ")));
  std::vector<std::string> all;
  if (!parts.empty()) all.push_back(absl::StrJoin(parts, " "));
  if (!rule.when().empty()) all.push_back(absl::StrCat("when ", rule.when()));
  if (rule.reason_required()) all.push_back("reason");
  if (!rule.takes().empty()) all.push_back(absl::StrCat("takes ", absl::StrJoin(rule.takes(), " ")));
  if (!rule.guards().empty()) all.push_back(absl::StrCat("if ", absl::StrJoin(rule.guards(), " and ")));
  return absl::StrJoin(all, "; ");
}

std::string ToMermaid(const Workflow& workflow) {
  std::string text = absl::StrCat("stateDiagram-v2\n");
  for (int i = 0; i < workflow.states().value_count(); ++i) {
    const int state = workflow.states().value(i)->number();
    if (state == 0) continue;
    absl::StrAppend(&text, "  ", workflow.NameOf(state), ": ", Label(workflow.TitleOf(state)), "\n");
  }
  for (const int state : workflow.initials()) absl::StrAppend(&text, "  [*] --> ", workflow.NameOf(state), "\n");
  for (const Transition& transition : workflow.transitions()) {
    for (const int from : transition.from) {
      const std::string conditions = Conditions(transition);
      absl::StrAppend(&text, "  ", workflow.NameOf(from), " --> ", workflow.NameOf(transition.to), ": ",
                      transition.rule->rpc(), " ", Label(transition.rule->title_zh()),
                      conditions.empty() ? "" : absl::StrCat(" (", Label(conditions), ")"), "\n");
    }
  }
  for (int i = 0; i < workflow.states().value_count(); ++i) {
    const int state = workflow.states().value(i)->number();
    bool leads_on = state == 0;
    for (const Transition& transition : workflow.transitions()) {
      for (const int from : transition.from) leads_on = leads_on || from == state;
    }
    if (!leads_on) absl::StrAppend(&text, "  ", workflow.NameOf(state), " --> [*]\n");
  }
  return text;
}

}  // namespace jiedui::workflow
