// The main of a domain program: a Host in the frame, with its copy of the directory and the work of every now and then.

#ifndef JIEDUI_COMMON_SERVICE_DOMAIN_PROGRAM_H_
#define JIEDUI_COMMON_SERVICE_DOMAIN_PROGRAM_H_

#include "common/service/definition.h"
#include "common/service/program.h"

namespace jiedui::service {

enum class DirectoryRole {
  kOwner,  // divisions, villages and years are in the program's own database
  kCopy,   // they are copied from --village_address
};

// As RunProgram.
int RunDomainProgram(int argc, char** argv, Definition definition, Ports ports, DirectoryRole role);

}  // namespace jiedui::service

#endif  // JIEDUI_COMMON_SERVICE_DOMAIN_PROGRAM_H_
