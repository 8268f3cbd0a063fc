// What `fedstake-sim aggregate` says: one JSON object, or a table for people.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "aggregation/detect/signal.hpp"
#include "aggregation/pipeline.hpp"
#include "proto/base/result.hpp"
#include "sim/app/vector_file.hpp"

namespace fedstake::sim {

struct RowReport {
    // Share of the row in the aggregate. Of rules by columns, which have no shares: 1 where a value
    // may have come from it, else 0.
    double weight = 0.0;
    std::uint64_t score = 0;  // 0 to limits::kScoreMax
    double norm = 0.0;        // in units of the input
    double distance = 0.0;    // to the coordinate median of the rows, in units of the input
    aggregation::detect::SiteFigures signals{};
    std::uint32_t fired = 0;  // a bit for each signal
};

struct AggregateReport {
    std::string rule;
    std::vector<std::string> pre;
    std::uint32_t f = 0;
    FixedPointVector aggregate;
    aggregation::detect::Limits limits{};
    std::vector<RowReport> rows;
};

// The shortest decimal text that reads back as the same double.
[[nodiscard]] std::string shortest(double value);

// One line, written as it is made: the aggregate may be larger than memory. RETURNS kUnavailable
// when `out` takes no more.
[[nodiscard]] Status print_json(const AggregateReport& report, std::FILE* out);

// The figures of each row and the first values of the aggregate. colour: for a terminal.
[[nodiscard]] Result<std::string> render_table(const AggregateReport& report, bool colour);

}  // namespace fedstake::sim
