#include "services/gateway/year_editor.h"

#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace jiedui::gateway {
namespace {

using measure::v1::MeasureShard;

void AddCell(MeasureShard& shard, int slot, int64_t value) {
  shard.add_cell_nodes(shard.nodes_size() - 1);
  shard.add_cell_measures(slot);
  shard.add_cell_values(value);
}

// What was received of a shard, with slots for measures: from the columns, and what had no place.
MeasureShard Extract(const YearFigures& figures, const Places& places, int number) {
  MeasureShard shard;
  shard.set_shard(number);
  shard.set_version(figures.versions[number]);
  for (const int index : places.InShard(number)) {
    shard.add_nodes(places[index].name);
    for (size_t slot = 0; slot < figures.columns.size(); ++slot) {
      if (figures.columns[slot] == nullptr) continue;
      if (const int64_t value = (*figures.columns[slot])[index]; value != 0)
        AddCell(shard, static_cast<int>(slot), value);
    }
    const bool bare = shard.cell_nodes_size() == 0 || *shard.cell_nodes().rbegin() != shard.nodes_size() - 1;
    if (bare) shard.mutable_nodes()->RemoveLast();
  }
  const auto unplaced = figures.unplaced.find(number);
  if (unplaced == figures.unplaced.end()) return shard;
  const MeasureShard& received = *unplaced->second;
  const int first = shard.nodes_size();
  shard.mutable_nodes()->MergeFrom(received.nodes());
  for (const int node : received.cell_nodes()) shard.add_cell_nodes(first + node);
  shard.mutable_cell_measures()->MergeFrom(received.cell_measures());
  shard.mutable_cell_values()->MergeFrom(received.cell_values());
  return shard;
}

// What of a shard has no place and goes into some slot; null for nothing. `positions`: of its nodes, -1 for no place.
std::shared_ptr<const MeasureShard> UnplacedOf(const MeasureShard& shard, absl::Span<const int> positions,
                                               absl::Span<const int> slots) {
  std::shared_ptr<MeasureShard> unplaced;
  std::map<int, int> nodes;  // from those of the shard
  for (int i = 0; i < shard.cell_nodes_size(); ++i) {
    const int node = shard.cell_nodes(i);
    const int slot = slots[shard.cell_measures(i)];
    if (positions[node] >= 0 || slot < 0) continue;
    if (unplaced == nullptr) unplaced = std::make_shared<MeasureShard>();
    const auto [at, added] = nodes.emplace(node, unplaced->nodes_size());
    if (added) unplaced->add_nodes(shard.nodes(node));
    unplaced->add_cell_nodes(at->second);
    unplaced->add_cell_measures(slot);
    unplaced->add_cell_values(shard.cell_values(i));
  }
  return unplaced;
}

std::shared_ptr<const Column> Gather(const Column& column, const std::vector<int>& new_indexes, int size) {
  auto base = std::make_shared<const Column>(size);
  ColumnEditor editor(base);
  for (size_t i = 0; i < new_indexes.size(); ++i) {
    if (new_indexes[i] < 0) continue;
    if (const int64_t value = column[static_cast<int>(i)]; value != 0) editor.Set(new_indexes[i], value);
  }
  return std::move(editor).Finish();
}

}  // namespace

YearEditor::YearEditor(const Places& places, const YearFigures& base)
    : places_(places), figures_(std::make_shared<YearFigures>(base)), columns_(base.columns.size()) {
  for (size_t slot = 0; slot < columns_.size(); ++slot) {
    if (base.columns[slot] != nullptr) columns_[slot] = std::make_unique<ColumnEditor>(base.columns[slot]);
  }
}

void YearEditor::KeepSlots(const std::vector<bool>& kept) {
  columns_.resize(kept.size());
  for (size_t slot = 0; slot < kept.size(); ++slot) {
    if (!kept[slot]) {
      columns_[slot] = nullptr;
    } else if (columns_[slot] == nullptr) {
      columns_[slot] = std::make_unique<ColumnEditor>(std::make_shared<const Column>(places_.size()));
    }
  }
}

void YearEditor::Replace(const MeasureShard& shard, absl::Span<const int> slots) {
  const std::vector<int>& in_shard = places_.InShard(shard.shard());
  scratch_.assign(in_shard.size() * columns_.size(), 0);
  positions_.clear();
  for (const std::string& node : shard.nodes()) {
    const int index = places_.Find(node);
    positions_.push_back(index < 0 ? -1 : places_[index].position_in_shard);
  }
  for (int i = 0; i < shard.cell_nodes_size(); ++i) {
    const int position = positions_[shard.cell_nodes(i)];
    const int slot = slots[shard.cell_measures(i)];
    if (position >= 0 && slot >= 0) scratch_[slot * in_shard.size() + position] = shard.cell_values(i);
  }
  for (size_t slot = 0; slot < columns_.size(); ++slot) {
    if (columns_[slot] == nullptr) continue;
    for (size_t i = 0; i < in_shard.size(); ++i) columns_[slot]->Set(in_shard[i], scratch_[slot * in_shard.size() + i]);
  }
  figures_->versions[shard.shard()] = shard.version();
  figures_->unplaced.erase(shard.shard());
  auto unplaced = UnplacedOf(shard, positions_, slots);
  if (unplaced != nullptr) figures_->unplaced.emplace(shard.shard(), std::move(unplaced));
}

std::shared_ptr<const YearFigures> YearEditor::Finish() && {
  figures_->columns.assign(columns_.size(), nullptr);
  for (size_t slot = 0; slot < columns_.size(); ++slot) {
    if (columns_[slot] != nullptr) figures_->columns[slot] = std::move(*columns_[slot]).Finish();
  }
  figures_->unplaced_node_count = 0;
  for (const auto& [number, shard] : figures_->unplaced) figures_->unplaced_node_count += shard->nodes_size();
  figures_->version_sum = std::accumulate(figures_->versions.begin(), figures_->versions.end(), int64_t{0});
  return std::move(figures_);
}

Move::Move(const Places& from_places, const Places& to_places)
    : from(from_places),
      to(to_places),
      new_indexes(from_places.size()),
      same_order(from_places.size() == to_places.size()) {
  for (int i = 0; i < from.size(); ++i) {
    // Most changes leave most places where they were.
    const bool same = i < to.size() && to[i].name == from[i].name;
    new_indexes[i] = same ? i : to.Find(from[i].name);
    same_order = same_order && same;
  }
}

std::shared_ptr<const YearFigures> Rearrange(const YearFigures& before, const Move& move) {
  if (!before.counted) return std::make_shared<YearFigures>(before);
  std::set<int> again;  // shards with nodes that lost or may have found their place
  for (const auto& [number, shard] : before.unplaced) again.insert(number);
  for (int i = 0; i < move.from.size(); ++i) {
    if (move.new_indexes[i] < 0) again.insert(move.from[i].shard);
  }
  YearFigures moved = before;
  if (!move.same_order) {
    for (auto& column : moved.columns) {
      if (column != nullptr) column = Gather(*column, move.new_indexes, move.to.size());
    }
  }
  YearEditor editor(move.to, moved);
  std::vector<int> slots(before.columns.size());  // what was extracted has slots already
  std::iota(slots.begin(), slots.end(), 0);
  for (const int number : again) editor.Replace(Extract(before, move.from, number), slots);
  return std::move(editor).Finish();
}

}  // namespace jiedui::gateway
