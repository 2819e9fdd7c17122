#include "services/cli/sample/change_sample.h"

#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "jiedui/village/v1/division.pb.h"
#include "jiedui/village/v1/division_change.pb.h"

namespace jiedui::cli {
namespace {

namespace v1 = village::v1;

// What happens to a village, in districts that are large enough.
struct Event {
  const char* district;
  int township;
  int village;  // its index
  v1::DivisionChangeKind kind;
  const char* date;
};
// The programme of 2018 keeps its villages: those that end do so in the year after, one on its first day.
constexpr Event kEvents[] = {{"120114", 2, 7, v1::DIVISION_CHANGE_KIND_MERGED, "2019-01-01"},
                             {"120115", 2, 7, v1::DIVISION_CHANGE_KIND_SPLIT, "2019-03-31"},
                             {"120118", 2, 7, v1::DIVISION_CHANGE_KIND_ABOLISHED, "2019-06-30"},
                             {"120119", 2, 4, v1::DIVISION_CHANGE_KIND_RECODED, "2018-05-01"},
                             {"120117", 2, 3, v1::DIVISION_CHANGE_KIND_MOVED, "2018-03-01"},
                             {"120114", 3, 2, v1::DIVISION_CHANGE_KIND_MOVED, "2017-12-31"}};
// A stream of random numbers apart from those of the villages' records.
constexpr uint64_t kStream = 12'000'000'000'000;
constexpr int kFewestVillages = 9;
constexpr char kFormerTownship[] = "999";
constexpr char kFormerUntil[] = "2018-03-01";

bool Ends(v1::DivisionChangeKind kind) {
  return kind == v1::DIVISION_CHANGE_KIND_MERGED || kind == v1::DIVISION_CHANGE_KIND_SPLIT ||
         kind == v1::DIVISION_CHANGE_KIND_ABOLISHED;
}

bool Concerns(const Event& event, const TownshipPlace& township) {
  return township.code.substr(0, 6) == event.district && township.number == event.township &&
         township.villages >= kFewestVillages;
}

std::string VillageName(const TownshipPlace& township, int index) {
  return absl::StrFormat("villages/%s%03d", township.code, index + 1);
}

v1::DivisionChange NewChange(const std::string& id, const std::string& subject, v1::DivisionChangeKind kind,
                             const std::string& date) {
  v1::DivisionChange change;
  change.set_name("divisionChanges/" + id);
  change.set_subject(subject);
  change.set_kind(kind);
  change.set_effective_date(date);
  change.set_document_number(absl::StrCat("样例民函〔", date.substr(0, 4), "〕1号"));
  return change;
}

void WriteEvent(const Event& event, const TownshipPlace& township, SampleFiles& files) {
  const std::string village = VillageName(township, event.village);
  const std::string code = village.substr(village.find('/') + 1);
  v1::DivisionChange change = NewChange("v-" + code, village, event.kind, event.date);
  change.set_code_before(code);
  change.set_parent_before("divisions/" + township.code);
  switch (event.kind) {
    case v1::DIVISION_CHANGE_KIND_MERGED:
      change.add_successors()->set_place(VillageName(township, event.village - 1));
      break;
    case v1::DIVISION_CHANGE_KIND_SPLIT:
      for (const int next : {1, 2}) change.add_successors()->set_place(VillageName(township, event.village - next));
      break;
    case v1::DIVISION_CHANGE_KIND_RECODED:
      change.set_code(code);
      change.set_code_before(township.code + "599");
      break;
    case v1::DIVISION_CHANGE_KIND_MOVED:
      change.set_parent("divisions/" + township.code);
      // The first township of the district.
      change.set_parent_before(absl::StrCat("divisions/", township.code.substr(0, 6), "600"));
      break;
    default:
      break;
  }
  AddRecord(files, change);
}

// The township had another name until March 2018, when the one that was next to it was merged into it.
void WriteMerger(const TownshipPlace& township, SampleFiles& files) {
  const std::string district = "divisions/" + township.code.substr(0, 6);
  v1::DivisionChange renamed =
      NewChange("r-" + township.code, "divisions/" + township.code, v1::DIVISION_CHANGE_KIND_RENAMED, kFormerUntil);
  renamed.set_display_name(township.display_name);
  renamed.set_code_before(township.code);
  renamed.set_display_name_before(township.display_name + "（旧）");
  renamed.set_parent_before(district);
  AddRecord(files, renamed);
  v1::Division former;
  former.set_code(township.code.substr(0, 6) + kFormerTownship);
  former.set_name("divisions/" + former.code());
  former.set_display_name("样例原镇");
  former.set_level(v1::DIVISION_LEVEL_TOWNSHIP);
  former.set_parent(district);
  former.set_valid_to(kFormerUntil);
  AddRecord(files, former);
  v1::DivisionChange merged =
      NewChange("m-" + former.code(), former.name(), v1::DIVISION_CHANGE_KIND_MERGED, kFormerUntil);
  merged.add_successors()->set_place("divisions/" + township.code);
  merged.set_code_before(former.code());
  merged.set_parent_before(district);
  AddRecord(files, merged);
}

}  // namespace

std::string VillageEnd(const TownshipPlace& township, int index, uint64_t seed) {
  // Who takes over stays.
  bool changes = false;
  for (const Event& event : kEvents) {
    if (!Concerns(event, township)) continue;
    changes = true;
    if (event.village == index && Ends(event.kind)) return event.date;
  }
  if (changes) return "";
  // The programme goes on for three years; few leave it before.
  Random random(seed, kStream + std::stoull(township.code) * 1000 + static_cast<uint64_t>(index));
  return random.Chance(1) ? random.Date(2019, 2020) : "";
}

void WriteChanges(const TownshipPlace& township, SampleFiles& files) {
  if (township.number == 1) WriteMerger(township, files);
  for (const Event& event : kEvents) {
    if (Concerns(event, township)) WriteEvent(event, township, files);
  }
}

}  // namespace jiedui::cli
