// What a report costs: in the cube of the nation, and as a call to a running gateway.

#ifndef JIEDUI_TESTS_BENCH_GATEWAY_BENCH_H_
#define JIEDUI_TESTS_BENCH_GATEWAY_BENCH_H_

namespace jiedui::bench {

// All targets over 600,000 villages.
void RunCubeBench();

// GetScorecard of the gateway at JIEDUI_BENCH_GATEWAY, whose services hold the sample.
void RunScorecardBench();

}  // namespace jiedui::bench

#endif  // JIEDUI_TESTS_BENCH_GATEWAY_BENCH_H_
