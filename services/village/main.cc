#include "common/service/domain_program.h"
#include "services/village/definition.h"

int main(int argc, char** argv) {
  return jiedui::service::RunDomainProgram(argc, argv, jiedui::village::NewDefinition(), {50051, 9091},
                                           jiedui::service::DirectoryRole::kOwner);
}
