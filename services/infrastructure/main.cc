#include "common/service/domain_program.h"
#include "services/infrastructure/definition.h"

int main(int argc, char** argv) {
  return jiedui::service::RunDomainProgram(argc, argv, jiedui::infrastructure::NewDefinition(), {50053, 9093},
                                           jiedui::service::DirectoryRole::kCopy);
}
