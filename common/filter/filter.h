// AIP-160 filters: one language for lists, for measures and for the predicates of targets. A filter is parsed and typed
// once against a Schema; the same tree is then compiled to SQL or evaluated on a protobuf message, and both agree on every
// record, on every database.
//
// Semantics: two-valued. A field that is not set makes = < <= > >= and : false; != is the exact negation of =, NOT negates.
// `field:*` asks whether the field is set (or, without presence, not its default). Strings compare by bytes, case matters;
// in `=` and `!=` a string with `*` at its start or end matches by suffix, prefix or substring (a star elsewhere, or written
// \* in quotes, is itself); `field:"text"` is "contains", and equality for other types. OR binds tighter than AND;
// juxtaposition is AND. Enums are written by their value's name and compare by number. `field = null` is NOT field:*. A date
// that holds "" is not set. Digits of a time below a microsecond are cut off. Values may be quoted whatever their type;
// inside quotes \" \' \\ and \* are escapes. There are no functions and no search without a field.

#ifndef JIEDUI_COMMON_FILTER_FILTER_H_
#define JIEDUI_COMMON_FILTER_FILTER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace jiedui::filter {

// kDate is a string field YYYY-MM-DD or "", kTime a google.protobuf.Timestamp with a column of µs UTC.
enum class Type { kInt, kBool, kString, kDate, kTime, kEnum };

// What stands in a column instead of a text that is kept secret: keyed hashes, by which it can be found and compared.
class TextHashes {
 public:
  virtual ~TextHashes() = default;
  // Under which hashes rows may hold `text`; none for a text that is not set, whose column is NULL.
  virtual std::vector<std::string> Of(absl::string_view text) const = 0;
  // Whether two texts are the same value.
  virtual bool Same(absl::string_view a, absl::string_view b) const = 0;
};

// A filterable field: where its value is in SQL and in a message.
struct Field {
  std::string name;  // as written in the filter
  Type type = Type::kInt;
  bool has_presence = false;  // NULLable column; `optional` field or message-typed time
  std::string column;         // SQL column (an identifier of the plan), put into the SQL text as it stands
  // A singular field of the message that Matches is given. Null when evaluated on numbers only (measures).
  const google::protobuf::FieldDescriptor* descriptor = nullptr;
  int index = 0;  // position handed to MatchesNumbers
  // Set where the column holds a keyed hash of the text, or NULL: only =, != and :* suit it. Outlives the filter.
  const TextHashes* hashes = nullptr;
};

class Schema {
 public:
  virtual ~Schema() = default;
  // nullptr when there is no such filterable field. What it points to is copied.
  virtual const Field* Find(absl::string_view name) const = 0;
  // The names that Find knows, for the error text.
  virtual std::vector<std::string> Names() const = 0;
};

// A value bound to a `?` of the SQL text.
using SqlValue = std::variant<int64_t, std::string>;

struct SqlFilter {
  std::string where;  // a boolean term (never NULL, in parentheses) without user text; "1=1" for the empty filter
  std::vector<SqlValue> values;  // in the order of the `?`
};

enum class SqlDialect { kSqlite, kMysql };

struct Node;  // the typed tree, private to the implementation

class Filter {
 public:
  Filter();  // matches everything
  Filter(const Filter&);
  Filter& operator=(const Filter&);
  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;
  ~Filter();

  // Parses and types `text`. Limits: 8 KiB, 32 nested parentheses, 256 comparisons.
  // INVALID_ARGUMENT lists every problem found, as violations of the field "filter" with REASON_FILTER (position counted in
  // characters from 1, Chinese text too). The texts never repeat a value of the filter.
  static absl::StatusOr<Filter> Parse(absl::string_view text, const Schema& schema);

  bool empty() const;

  // Exact on binary collations with or without padding (utf8mb4_bin, utf8mb4_nopad_bin, utf8mb4_0900_bin); comparisons,
  // equality and prefixes of text can use an index.
  SqlFilter ToSql(SqlDialect dialect) const;

  // `message` is of the type that the schema's descriptors belong to.
  bool Matches(const google::protobuf::Message& message) const;

  // For filters over measures: evaluates on `value(index of the field)`; every field must be kInt without presence.
  bool MatchesNumbers(absl::FunctionRef<int64_t(int index)> value) const;

  // A normal form: equal text for filters that mean the same tree; used to bind page tokens to their query. It parses back
  // to the same tree.
  std::string Canonical() const;

  // How many comparisons with texts that are kept secret (Field::hashes) it makes, each of them a guess. That such a text is set is none.
  int HashedComparisons() const;

  // A conjunction of `field >= n`-like comparisons on numbers, for vectorised evaluation; empty when the filter is not one
  // (and for the empty filter).
  struct NumberComparison {
    enum class Op { kEq, kNe, kLt, kLe, kGt, kGe };
    int index;
    Op op;
    int64_t value;
  };
  std::vector<NumberComparison> AsConjunction() const;
  // The same of comparisons of which one must hold.
  std::vector<NumberComparison> AsDisjunction() const;

 private:
  std::shared_ptr<const Node> root_;
};

// What words in braces stand for; the values need no escapes within quotes.
using Words = std::map<std::string, std::string, std::less<>>;

// Replaces `{year}`, `{year-35}` and `{year+1}` by four-digit years, and `{word}` by what `words` says; done before Parse,
// inside quotes too. INVALID_ARGUMENT, like Parse, for any other text in braces, a brace without its partner, or a year
// outside 0001–9999.
absl::StatusOr<std::string> ExpandYear(absl::string_view text, int year, const Words& words = {});

}  // namespace jiedui::filter

#endif  // JIEDUI_COMMON_FILTER_FILTER_H_
