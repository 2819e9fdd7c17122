// A file compiled into the program by jiedui_embed (cmake/Embed.cmake).

#ifndef JIEDUI_COMMON_EMBED_EMBEDDED_FILE_H_
#define JIEDUI_COMMON_EMBED_EMBEDDED_FILE_H_

#include "absl/strings/string_view.h"

namespace jiedui {

struct EmbeddedFile {
  absl::string_view name;  // without its folder: "0001_init.sql"
  absl::string_view contents;
};

}  // namespace jiedui

#endif  // JIEDUI_COMMON_EMBED_EMBEDDED_FILE_H_
