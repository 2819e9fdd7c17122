#include "common/store/errors.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"

namespace jiedui::store {

absl::Status NotFound(const resource::TablePlan& plan, absl::string_view name) {
  return MakeError(
      absl::StatusCode::kNotFound, error::v1::REASON_NOT_FOUND,
      {absl::StrCat(name, " does not exist"), absl::StrCat(plan.options().title_zh(), " ", name, " 不存在")},
      {{"resource", std::string(name)}});
}

void AddBadName(const resource::TablePlan& plan, absl::string_view field, Violations& violations) {
  violations.Add(field, error::v1::REASON_NAME,
                 {absl::StrCat("must be ", plan.collection(), "/{id} with an id of [a-z0-9-], 1 to 63 characters"),
                  absl::StrCat("应为 ", plan.collection(), "/{标识}，标识由小写字母、数字和连字符组成，1至63个字符")});
}

absl::Status BadName(const resource::TablePlan& plan) {
  Violations violations;
  AddBadName(plan, "name", violations);
  return violations.ToStatus();
}

absl::Status EtagMismatch(absl::string_view current) {
  return MakeError(absl::StatusCode::kAborted, error::v1::REASON_ETAG_MISMATCH,
                   {"the resource was changed meanwhile: read it again and repeat the change on the current version",
                    "数据已被他人修改，请重新读取后再修改"},
                   {{"current_etag", std::string(current)}});
}

const options::v1::UniqueKey* KeyNamedBy(const resource::TablePlan& plan, absl::string_view detail) {
  for (const auto& key : plan.options().unique()) {
    // SQLite names the columns, MySQL the index; both contain the last column of the key in this order.
    const std::string index = absl::StrCat("_by_", absl::StrJoin(key.fields(), "_"));
    std::vector<std::string> columns;
    for (const std::string& field : key.fields())
      columns.push_back(absl::StrCat(plan.table(), ".", plan.KeyColumn(field)));
    if (absl::StrContains(detail, index) || absl::StrContains(detail, absl::StrJoin(columns, ", "))) return &key;
  }
  return nullptr;
}

absl::Status AlreadyExists(const resource::TablePlan& plan, const options::v1::UniqueKey* key, std::string existing,
                           std::string site) {
  const std::string fields = key == nullptr ? "name" : absl::StrJoin(key->fields(), ", ");
  std::string en = absl::StrCat("another of ", plan.collection(), " has the same ", fields);
  std::string zh = key == nullptr ? absl::StrCat(plan.options().title_zh(), "的资源名已被使用")
                                  : absl::StrCat("已有", plan.options().title_zh(), "的 ", fields, " 相同");
  if (!existing.empty()) {
    absl::StrAppend(&en, ": ", existing, site.empty() ? "" : " of ", site);
    absl::StrAppend(&zh, "：", existing, site.empty() ? "" : "，", site);
  }
  std::vector<std::pair<std::string, std::string>> metadata = {{"fields", fields}};
  if (!existing.empty()) metadata.emplace_back("existing", std::move(existing));
  if (!site.empty()) metadata.emplace_back("site", std::move(site));
  return MakeError(absl::StatusCode::kAlreadyExists, error::v1::REASON_ALREADY_EXISTS, {std::move(en), std::move(zh)},
                   metadata);
}

}  // namespace jiedui::store
