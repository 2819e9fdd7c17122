# Headers that most files include, compiled once for the libraries and once, with GoogleTest, for the tests. A file includes what it
# uses all the same: JIEDUI_PRECOMPILED_HEADERS=OFF builds without them.

option(JIEDUI_PRECOMPILED_HEADERS "Compile common headers once" ON)

set(JIEDUI_COMMON_HEADERS
    <algorithm>
    <cstdint>
    <functional>
    <map>
    <memory>
    <optional>
    <set>
    <string>
    <utility>
    <variant>
    <vector>
    "<absl/container/flat_hash_map.h>"
    "<absl/container/flat_hash_set.h>"
    "<absl/functional/any_invocable.h>"
    "<absl/status/statusor.h>"
    "<absl/strings/str_cat.h>"
    "<absl/strings/str_format.h>"
    "<absl/strings/str_join.h>"
    "<absl/strings/str_split.h>"
    "<absl/synchronization/mutex.h>"
    "<absl/time/civil_time.h>"
    "<absl/time/clock.h>"
    "<absl/time/time.h>"
    "<google/protobuf/descriptor.h>"
    "<google/protobuf/message.h>"
    "<google/protobuf/timestamp.pb.h>")

# Tests run what the libraries were optimised to: their own code is compiled quickly instead.
set(JIEDUI_TEST_OPTIONS -O0)

# jiedui_precompile(<target> <header>... [LIBS <lib>...] [OPTIONS <option>...]): a target that others take the headers from.
function(jiedui_precompile target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;LIBS;OPTIONS")
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/${target}.cc" CONTENT "")
  add_library(${target} STATIC "${CMAKE_BINARY_DIR}/${target}.cc")
  target_compile_options(${target} PRIVATE ${JIEDUI_WARNINGS} ${arg_OPTIONS})
  target_link_libraries(${target} PRIVATE ${arg_LIBS})
  target_precompile_headers(${target} PRIVATE ${arg_HEADERS})
endfunction()

# jiedui_use_precompiled(<target> <of>)
function(jiedui_use_precompiled target of)
  if(JIEDUI_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} REUSE_FROM ${of})
    # -fpch-preprocess: or ccache does not see what is in them. What GCC 12 wrongly says of std::string's own code is shown once that
    # comes from there, as if it were no system header.
    target_compile_options(${target} PRIVATE -fpch-preprocess -Wno-array-bounds -Wno-stringop-overflow)
  endif()
endfunction()

if(JIEDUI_PRECOMPILED_HEADERS)
  set(libraries protobuf::libprotobuf absl::any_invocable absl::flat_hash_map absl::flat_hash_set absl::statusor absl::str_format
                absl::strings absl::synchronization absl::time Threads::Threads)
  jiedui_precompile(jiedui_library_headers HEADERS ${JIEDUI_COMMON_HEADERS} LIBS ${libraries})
  jiedui_precompile(jiedui_test_headers HEADERS ${JIEDUI_COMMON_HEADERS} "<gmock/gmock.h>" "<gtest/gtest.h>"
                    LIBS ${libraries} GTest::gmock GTest::gtest OPTIONS ${JIEDUI_TEST_OPTIONS} -fPIE)
endif()
