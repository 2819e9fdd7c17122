// A CSV import through the engine, beside `sqlite3 .import` of the same rows into the same table.

#ifndef JIEDUI_TESTS_BENCH_IMPORT_BENCH_H_
#define JIEDUI_TESTS_BENCH_IMPORT_BENCH_H_

namespace jiedui::bench {

void RunImportBench();

}  // namespace jiedui::bench

#endif  // JIEDUI_TESTS_BENCH_IMPORT_BENCH_H_
