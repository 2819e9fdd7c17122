#include "services/gateway/places.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "common/measure/measure_set.h"

namespace jiedui::gateway {
namespace {

using village::v1::DirectoryEntry;

// Entries by position, with the positions of their children in order. The last list is that of the roots.
std::vector<std::vector<int>> ChildrenOf(const std::vector<const DirectoryEntry*>& entries) {
  absl::flat_hash_map<absl::string_view, int> positions;
  positions.reserve(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) positions.emplace(entries[i]->name(), static_cast<int>(i));
  std::vector<int> order(entries.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&entries](int a, int b) {
    return std::tie(entries[a]->code(), entries[a]->name()) < std::tie(entries[b]->code(), entries[b]->name());
  });
  std::vector<std::vector<int>> children(entries.size() + 1);
  for (const int position : order) {
    const auto parent = positions.find(entries[position]->parent());
    children[parent == positions.end() ? entries.size() : parent->second].push_back(position);
  }
  return children;
}

}  // namespace

std::shared_ptr<const Places> Places::Build(const std::vector<const DirectoryEntry*>& entries) {
  auto built = std::make_shared<Places>();
  if (entries.empty()) return built;
  const std::vector<std::vector<int>> children = ChildrenOf(entries);
  std::vector<Place>& places = built->places_;
  places.reserve(entries.size());
  built->by_shard_.assign(measure::kShardCount, {});
  struct Step {
    const std::vector<int>* siblings;
    size_t next;
    int parent;
  };
  std::vector<Step> stack = {{&children.back(), 0, -1}};
  while (!stack.empty()) {
    Step& step = stack.back();
    if (step.next == step.siblings->size()) {
      if (step.parent >= 0) places[step.parent].end = static_cast<int>(places.size());
      stack.pop_back();
      continue;
    }
    const int position = (*step.siblings)[step.next++];
    const DirectoryEntry& entry = *entries[position];
    const int index = static_cast<int>(places.size());
    const int shard = measure::ShardOf(entry.name());
    std::vector<int>& in_shard = built->by_shard_[shard];
    places.push_back({entry.name(), entry.code(), entry.display_name(), entry.level(), step.parent, index + 1, shard,
                      static_cast<int>(in_shard.size())});
    in_shard.push_back(index);
    stack.push_back({&children[position], 0, index});
  }
  built->by_name_.reserve(places.size());
  for (size_t i = 0; i < places.size(); ++i) built->by_name_.emplace(places[i].name, static_cast<int>(i));
  return built;
}

std::shared_ptr<const Places> Places::BuildAsOf(const std::vector<const DirectoryEntry*>& entries, absl::string_view day) {
  std::vector<const DirectoryEntry*> then = entries;
  std::vector<std::unique_ptr<DirectoryEntry>> changed;
  for (const DirectoryEntry*& entry : then) {
    for (const village::v1::PastEntry& past : entry->past()) {
      if (past.until_date() <= day) continue;
      auto former = std::make_unique<DirectoryEntry>(*entry);
      former->set_code(past.code());
      former->set_display_name(past.display_name());
      former->set_parent(past.parent());
      entry = former.get();
      changed.push_back(std::move(former));
      break;
    }
  }
  return changed.empty() ? nullptr : Build(then);
}

int Places::Find(absl::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? -1 : found->second;
}

}  // namespace jiedui::gateway
