# Generated messages. Only protobuf messages: methods are served and called by descriptor, without generated stubs.

set(JIEDUI_PROTO_DIR "${CMAKE_BINARY_DIR}/proto")
set(JIEDUI_GOOGLEAPIS_DIR /usr/share/gocode/src/github.com/gogo/googleapis CACHE PATH "Where google/rpc/*.proto are")
set(JIEDUI_GRPC_PROTO_DIR /usr/share/grpc-proto CACHE PATH "Where grpc/health/v1/health.proto is")

# jiedui_generate_proto(<out-variable> ROOT <import root> FILES <path below the root>...): appends the generated sources.
function(jiedui_generate_proto result)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ROOT" "FILES")
  foreach(file ${arg_FILES})
    string(REGEX REPLACE "\\.proto$" "" stem "${JIEDUI_PROTO_DIR}/${file}")
    add_custom_command(
      OUTPUT "${stem}.pb.cc" "${stem}.pb.h"
      COMMAND
        protobuf::protoc "--proto_path=${arg_ROOT}" "--proto_path=${CMAKE_SOURCE_DIR}/proto"
        "--proto_path=${JIEDUI_GOOGLEAPIS_DIR}" "--proto_path=${JIEDUI_GRPC_PROTO_DIR}" "--cpp_out=${JIEDUI_PROTO_DIR}" "--dependency_out=${stem}.pb.d" "${file}"
      DEPENDS "${arg_ROOT}/${file}"
      DEPFILE "${stem}.pb.d"
      COMMENT "Generating ${file}"
      VERBATIM)
    list(APPEND ${result} "${stem}.pb.cc" "${stem}.pb.h")
  endforeach()
  set(${result} ${${result}} PARENT_SCOPE)
endfunction()
