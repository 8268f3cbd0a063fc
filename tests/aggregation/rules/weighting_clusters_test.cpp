// Hierarchical clusters and mean shift against slow versions and closed forms.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "aggregation/rules/clusters.hpp"
#include "aggregation/rules/mean_shift.hpp"
#include "aggregation/rules/row_figures.hpp"
#include "tests/aggregation/rules/weighting_support.hpp"

namespace fedstake::aggregation {
namespace {

using Rows = std::vector<std::size_t>;

// Distances that are small integers, so that sums and means are exact; many ties if `most` is low.
PairMatrix random_pairs(Rng& rng, std::size_t n, std::uint64_t most) {
    PairMatrix pairs(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
            pairs.set(i, j, static_cast<double>(1 + rng.below(most)));
        }
    }
    return pairs;
}

// Everything that can be reached from `start` by steps of at most `step`.
Rows reached(const PairMatrix& pairs, std::size_t start, double step) {
    std::set<std::size_t> inside{start};
    for (bool grown = true; grown;) {
        grown = false;
        for (std::size_t j = 0; j < pairs.size(); ++j) {
            const bool near = std::any_of(inside.begin(), inside.end(),
                                          [&](std::size_t i) { return pairs.at(i, j) <= step; });
            grown = (near && inside.insert(j).second) || grown;
        }
    }
    return {inside.begin(), inside.end()};
}

Rows slow_component(const PairMatrix& pairs, std::size_t members) {
    std::set<double> steps{0.0};
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        for (std::size_t j = 0; j < pairs.size(); ++j) {
            steps.insert(pairs.at(i, j));
        }
    }
    for (const double step : steps) {
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            const Rows rows = reached(pairs, i, step);
            if (rows.size() >= members) {
                return rows;
            }
        }
    }
    return {};
}

// Merges from scratch: the mean over all pairs of members, computed anew for every pair.
Rows slow_average_linkage(const PairMatrix& pairs) {
    std::vector<Rows> clusters;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        clusters.push_back({i});
    }
    const auto mean = [&](const Rows& a, const Rows& b) {
        double sum = 0.0;
        for (const std::size_t i : a) {
            for (const std::size_t j : b) {
                sum += pairs.at(i, j);
            }
        }
        return sum / static_cast<double>(a.size() * b.size());
    };
    while (clusters.size() > 2) {
        std::pair<std::size_t, std::size_t> best{0, 1};
        for (std::size_t a = 0; a < clusters.size(); ++a) {
            for (std::size_t b = a + 1; b < clusters.size(); ++b) {
                if (mean(clusters[a], clusters[b]) <
                    mean(clusters[best.first], clusters[best.second])) {
                    best = {a, b};
                }
            }
        }
        Rows& kept = clusters[best.first];
        kept.insert(kept.end(), clusters[best.second].begin(), clusters[best.second].end());
        clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(best.second));
    }
    Rows larger = clusters[1].size() > clusters[0].size() ? clusters[1] : clusters[0];
    std::sort(larger.begin(), larger.end());
    return larger;
}

TEST(SingleLinkage, IsTheFirstComponentThatIsLargeEnough) {
    Rng rng(4);
    for (int trial = 0; trial < 150; ++trial) {
        const std::size_t n = 1 + rng.below(10);
        const PairMatrix pairs = random_pairs(rng, n, trial % 2 == 0 ? 5 : 1000);
        EXPECT_EQ(first_single_linkage_component(pairs, n / 2 + 1),
                  slow_component(pairs, n / 2 + 1));
    }
}

TEST(SingleLinkage, JoinsAllPairsOfOneDistanceTogether) {
    // 0-1-2 and 2-3 at the same distance: no reason to leave row 3 out.
    PairMatrix pairs(4);
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = i + 1; j < 4; ++j) {
            pairs.set(i, j, j == i + 1 ? 1.0 : 2.0);
        }
    }
    EXPECT_EQ(first_single_linkage_component(pairs, 3), (Rows{0, 1, 2, 3}));
}

