#include "services/gateway/chunk_tallies.h"

#include <utility>

namespace jiedui::gateway {

void Tally::Add(const Tally& part) {
  population += part.population;
  unreported += part.unreported;
  passed += part.passed;
  numerator += part.numerator;
  denominator += part.denominator;
}

bool ChunkTallies::Fits(const Entry& entry, const std::vector<const Column*>& columns, int chunk) {
  if (!entry.known || entry.inputs.size() != columns.size()) return false;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (entry.inputs[i] != columns[i]->SharedChunk(chunk)) return false;
  }
  return true;
}

void ChunkTallies::Add(const std::vector<const Column*>& columns, int first, int last,
                       absl::FunctionRef<Tally(int chunk)> count, Tally& tally) {
  std::vector<int> unknown;
  {
    absl::ReaderMutexLock lock(&mutex_);
    for (int chunk = first; chunk < last; ++chunk) {
      if (chunk < static_cast<int>(entries_.size()) && Fits(entries_[chunk], columns, chunk)) {
        tally.Add(entries_[chunk].tally);
      } else {
        unknown.push_back(chunk);
      }
    }
  }
  if (unknown.empty()) return;
  std::vector<Entry> counted;
  for (const int chunk : unknown) {
    Entry& entry = counted.emplace_back();
    entry.known = true;
    for (const Column* column : columns) entry.inputs.push_back(column->SharedChunk(chunk));
    entry.tally = count(chunk);
    tally.Add(entry.tally);
  }
  absl::MutexLock lock(&mutex_);
  if (static_cast<int>(entries_.size()) < last) entries_.resize(last);
  for (size_t i = 0; i < unknown.size(); ++i) std::swap(entries_[unknown[i]], counted[i]);
}

}  // namespace jiedui::gateway
