// The money by level, district and use, what is paid out too late, and what auditors found and is not put right.

#ifndef JIEDUI_SERVICES_INDUSTRY_FUND_REPORT_H_
#define JIEDUI_SERVICES_INDUSTRY_FUND_REPORT_H_

#include "common/store/engine.h"

namespace jiedui::industry {

// The handler of FundService.GetFundReport: all of it from one snapshot.
store::ReadHandler FundReportHandler(const store::Engine& engine);

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_FUND_REPORT_H_
