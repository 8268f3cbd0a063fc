// The four UCI hospitals as sites that train logistic regression, honestly or not.
//
// As in configs/rules/heart.toml: 13 shared weights, an intercept that stays at each site, 100
// steps of 16 rows at rate 0.01 a round. Updates become int32 steps of 2^-24. Seeded, with
// + - * / sqrt only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "client/data/dataset.hpp"
#include "proto/base/result.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation::contribution::heart {

inline constexpr double kUnit = 0x1p-24;
using Row = std::vector<double>;
using Steps = std::vector<std::int32_t>;

struct Hospital {
    std::string name;
    data::Dataset train;
    data::Dataset test;  // held out
};

// Cleveland, Hungary, Long Beach, Switzerland, split by this seed. RETURNS the errors of
// load_csv(): kNotFound where the files are missing.
[[nodiscard]] Result<std::vector<Hospital>> load_hospitals(const std::filesystem::path& folder,
                                                           std::uint64_t seed);

enum class Scenario : std::uint8_t {
    kHonest,
    kPoisoner,   // a fifth site sends -4 times the update of a bootstrap of one hospital
    kFreeRider,  // a fifth site sends noise of the honest updates' median length
    kCopyCat,    // a fifth site sends Cleveland's update with 1 % noise
    kSplit,      // Cleveland is two sites with half of its rows each
    kTwice,      // Cleveland is two sites that send its one update, each with 1 % noise
};
inline constexpr std::size_t kScenarios = 6;
[[nodiscard]] std::string_view scenario_name(Scenario scenario);

// Mean log loss on these rows.
[[nodiscard]] double log_loss(const data::Dataset& data, const Row& model, double intercept);

// Those that train for the federation, hospitals first, and one that does not.
class Sites {
public:
    Sites(const std::vector<Hospital>& hospitals, Scenario scenario, std::uint64_t seed);

    // Of all that send.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    [[nodiscard]] double intercept(std::size_t hospital) const noexcept {
        return sites_[hospital].intercept;
    }
    // One round of training from this model.
    [[nodiscard]] std::vector<Steps> updates(const Row& model);

private:
    struct Site {
        data::Dataset rows;
        double intercept = 0.0;
    };

    Row train(Site& site, const Row& model);
    void split_first();

    Scenario scenario_;
    Rng rng_;
    std::vector<std::string> names_;
    std::vector<Site> sites_;
    Site poisoner_;
};

}  // namespace fedstake::aggregation::contribution::heart
