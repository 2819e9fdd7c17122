// What a durable write costs, and what the engine adds to it.

#ifndef JIEDUI_TESTS_BENCH_WRITE_BENCH_H_
#define JIEDUI_TESTS_BENCH_WRITE_BENCH_H_

namespace jiedui::bench {

void RunWriteBench();

}  // namespace jiedui::bench

#endif  // JIEDUI_TESTS_BENCH_WRITE_BENCH_H_
