// Writes and syncs of SQLite's write-ahead log that fail on command, as those of a failing disk do.

#ifndef JIEDUI_TESTS_SUPPORT_FAILING_LOG_H_
#define JIEDUI_TESTS_SUPPORT_FAILING_LOG_H_

namespace jiedui::testing {

// For databases that are opened after the first call of a function of this class, in the whole process.
class FailingLog {
 public:
  // Of all writes and syncs from now on, the `nth` (from 1) fails, and no other. A write that fails has written one half.
  static void FailNth(int nth);
  // Whether it has come to that.
  static bool HasFailed();
};

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_SUPPORT_FAILING_LOG_H_
