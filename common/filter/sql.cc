// Filters as SQL text.
//
// SQLite compares text by bytes. The binary collations of MySQL and MariaDB may pad with spaces ('a' = 'a ', and 'a' sorts
// after 'a' + tab), so there a comparison of text has two parts: one on the column, which an index can serve and which is
// true wherever the comparison is, and the exact one on the bytes. It holds with and without padding.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/filter/filter.h"
#include "common/filter/node.h"
#include "common/filter/utf8.h"

namespace jiedui::filter {
namespace {

absl::string_view SqlOperator(Op op) {
  switch (op) {
    case Op::kLt:
      return " < ?";
    case Op::kLe:
      return " <= ?";
    case Op::kGt:
      return " > ?";
    case Op::kGe:
      return " >= ?";
    default:
      return " = ?";
  }
}

// `text` as a part of a LIKE pattern with the escape character `|`.
std::string EscapedForLike(absl::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '%' || c == '_' || c == '|') escaped.push_back('|');
    escaped.push_back(c);
  }
  return escaped;
}

class Compiler {
 public:
  explicit Compiler(SqlDialect dialect) : dialect_(dialect) {}

  SqlFilter Compile(const Node& root) {
    Write(root);
    return std::move(sql_);
  }

 private:
  void Write(const Node& node) {
    switch (node.kind) {
      case Node::Kind::kComparison:
        WriteComparison(node.comparison);
        return;
      case Node::Kind::kNot:
        Append("NOT ");
        Write(node.children.front());
        return;
      case Node::Kind::kAnd:
      case Node::Kind::kOr:
        break;
    }
    const absl::string_view separator = node.kind == Node::Kind::kAnd ? " AND " : " OR ";
    for (const Node& child : node.children) {
      Append(&child == &node.children.front() ? "(" : separator);
      Write(child);
    }
    Append(")");
  }

  // False, never NULL, where the column is NULL: `NOT` of it is then true, as it is in memory.
  void WriteComparison(const Comparison& comparison) {
    Append(comparison.negated ? "NOT (" : "(");
    if (comparison.op == Op::kPresent) {
      WritePresent(comparison.field);
    } else {
      if (comparison.field.has_presence) Append(comparison.field.column, " IS NOT NULL AND ");
      WriteValue(comparison);
    }
    Append(")");
  }

  void WritePresent(const Field& field) {
    const std::string& column = field.column;
    if (field.hashes != nullptr) {
      Append(column, " IS NOT NULL");
      return;
    }
    if (field.has_presence) Append(column, " IS NOT NULL");
    if (field.type == Type::kDate) {
      Append(field.has_presence ? " AND " : "", column, " <> ''");
    } else if (!field.has_presence) {
      // A text of spaces equals '' where the collation pads.
      const bool padded_text = field.type == Type::kString && dialect_ == SqlDialect::kMysql;
      Append(padded_text ? absl::StrCat("LENGTH(", column, ") > 0")
                         : absl::StrCat(column, field.type == Type::kString ? " <> ''" : " <> 0"));
    }
  }

  // One index read for each hash; there are more than one only while the search key is being replaced.
  void WriteHashed(const std::string& column, const std::vector<std::string>& hashes) {
    if (hashes.empty()) {
      Append(column, " IS NULL");
      return;
    }
    Append(column, " IS NOT NULL AND ");
    for (size_t i = 0; i < hashes.size(); ++i)
      WriteBound(i == 0 ? absl::StrCat(column, " IN (") : ", ", "?", hashes[i]);
    Append(")");
  }

  void WriteValue(const Comparison& comparison) {
    const std::string& column = comparison.field.column;
    if (comparison.field.hashes != nullptr) {
      WriteHashed(column, comparison.field.hashes->Of(comparison.text));
      return;
    }
    switch (comparison.field.type) {
      case Type::kString:
        dialect_ == SqlDialect::kSqlite ? WriteSqliteText(comparison) : WriteMysqlText(comparison);
        return;
      case Type::kDate:
        // Dates have no spaces to be padded; '' is not set, and nothing but an upper bound lets it in.
        if (comparison.op == Op::kLt || comparison.op == Op::kLe) Append(column, " <> '' AND ");
        WriteBound(column, SqlOperator(comparison.op), comparison.text);
        return;
      default:
        WriteBound(column, SqlOperator(comparison.op), comparison.number);
        return;
    }
  }

  void WriteSqliteText(const Comparison& comparison) {
    const std::string& column = comparison.field.column;
    const std::string& text = comparison.text;
    switch (comparison.op) {
      case Op::kPrefix:
        WriteUpperBound(column, text);
        WriteBound(column, " >= ?", text);
        return;
      case Op::kSuffix:
        // By bytes, as counting characters ends at a NUL; IS, because a part of an empty blob is NULL.
        WriteBound(absl::StrCat("SUBSTR(CAST(", column, " AS BLOB), -", text.size(), ")"), " IS CAST(? AS BLOB)", text);
        return;
      case Op::kContains:
        WriteBound(absl::StrCat("INSTR(", column, ", "), "?) > 0", text);
        return;
      default:
        WriteBound(column, SqlOperator(comparison.op), text);
        return;
    }
  }

  void WriteMysqlText(const Comparison& comparison) {
    const std::string& column = comparison.field.column;
    const std::string bytes = absl::StrCat("CAST(", column, " AS BINARY)");
    const std::string& text = comparison.text;
    switch (comparison.op) {
      case Op::kPrefix:
        WriteLowerBound(column, text);
        WriteUpperBound(column, text);
        WriteBound(bytes, " LIKE ? ESCAPE '|'", absl::StrCat(EscapedForLike(text), "%"));
        return;
      case Op::kSuffix:
        WriteBound(bytes, " LIKE ? ESCAPE '|'", absl::StrCat("%", EscapedForLike(text)));
        return;
      case Op::kContains:
        WriteBound(bytes, " LIKE ? ESCAPE '|'", absl::StrCat("%", EscapedForLike(text), "%"));
        return;
      case Op::kEq:
        WriteBound(column, " = ? AND ", text);
        break;
      case Op::kLt:
      case Op::kLe:
        // The value has no control characters, so padding moves nothing below it to above it.
        WriteBound(column, " <= ? AND ", text);
        break;
      default:
        if (!text.empty()) WriteLowerBound(column, text);
        break;
    }
    WriteBound(bytes, SqlOperator(comparison.op), text);
  }

  void WriteLowerBound(absl::string_view column, absl::string_view text) {
    WriteBound(column, " >= ? AND ", LowerBound(text));
  }

  // Nothing where every text is below it.
  void WriteUpperBound(absl::string_view column, absl::string_view prefix) {
    std::string bound = AfterPrefix(prefix);
    if (!bound.empty()) WriteBound(column, " < ? AND ", std::move(bound));
  }

  void WriteBound(absl::string_view left, absl::string_view with_placeholder, SqlValue value) {
    Append(left, with_placeholder);
    sql_.values.push_back(std::move(value));
  }

  template <typename... Parts>
  void Append(const Parts&... parts) {
    absl::StrAppend(&sql_.where, parts...);
  }

  const SqlDialect dialect_;
  SqlFilter sql_;
};

}  // namespace

SqlFilter Filter::ToSql(SqlDialect dialect) const {
  if (root_ == nullptr) return {"1=1", {}};
  return Compiler(dialect).Compile(*root_);
}

}  // namespace jiedui::filter
