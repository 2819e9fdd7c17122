// The directory in the order of the cube: every division is followed by what lies in it, so that it is a contiguous range.

#ifndef JIEDUI_SERVICES_GATEWAY_PLACES_H_
#define JIEDUI_SERVICES_GATEWAY_PLACES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "jiedui/village/v1/directory.pb.h"

namespace jiedui::gateway {

// A division or village; its place in the order is its index.
struct Place {
  std::string name;  // "villages/120119101201"
  std::string code;
  std::string display_name;
  village::v1::DivisionLevel level = village::v1::DIVISION_LEVEL_UNSPECIFIED;  // unspecified for a village
  int parent = -1;            // index of the division above, -1 for none
  int end = 0;                // one past the last place within it; its own range starts with itself
  int shard = 0;              // see measure::ShardOf
  int position_in_shard = 0;  // index in InShard(shard)
};

// Immutable.
class Places {
 public:
  Places() : by_shard_(1) {}
  // Siblings are ordered by code. An entry whose parent is not among the entries starts a tree of its own.
  static std::shared_ptr<const Places> Build(const std::vector<const village::v1::DirectoryEntry*>& entries);

  // The same as it was on a day (YYYY-MM-DD). Null when nothing has changed since.
  static std::shared_ptr<const Places> BuildAsOf(const std::vector<const village::v1::DirectoryEntry*>& entries,
                                                 absl::string_view day);

  int size() const { return static_cast<int>(places_.size()); }
  const Place& operator[](int index) const { return places_[index]; }
  // Index of a resource name, -1 when the directory does not have it.
  int Find(absl::string_view name) const;
  // The places of a shard, ascending.
  const std::vector<int>& InShard(int shard) const { return by_shard_[by_shard_.size() == 1 ? 0 : shard]; }

 private:
  std::vector<Place> places_;
  std::vector<std::vector<int>> by_shard_;               // one empty list when there are no places
  absl::flat_hash_map<absl::string_view, int> by_name_;  // the names are in places_
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_PLACES_H_
