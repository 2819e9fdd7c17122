#include "common/service/domain_program.h"
#include "services/industry/definition.h"

int main(int argc, char** argv) {
  return jiedui::service::RunDomainProgram(argc, argv, jiedui::industry::NewDefinition(), {50052, 9092},
                                           jiedui::service::DirectoryRole::kCopy);
}
