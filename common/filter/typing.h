// Gives a comparison its meaning; internal to common/filter.

#ifndef JIEDUI_COMMON_FILTER_TYPING_H_
#define JIEDUI_COMMON_FILTER_TYPING_H_

#include "common/filter/filter.h"
#include "common/filter/lexer.h"
#include "common/filter/node.h"
#include "common/filter/problems.h"

namespace jiedui::filter {

// `name comparator value` for the field of that name. Adds a problem, and answers something of no use, when there is no
// such field or the comparator or value does not suit its type.
Comparison TypeComparison(const Token& name, const Token& comparator, const Token& value, const Schema& schema,
                          Problems* problems);

}  // namespace jiedui::filter

#endif  // JIEDUI_COMMON_FILTER_TYPING_H_
