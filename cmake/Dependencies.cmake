# Everything from outside comes from Debian packages (deploy/packages.txt) and is offered as an imported target.

set(CMAKE_THREAD_PREFER_PTHREAD TRUE)
find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(Protobuf REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(gRPC CONFIG REQUIRED)  # also offers re2::re2
find_package(SQLite3 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

# jiedui_import(<target> HEADER <header> LIBRARY <name>): an imported target for a library without a package description, or
# whose description asks for more packages than it needs.
function(jiedui_import target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER;LIBRARY" "")
  find_path(${arg_LIBRARY}_INCLUDE_DIR ${arg_HEADER} REQUIRED)
  find_library(${arg_LIBRARY}_LIBRARY ${arg_LIBRARY} REQUIRED)
  add_library(${target} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(
    ${target} PROPERTIES IMPORTED_LOCATION "${${arg_LIBRARY}_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                                       "${${arg_LIBRARY}_INCLUDE_DIR}")
endfunction()

jiedui_import(mysqlcppconn::mysqlcppconn HEADER mysql_driver.h LIBRARY mysqlcppconn)
jiedui_import(civetweb::civetweb HEADER civetweb.h LIBRARY civetweb)
jiedui_import(prometheus-cpp::core HEADER prometheus/registry.h LIBRARY prometheus-cpp-core)

# Its description asks for -pthread, which glibc does not need; files that had it could not use the precompiled headers of the rest.
if(TARGET re2::re2)
  set_property(TARGET re2::re2 PROPERTY INTERFACE_COMPILE_OPTIONS "")
endif()
