# Files compiled into the programs: migrations and data.

set(JIEDUI_EMBED_DIR "${CMAKE_BINARY_DIR}/embed")

# jiedui_embed(<target> NAMESPACE <ns> FILES <file>...)
# In folder services/village, `jiedui_embed(village_migrations NAMESPACE jiedui::village FILES migrations/0001_init.sql)` makes
# the library village_migrations with "services/village/village_migrations.h", which declares
# `absl::Span<const EmbeddedFile> VillageMigrations()` in jiedui::village: the files ordered by name, without folders.
function(jiedui_embed target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NAMESPACE" "FILES")
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE folder)
  set(stem "${JIEDUI_EMBED_DIR}/${folder}/${target}")
  set(files)
  foreach(file ${arg_FILES})
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    list(APPEND files "${file}")
  endforeach()
  set(script "${CMAKE_SOURCE_DIR}/cmake/embed.py")
  add_custom_command(
    OUTPUT "${stem}.h" "${stem}.cc"
    COMMAND /usr/bin/python3 "${script}" "${JIEDUI_EMBED_DIR}" "${folder}/${target}" "${arg_NAMESPACE}" ${files}
    DEPENDS "${script}" ${files}
    COMMENT "Embedding ${folder}/${target}"
    VERBATIM)
  add_library(${target} STATIC "${stem}.cc" "${stem}.h")
  jiedui_configure_target(${target} PUBLIC)
  target_link_libraries(${target} PUBLIC absl::span absl::strings)
endfunction()
