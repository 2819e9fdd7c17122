#include "common/sql/mysql/address.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace jiedui::sql {
namespace {

absl::Status BadUrl(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("the database must be mysql://user@host:port/schema: ", why));
}

// Whether every character is a letter, a digit or one of `others`.
bool ConsistsOf(absl::string_view text, absl::string_view others) {
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && !absl::StrContains(others, c)) return false;
  }
  return !text.empty();
}

}  // namespace

absl::StatusOr<MysqlAddress> ParseMysqlUrl(absl::string_view url) {
  MysqlAddress address;
  if (!absl::ConsumePrefix(&url, "mysql://")) return BadUrl("it does not begin with mysql://");
  const size_t at = url.rfind('@');
  if (at == absl::string_view::npos) return BadUrl("the user is missing");
  const absl::string_view user = url.substr(0, at);
  if (absl::StrContains(user, ':')) return BadUrl("the password goes into a file or the environment");
  if (!ConsistsOf(user, "_-.$")) return BadUrl("the user may have letters, digits and _-.$ only");
  url.remove_prefix(at + 1);
  const size_t slash = url.find('/');
  if (slash == absl::string_view::npos) return BadUrl("the schema is missing");
  if (!ConsistsOf(url.substr(slash + 1), "_-$")) return BadUrl("the schema may have letters, digits and _-$ only");
  address.user = std::string(user);
  address.schema = std::string(url.substr(slash + 1));
  absl::string_view host = url.substr(0, slash);
  const size_t bracket = absl::StartsWith(host, "[") ? host.find(']') : 0;
  if (bracket == absl::string_view::npos) return BadUrl("a bracket is not closed");
  const size_t colon = host.find(':', bracket);
  if (colon != absl::string_view::npos) {
    if (!absl::SimpleAtoi(host.substr(colon + 1), &address.port) || address.port < 1 || address.port > 65535) {
      return BadUrl("the port must be a number from 1 to 65535");
    }
    host = host.substr(0, colon);
  }
  if (bracket > 0) {
    if (!absl::EndsWith(host, "]")) return BadUrl("after the bracket comes the port");
    host = host.substr(1, host.size() - 2);
  }
  if (!ConsistsOf(host, bracket > 0 ? ":.%" : "-._")) return BadUrl("the host is missing or has other characters");
  address.host = std::string(host);
  return address;
}

}  // namespace jiedui::sql
