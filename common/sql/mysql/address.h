// Where a MySQL database is.

#ifndef JIEDUI_COMMON_SQL_MYSQL_ADDRESS_H_
#define JIEDUI_COMMON_SQL_MYSQL_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jiedui::sql {

struct MysqlAddress {
  std::string user;
  std::string password;  // never in an url
  std::string host;      // name, IPv4 or IPv6 without brackets
  int port = 3306;
  std::string schema;
};

// Understands mysql://user@host:port/schema (":port" may be left out, an IPv6 host stands in brackets).
// Errors: INVALID_ARGUMENT, without repeating the url: somebody may have put a password into it.
absl::StatusOr<MysqlAddress> ParseMysqlUrl(absl::string_view url);

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_MYSQL_ADDRESS_H_
