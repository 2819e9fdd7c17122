// Who was trained: counted once, and against what their village wanted.

#ifndef JIEDUI_SERVICES_INDUSTRY_TRAINING_RULES_H_
#define JIEDUI_SERVICES_INDUSTRY_TRAINING_RULES_H_

#include "common/service/definition.h"

namespace jiedui::industry {

// Adds the policies of demands and of people trained.
void AddTraining(service::Definition& definition);

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_TRAINING_RULES_H_
