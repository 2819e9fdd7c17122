#include "common/service/domain_program.h"
#include "services/assistance/definition.h"

int main(int argc, char** argv) {
  return jiedui::service::RunDomainProgram(argc, argv, jiedui::assistance::NewDefinition(), {50054, 9094},
                                           jiedui::service::DirectoryRole::kCopy);
}
