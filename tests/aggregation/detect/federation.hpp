// Small federations that train, for measuring detection: sites whose data differ, and attackers.
//
// Everything is seeded and uses + - * / sqrt only, so the figures in docs/detection.md come out the
// same everywhere.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "aggregation/geometry.hpp"
#include "client/data/dataset.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation::detect::testing {

using Row = std::vector<double>;

// About normal: the sum of twelve uniform values, less six.
double about_normal(Rng& rng);
Row random_row(Rng& rng, std::size_t coordinates);
Row scaled(const Row& row, double factor);
Row sum_of(const Row& a, const Row& b);
double norm_of(const Row& row);
// Coordinate median.
Row centre_of(const std::vector<Row>& rows);
// All rows, the zero anchor, and the coordinate median of the first `centred` rows.
Geometry geometry_of(const std::vector<Row>& rows, std::size_t centred);
Geometry geometry_of(const std::vector<Row>& rows);

// Where updates come from. Sites 0 .. honest() - 1 are honest, later ones are what an attacker
// could train honestly.
class World {
public:
    virtual ~World() = default;
    [[nodiscard]] virtual std::size_t honest() const = 0;
    [[nodiscard]] virtual std::size_t coordinates() const = 0;
    [[nodiscard]] virtual Row train(std::size_t site, const Row& model, Rng& rng) const = 0;
    // Trained towards something else, of ordinary size.
    [[nodiscard]] virtual Row poisoned(const Row& model, Rng& rng) const = 0;
};

// Quadratic losses. A site's optimum is a common one plus a Dirichlet(1/2) mixture of five kinds
// plus the sampling error of its rows (50 to 500); updates are ten gradient steps with batch noise.
// The last honest site has 46 rows of a sixth kind only.
std::unique_ptr<World> mixed_sites(std::size_t honest, std::size_t extra, std::size_t coordinates,
                                   std::uint64_t seed);

// Logistic regression over the four UCI hospitals, Switzerland last: 50 steps of 16 rows. Extra
// sites hold a bootstrap of one of them. Nothing where the data are missing.
std::unique_ptr<World> heart_sites(const std::filesystem::path& folder, std::size_t extra,
                                   std::uint64_t seed);

enum class Attack {
    kNone,
    kSignFlip,
    kScaling,
    kGaussian,
    kAlie,
    kIpmSmall,
    kIpmLarge,
    kMimic,
    kLazy,
    kOnOff,
    kSybilCopies,
    kSybilNoisy,
    kSybilSplit,
    kSybilOpposite,
    kSybilTurns,
};
inline constexpr std::size_t kAttacks = 15;
std::string_view attack_name(Attack attack);
bool is_coalition(Attack attack);

// Updates of one round: the honest sites first, then the hostile ones, nothing where one is silent.
class Federation {
public:
    Federation(const World& world, Attack attack, std::size_t hostile, std::uint64_t seed);

    std::vector<std::optional<Row>> next_round();
    // Moves the model.
    void apply(const Row& aggregate);

private:
    std::vector<std::optional<Row>> hostile_rows(const std::vector<Row>& honest);
    Row collective(std::size_t k, const Row& poisoned, const Row& noise);

    const World* world_;
    Attack attack_;
    std::size_t hostile_;
    std::size_t round_ = 0;
    Rng rng_;
    Row model_;
    std::vector<Row> last_;  // of the hostile sites
};

}  // namespace fedstake::aggregation::detect::testing
