# How everything is compiled: standard, optimisation, sanitizers, ccache, linker. Precompiled headers: PrecompiledHeaders.cmake.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

# No -DNDEBUG: Debian builds Abseil and protobuf without it too, so their inline code here agrees with what the libraries hold.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")

set(JIEDUI_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, such as address,undefined or thread")
if(JIEDUI_SANITIZE)
  add_compile_options(-fsanitize=${JIEDUI_SANITIZE} -fno-omit-frame-pointer)
  if(JIEDUI_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  add_link_options(-fsanitize=${JIEDUI_SANITIZE})
endif()

# Warnings of code written here; generated code is compiled without them.
set(JIEDUI_WARNINGS -Wall -Wextra -Werror)

find_program(JIEDUI_CCACHE ccache)
if(JIEDUI_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths below the checkout's parent are hashed relative to the build folder, so that build folders of equal depth share hits.
  cmake_path(GET CMAKE_SOURCE_DIR PARENT_PATH ccache_base)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      /usr/bin/env CCACHE_BASEDIR=${ccache_base} CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=20G
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${JIEDUI_CCACHE})
endif()

find_program(JIEDUI_MOLD mold)
if(JIEDUI_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
