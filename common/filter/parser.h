// AIP-160 grammar; internal to common/filter.

#ifndef JIEDUI_COMMON_FILTER_PARSER_H_
#define JIEDUI_COMMON_FILTER_PARSER_H_

#include <optional>
#include <vector>

#include "common/filter/filter.h"
#include "common/filter/lexer.h"
#include "common/filter/node.h"
#include "common/filter/problems.h"

namespace jiedui::filter {

// The typed tree of `tokens`; nullopt for the empty filter. What it answers is of no use once there is a problem: syntax
// stops at the first, comparisons that are wrong in themselves are all reported.
std::optional<Node> ParseTokens(const std::vector<Token>& tokens, const Schema& schema, Problems* problems);

}  // namespace jiedui::filter

#endif  // JIEDUI_COMMON_FILTER_PARSER_H_
