#include "services/gateway/kept_rows.h"

#include <algorithm>

namespace jiedui::gateway {
namespace {

// Every district and township of a city; a card takes about 30 KB.
constexpr size_t kMostEntries = 512;

template <typename T>
bool IsSame(const std::weak_ptr<const T>& a, const std::weak_ptr<const T>& b) {
  return !a.owner_before(b) && !b.owner_before(a);
}

}  // namespace

RowsBasis::RowsBasis(const std::shared_ptr<const TargetSet>& targets, const Snapshot& snapshot,
                     const Freshnesses& freshnesses, int year, absl::CivilDay today)
    : targets_(targets), places_(snapshot.places), freshnesses_(freshnesses), today_(today) {
  for (int service = 0; service < kServiceCount; ++service) {
    const auto& years = snapshot.services[service].years;
    for (const int before : {0, 1}) {
      const auto found = years.find(year - before);
      if (found != years.end()) figures_[2 * service + before] = found->second;
    }
  }
}

bool RowsBasis::operator==(const RowsBasis& other) const {
  return IsSame(targets_, other.targets_) && IsSame(places_, other.places_) && freshnesses_ == other.freshnesses_ &&
         today_ == other.today_ &&
         std::equal(figures_.begin(), figures_.end(), other.figures_.begin(), IsSame<YearFigures>);
}

std::shared_ptr<const v1::Scorecard> KeptRows::Find(const std::string& division, int year,
                                                    const RowsBasis& basis) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = entries_.find({division, year});
  return found != entries_.end() && found->second.basis == basis ? found->second.card : nullptr;
}

void KeptRows::Keep(const std::string& division, int year, RowsBasis basis, std::shared_ptr<const v1::Scorecard> card) {
  absl::MutexLock lock(&mutex_);
  if (entries_.size() >= kMostEntries && entries_.count({division, year}) == 0) entries_.clear();
  entries_[{division, year}] = {std::move(basis), std::move(card)};
}

}  // namespace jiedui::gateway
