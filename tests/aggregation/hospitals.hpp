// Hospitals whose updates agree in part, round after round.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "proto/base/rng.hpp"

namespace fedstake::aggregation::testing {

// Sites that agree in part, anew in each round; a hostile one may be added behind.
class Hospitals {
public:
    Hospitals(std::size_t sites, std::size_t coordinates, std::uint64_t seed = 1)
        : coordinates_(coordinates), rng_(seed), own_(sites) {
        common_ = direction();
        for (auto& own : own_) {
            own = direction();
        }
    }

    std::vector<double> update(std::size_t site) {
        const std::vector<double> noise = direction();
        std::vector<double> row(coordinates_);
        for (std::size_t j = 0; j < coordinates_; ++j) {
            row[j] = common_[j] + own_[site][j] + 0.3 * noise[j];
        }
        return row;
    }

    // Updates of identities of one owner: one update, with fresh noise for each.
    std::vector<std::vector<double>> updates_of_one_owner(std::size_t site,
                                                          std::size_t identities) {
        std::vector<std::vector<double>> rows(identities, update(site));
        for (std::vector<double>& row : rows) {
            const std::vector<double> noise = direction();
            for (std::size_t j = 0; j < row.size(); ++j) {
                row[j] += 0.05 * noise[j];
            }
        }
        return rows;
    }

    std::vector<double> direction() {
        std::vector<double> row(coordinates_);
        for (double& value : row) {
            value = rng_.normal() / std::sqrt(static_cast<double>(coordinates_));
        }
        return row;
    }

private:
    std::size_t coordinates_;
    Rng rng_;
    std::vector<double> common_;
    std::vector<std::vector<double>> own_;
};

}  // namespace fedstake::aggregation::testing
