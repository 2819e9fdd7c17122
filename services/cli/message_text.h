// Messages of any type from and to text, by their descriptors alone.

#ifndef JIEDUI_SERVICES_CLI_MESSAGE_TEXT_H_
#define JIEDUI_SERVICES_CLI_MESSAGE_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/status/error.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/cli/session.h"

namespace jiedui::cli {

// Fills `message` with what --json names: a file, or standard input for "-". Usage error when it does not fit.
absl::Status ReadJson(Session& session, const std::string& path, google::protobuf::Message* message);

// Sets a field of `message`: an enum value by name, what is repeated separated by commas, a message as JSON. Usage error when the
// text does not fit.
absl::Status SetField(const google::protobuf::FieldDescriptor* field, const std::string& text,
                      google::protobuf::Message* message);

// "-1234.50" for -123450: fen as yuan.
std::string Hundredths(int64_t value);

// A column of a table of messages.
struct FieldColumn {
  std::string path;  // "finding.fund_source"; its heading in CSV
  Text title;        // in a table; `path` when empty
};

// Prints the messages of the repeated field `part` of `answer` as a table or as CSV. In a table amounts in fen are shown in yuan,
// millionths in percent, enum values by their Chinese term for those who read it; CSV has everything as it is.
void PrintPart(const Session& session, const google::protobuf::Message& answer, absl::string_view part,
               const std::vector<FieldColumn>& columns);

// Prints `answer` in the session's format: JSON as it is; a table of its own fields and one of each repeated part; as CSV its
// first repeated part, or its own fields when it has none.
void PrintAnswer(const Session& session, const google::protobuf::Message& answer);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_MESSAGE_TEXT_H_