TEST(SingleLinkage, OfOneRowIsThatRow) {
    EXPECT_EQ(first_single_linkage_component(PairMatrix(1), 1), (Rows{0}));
}

TEST(AverageLinkage, IsWhatMergingFromScratchGives) {
    Rng rng(5);
    for (int trial = 0; trial < 150; ++trial) {
        const std::size_t n = 2 + rng.below(11);
        const PairMatrix pairs = random_pairs(rng, n, trial % 2 == 0 ? 4 : 1000);
        EXPECT_EQ(larger_average_linkage_cluster(pairs), slow_average_linkage(pairs));
    }
}

TEST(AverageLinkage, OfTwoEqualClustersKeepsThatOfTheLowestRow) {
    PairMatrix pairs(4);
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = i + 1; j < 4; ++j) {
            pairs.set(i, j, i % 2 == j % 2 ? 0.1 : 1.0);
        }
    }
    EXPECT_EQ(larger_average_linkage_cluster(pairs), (Rows{0, 2}));
}

TEST(AverageLinkage, KeepsFewRowsWhole) {
    EXPECT_EQ(larger_average_linkage_cluster(PairMatrix(1)), (Rows{0}));
    EXPECT_EQ(larger_average_linkage_cluster(PairMatrix(2)), (Rows{0}));
}

TEST(CosineDistance, FollowsTheAngle) {
    const weighting::Matrix rows{{2, 0}, {5, 0}, {0, 3}, {-1, 0}, {0, 0}};
    const PairMatrix pairs = cosine_distances(weighting::geometry_of(rows), rows.size());
    EXPECT_EQ(pairs.at(0, 1), 0.0);
    EXPECT_EQ(pairs.at(0, 2), 1.0);
    EXPECT_EQ(pairs.at(0, 3), 2.0);
    EXPECT_EQ(pairs.at(0, 4), 1.0);
    EXPECT_EQ(pairs.at(4, 4), 0.0);
}

TEST(MeanShift, FindsTheLargerOfTwoGroups) {
    std::vector<Feature> points;
    Rng rng(6);
    for (std::size_t i = 0; i < 20; ++i) {
        const double at = i % 3 == 0 ? 0.9 : 0.1;
        points.push_back({at + 0.01 * rng.uniform(), 0.5 + 0.01 * rng.uniform(), 1.0 - at});
    }
    Rows wanted;
    for (std::size_t i = 0; i < 20; ++i) {
        if (i % 3 != 0) {
            wanted.push_back(i);
        }
    }
    const double bandwidth = mean_shift_bandwidth(points);
    EXPECT_EQ(largest_mean_shift_cluster(points, 0.2), wanted);
    EXPECT_GT(bandwidth, 0.0);
}

TEST(MeanShift, BandwidthIsTheMeanReachOfTheNearestHalf) {
    // Nearest half of four points: itself and its nearest neighbour.
    const std::vector<Feature> line{{0, 0, 0}, {1, 0, 0}, {3, 0, 0}, {7, 0, 0}};
    EXPECT_DOUBLE_EQ(mean_shift_bandwidth(line), (1.0 + 1.0 + 2.0 + 4.0) / 4.0);
    EXPECT_EQ(mean_shift_bandwidth({}), 0.0);
    EXPECT_EQ(mean_shift_bandwidth(std::vector<Feature>{{1, 2, 3}}), 0.0);
    // Of two points it is their distance, and they are one cluster.
    const std::vector<Feature> two{{0, 0, 0}, {0, 3, 4}};
    EXPECT_DOUBLE_EQ(mean_shift_bandwidth(two), 5.0);
    EXPECT_EQ(largest_mean_shift_cluster(two, 5.0), (Rows{0, 1}));
}

