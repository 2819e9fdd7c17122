// A column of the cube: one number per place, in chunks that versions of the column share.

#ifndef JIEDUI_SERVICES_GATEWAY_COLUMN_H_
#define JIEDUI_SERVICES_GATEWAY_COLUMN_H_

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace jiedui::gateway {

// Immutable. A chunk of zeros takes no space.
class Column {
 public:
  static constexpr int kChunkSize = 1024;
  using Chunk = std::array<int64_t, kChunkSize>;

  static int ChunkCount(int size) { return (size + kChunkSize - 1) / kChunkSize; }

  explicit Column(int size) : chunks_(ChunkCount(size)) {}

  int64_t operator[](int index) const {
    const Chunk* chunk = chunks_[index / kChunkSize].get();
    return chunk == nullptr ? 0 : (*chunk)[index % kChunkSize];
  }
  // The values from place `chunk` * kChunkSize on; those after the last place are 0.
  const int64_t* Values(int chunk) const { return (chunks_[chunk] == nullptr ? kZeros : *chunks_[chunk]).data(); }
  // Null for zeros. Equal pointers mean equal values, for as long as one of them is held.
  const std::shared_ptr<const Chunk>& SharedChunk(int chunk) const { return chunks_[chunk]; }
  bool IsZero(int chunk) const { return chunks_[chunk] == nullptr; }

 private:
  friend class ColumnEditor;
  static const Chunk kZeros;

  std::vector<std::shared_ptr<const Chunk>> chunks_;
};

inline constexpr Column::Chunk Column::kZeros = {};

// Makes the next version of a column; chunks without a change stay shared.
class ColumnEditor {
 public:
  explicit ColumnEditor(std::shared_ptr<const Column> base) : base_(std::move(base)) {}

  int64_t Get(int index) const { return edited_ == nullptr ? (*base_)[index] : (*edited_)[index]; }
  void Set(int index, int64_t value) {
    if (Get(index) == value) return;
    if (edited_ == nullptr) {
      edited_ = std::make_shared<Column>(*base_);
      own_.resize(edited_->chunks_.size(), nullptr);
    }
    const int number = index / Column::kChunkSize;
    if (own_[number] == nullptr) {
      const auto& shared = edited_->chunks_[number];
      auto copy = shared == nullptr ? std::make_shared<Column::Chunk>() : std::make_shared<Column::Chunk>(*shared);
      own_[number] = copy.get();
      edited_->chunks_[number] = std::move(copy);
    }
    (*own_[number])[index % Column::kChunkSize] = value;
  }
  // The base itself when nothing changed.
  std::shared_ptr<const Column> Finish() && {
    if (edited_ == nullptr) return std::move(base_);
    return std::move(edited_);
  }

 private:
  std::shared_ptr<const Column> base_;
  std::shared_ptr<Column> edited_;
  std::vector<Column::Chunk*> own_;  // the chunks that this editor made
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_COLUMN_H_
