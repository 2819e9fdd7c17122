"""Writes <root>/<stem>.h and .cc with the contents of files: embed.py <root> <stem> <namespace> <file>..."""

import os
import sys


def literal(data: bytes) -> str:
    """`data` as C++ string literals, one per line of the file; octal escapes end after three digits whatever follows."""
    lines = []
    for line in data.splitlines(keepends=True):
        text = "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else "\\%03o" % b for b in line)
        lines.append('    "%s"' % text)
    return "\n".join(lines) or '    ""'


def main() -> None:
    root, stem, namespace, *paths = sys.argv[1:]
    paths.sort(key=os.path.basename)
    function = "".join(word.capitalize() for word in os.path.basename(stem).split("_"))
    guard = "JIEDUI_EMBED_" + "".join(c.upper() if c.isalnum() else "_" for c in stem) + "_H_"
    os.makedirs(os.path.dirname(os.path.join(root, stem)), exist_ok=True)
    with open(os.path.join(root, stem + ".h"), "w", encoding="ascii") as out:
        out.write(f"""#ifndef {guard}
#define {guard}

#include "absl/types/span.h"
#include "common/embed/embedded_file.h"

namespace {namespace} {{

absl::Span<const ::jiedui::EmbeddedFile> {function}();

}}  // namespace {namespace}

#endif  // {guard}
""")
    files = []
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        files.append('    {absl::string_view("%s"), absl::string_view(\n%s,\n    %d)},\n'
                     % (os.path.basename(path), literal(data), len(data)))
    with open(os.path.join(root, stem + ".cc"), "w", encoding="ascii") as out:
        out.write(f"""#include "{stem}.h"

namespace {namespace} {{

absl::Span<const ::jiedui::EmbeddedFile> {function}() {{
  static constexpr ::jiedui::EmbeddedFile kFiles[] = {{
{"".join(files)}  }};
  return kFiles;
}}

}}  // namespace {namespace}
""")


main()
