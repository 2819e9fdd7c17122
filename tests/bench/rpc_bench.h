// What the pipeline and a Get cost, beside a bare callback echo of equal bytes.

#ifndef JIEDUI_TESTS_BENCH_RPC_BENCH_H_
#define JIEDUI_TESTS_BENCH_RPC_BENCH_H_

namespace jiedui::bench {

void RunRpcBench();

}  // namespace jiedui::bench

#endif  // JIEDUI_TESTS_BENCH_RPC_BENCH_H_
