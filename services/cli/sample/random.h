// Numbers that are the same on every machine, which the standard's distributions are not.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_RANDOM_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_RANDOM_H_

#include <cstdint>
#include <cstdio>
#include <string>

namespace jiedui::cli {

// SplitMix64. Each village has a generator of its own, so that one more draw for one village changes nothing elsewhere.
class Random {
 public:
  Random(uint64_t seed, uint64_t stream) : state_(seed * 0x9e3779b97f4a7c15 ^ (stream + 1) * 0xd1342543de82ef95) {
    Next();
  }

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // From `low` to `high`, both included.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Next() % static_cast<uint64_t>(high - low + 1));
  }
  bool Chance(int percent) { return Between(1, 100) <= percent; }
  // A day of the years.
  std::string Date(int first_year, int last_year) {
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    char text[11];
    const int year = static_cast<int>(Between(first_year, last_year));
    const int month = static_cast<int>(Between(1, 12));
    const bool leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    const int day = static_cast<int>(Between(1, kDays[month - 1] + (leap ? 1 : 0)));
    snprintf(text, sizeof(text), "%04u-%02u-%02u", year % 10000U, month % 100U, day % 100U);
    return text;
  }
  template <typename Array>
  auto Pick(const Array& array) -> decltype(array[0]) {
    return array[Next() % std::size(array)];
  }

 private:
  uint64_t state_;
};

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_RANDOM_H_
