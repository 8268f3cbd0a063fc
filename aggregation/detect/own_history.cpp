// Changes of each site between two rounds, compared with the others' changes.
#include "aggregation/detect/own_history.hpp"

#include <algorithm>
#include <cmath>

#include "aggregation/detect/deviation.hpp"
#include "aggregation/rules/real_math.hpp"
#include "aggregation/rules/row_figures.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::detect {
namespace {

constexpr double kLogTwo = 0.6931471805599453;

double log_deviation(const std::vector<double>& logs, std::size_t index) {
    std::vector<double> others = without(logs, index);
    const double middle = middle_of(others);
    for (double& value : others) {
        value = std::fabs(value - middle);
    }
    return (logs[index] - middle) / std::max(kMadToSigma * middle_of(others), kLogTwo);
}

}  // namespace

std::vector<std::optional<OwnChange>> own_changes(const Geometry& geometry, const OwnRows& rows) {
    FS_CHECK(rows.now.size() == rows.before.size());
    std::vector<std::optional<OwnChange>> result(rows.now.size());
    std::vector<std::size_t> sites;
    std::vector<double> changes;
    std::vector<double> steadiness;
    std::vector<double> logs;
    for (std::size_t i = 0; i < rows.now.size(); ++i) {
        if (rows.before[i] == kNoRow) {
            continue;
        }
        const std::size_t a = rows.now[i];
        const std::size_t b = rows.before[i];
        const double change = std::sqrt(geometry.square(a, b));
        const double shorter = std::min(geometry.norm(a), geometry.norm(b));
        const bool still = change * kDeviationMax <= shorter;
        sites.push_back(i);
        changes.push_back(change);
        steadiness.push_back(still ? kDeviationMax : shorter / change);
        logs.push_back(natural_log(std::max(steadiness.back(), 1.0 / kDeviationMax)));
    }
    if (sites.size() < kOthersToCompare + 1) {
        return result;
    }
    for (std::size_t k = 0; k < sites.size(); ++k) {
        const std::size_t i = sites[k];
        result[i] = OwnChange{.cosine = geometry.cosine(rows.now[i], rows.before[i]),
                              .steadiness = steadiness[k],
                              .resend = log_deviation(logs, k),
                              .jump = deviation_from_others(changes, k)};
    }
    return result;
}

}  // namespace fedstake::aggregation::detect
