#include "tests/aggregation/reference/mean_shift.hpp"

#include <algorithm>
#include <cmath>

namespace fedstake::aggregation::slow {
namespace {

constexpr int kStepsMax = 300;
constexpr Real kSlack = 1.0L + 1e-9L;  // a point at the bandwidth itself is within it
constexpr Real kNear = 1e-11L;

struct Resting {
    Feature place{};
    std::size_t points = 0;
};

class MeanShift {
public:
    explicit MeanShift(const std::vector<Feature>& points) : points_(points) {
        const std::size_t nearest = std::max<std::size_t>(2, points.size() / 2);
        for (const Feature& point : points) {
            std::vector<Real> distances;
            for (const Feature& other : points) {
                distances.push_back(distance(point, other));
            }
            std::sort(distances.begin(), distances.end());
            bandwidth_ += points.size() < 2 ? 0.0L : distances[nearest - 1];
        }
        bandwidth_ /= static_cast<Real>(points.size());
    }

    std::vector<std::size_t> largest() {
        std::vector<Resting> resting;
        for (const Feature& point : points_) {
            resting.push_back(climb(point));
        }
        resting = separated(std::move(resting));
        std::vector<std::vector<std::size_t>> clusters(resting.size());
        for (std::size_t i = 0; i < points_.size(); ++i) {
            std::size_t best = 0;
            for (std::size_t k = 1; k < resting.size(); ++k) {
                const Real here = distance(points_[i], resting[k].place);
                const Real there = distance(points_[i], resting[best].place);
                doubtful = doubtful || std::fabs(here - there) <= kNear;
                best = here < there ? k : best;
            }
            if (within(points_[i], resting[best].place)) {
                clusters[best].push_back(i);
            }
        }
        std::size_t largest = 0;
        for (std::size_t k = 1; k < clusters.size(); ++k) {
            largest = clusters[k].size() > clusters[largest].size() ? k : largest;
        }
        for (std::size_t k = 0; k < clusters.size(); ++k) {
            tied = tied || (k != largest && clusters[k].size() == clusters[largest].size());
        }
        return clusters[largest];
    }

    bool doubtful = false;
    bool tied = false;

private:
    static Real distance(const Feature& a, const Feature& b) {
        Real sum = 0.0L;
        for (std::size_t k = 0; k < a.size(); ++k) {
            sum += (a[k] - b[k]) * (a[k] - b[k]);
        }
        return std::sqrt(sum);
    }

    bool within(const Feature& a, const Feature& b) {
        const Real apart = distance(a, b);
        const Real reach = bandwidth_ * std::sqrt(kSlack);
        doubtful = doubtful || (bandwidth_ > 0.0L && std::fabs(apart - reach) <= kNear);
        return apart <= reach;
    }

    Resting climb(const Feature& start) {
        Resting resting{.place = start};
        for (int step = 0; step < kStepsMax; ++step) {
            Feature sum{};
            std::size_t count = 0;
            for (const Feature& point : points_) {
                if (within(point, resting.place)) {
                    for (std::size_t k = 0; k < sum.size(); ++k) {
                        sum[k] += point[k];
                    }
                    ++count;
                }
            }
            if (bandwidth_ == 0.0L) {
                resting.points = count;
                break;
            }
            resting.points = count;
            if (count == 0) {
                break;
            }
            for (Real& value : sum) {
                value /= static_cast<Real>(count);
            }
            const Real moved = distance(sum, resting.place);
            resting.place = sum;
            doubtful = doubtful || std::fabs(moved - 1e-3L * bandwidth_) <= kNear * bandwidth_;
            if (moved <= 1e-3L * bandwidth_) {
                break;
            }
        }
        return resting;
    }

    // The denser first, without those within a bandwidth of a denser one.
    std::vector<Resting> separated(std::vector<Resting> all) {
        std::stable_sort(all.begin(), all.end(),
                         [](const Resting& a, const Resting& b) { return a.points > b.points; });
        std::vector<Resting> kept;
        for (const Resting& one : all) {
            bool alone = true;
            for (const Resting& other : kept) {
                const bool near = within(one.place, other.place);
                alone = !near && alone;
                tied = tied || (near && one.points == other.points &&
                                distance(one.place, other.place) > kNear);
            }
            if (alone) {
                kept.push_back(one);
            }
        }
        return kept;
    }

    const std::vector<Feature>& points_;
    Real bandwidth_ = 0.0L;
};

}  // namespace

std::vector<std::size_t> largest_cluster(const std::vector<Feature>& points, bool& doubtful,
                                         bool& tied) {
    MeanShift shift(points);
    std::vector<std::size_t> rows = shift.largest();
    doubtful = shift.doubtful;
    tied = shift.tied;
    return rows;
}

}  // namespace fedstake::aggregation::slow
