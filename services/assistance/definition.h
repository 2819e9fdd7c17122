// The assistance program: needy households and their helpers.

#ifndef JIEDUI_SERVICES_ASSISTANCE_DEFINITION_H_
#define JIEDUI_SERVICES_ASSISTANCE_DEFINITION_H_

#include "common/service/definition.h"

namespace jiedui::assistance {

service::Definition NewDefinition();

}  // namespace jiedui::assistance

#endif  // JIEDUI_SERVICES_ASSISTANCE_DEFINITION_H_