TEST(MeanShift, WithoutBandwidthGroupsEqualPoints) {
    const std::vector<Feature> points{
        {0.3, 0.1, 0}, {0.1, 0.2, 0}, {0.1, 0.2, 0}, {0.7, 0.1, 0}, {0.1, 0.2, 0}};
    EXPECT_EQ(largest_mean_shift_cluster(points, 0.0), (Rows{1, 2, 4}));
}

TEST(MeanShift, LeavesOutPointsFarFromEveryRestingPlace) {
    const std::vector<Feature> points{{0, 0, 0}, {0.1, 0, 0}, {0.2, 0, 0}, {9, 0, 0}};
    EXPECT_EQ(largest_mean_shift_cluster(points, 0.5), (Rows{0, 1, 2}));
}

TEST(MeanShift, OfTwoCloseRestingPlacesKeepsTheDenser) {
    // Resting places 0.225 (four points) and 1.2 (two points) are one bandwidth apart at most.
    const std::vector<Feature> points{{1.5, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0.9, 0, 0}};
    EXPECT_EQ(largest_mean_shift_cluster(points, 1.0), (Rows{1, 2, 3, 4}));
}

TEST(MeanShift, OfEqualClustersTakesTheOneFoundFirst) {
    const std::vector<Feature> points{{5, 0, 0}, {0, 0, 0}, {5, 0, 0}, {0, 0, 0}};
    EXPECT_EQ(largest_mean_shift_cluster(points, 1.0), (Rows{0, 2}));
}

TEST(RowFigures, MiddleIsTheMeanOfTheMiddleTwo) {
    EXPECT_EQ(middle_of({3.0}), 3.0);
    EXPECT_EQ(middle_of({9.0, 1.0}), 5.0);
    EXPECT_EQ(middle_of({9.0, 1.0, 2.0}), 2.0);
}

TEST(RowFigures, ConvexCombinationOfEqualRowsIsThatRow) {
    Rng rng(7);
    for (int trial = 0; trial < 100; ++trial) {
        std::vector<double> weights;
        for (std::size_t i = 0; i <= rng.below(40); ++i) {
            weights.push_back(rng.below(4) == 0 ? 0.0 : std::ldexp(rng.uniform(), 40));
        }
        weights.push_back(1.0);
        const Combination result = convex_combination(weights);
        EXPECT_LE(result.denominator, kWeightOne);
        EXPECT_EQ(std::accumulate(result.weights.begin(), result.weights.end(), std::uint64_t{0}),
                  result.denominator);
    }
}

TEST(RowFigures, ClippedRowsNeverAddMoreThanTheirLimit) {
    Rng rng(8);
    for (int trial = 0; trial < 100; ++trial) {
        const weighting::Matrix rows = weighting::random_rows(rng, 6, 5);
        const double limit = std::ldexp(rng.uniform(), static_cast<int>(rng.below(12)));
        const Combination mean =
            clipped_mean(weighting::geometry_of(rows), first_rows(rows.size()), limit);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const double share =
                static_cast<double>(mean.weights[i]) / static_cast<double>(mean.denominator);
            EXPECT_LE(share * weighting::length(rows[i]), limit / 6.0 * (1.0 + 1e-8));
            if (weighting::length(rows[i]) > limit) {
                EXPECT_LE(share * weighting::length(rows[i]), limit / 6.0 * (1.0 + 1e-14));
            }
        }
    }
}

TEST(RowFigures, GeneratorsDifferBySeedAndRule) {
    Digest seed;
    seed.bytes[7] = 1;
    EXPECT_EQ(rule_generator(seed, 1).next(), rule_generator(seed, 1).next());
    EXPECT_NE(rule_generator(seed, 1).next(), rule_generator(seed, 2).next());
    EXPECT_NE(rule_generator(seed, 1).next(), rule_generator(Digest{}, 1).next());
}

}  // namespace
}  // namespace fedstake::aggregation
