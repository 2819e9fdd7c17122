// Where lists and reports look: parts of the division tree, by this program's copy of it; and their pages.

#ifndef JIEDUI_SERVICES_INFRASTRUCTURE_PLACES_H_
#define JIEDUI_SERVICES_INFRASTRUCTURE_PLACES_H_

#include <cstddef>
#include <string>

#include "common/status/error.h"
#include "common/store/engine.h"

namespace jiedui::infrastructure {

// Whether the village is in the programme at the end of the day.
bool IsMember(const store::Engine& engine, const std::string& village, const std::string& day);

// Whether the place is the division, or lies in it; everything lies in the empty one.
bool IsWithin(const store::Engine& engine, std::string place, const std::string& division);

// Adds a violation of the field `division` unless it is empty or there is such a division or village.
void CheckDivision(const store::Engine& engine, const std::string& division, Violations& violations);

constexpr int kMaxPageSize = 1000;

// Adds a violation of the field `page_size` when it is negative.
void CheckPage(int page_size, Violations& violations);

// How many a page has that is asked for with this page_size.
size_t PageSizeOf(int page_size);

}  // namespace jiedui::infrastructure

#endif  // JIEDUI_SERVICES_INFRASTRUCTURE_PLACES_H_
