// Kruskal's forest and pairwise merging.
#include "aggregation/rules/clusters.hpp"

#include <algorithm>
#include <tuple>

#include "aggregation/rules/row_figures.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

// Disjoint sets of rows; the lowest row stands for its set.
class Forest {
public:
    explicit Forest(std::size_t n) : parent_(first_rows(n)), size_(n, 1) {}

    std::size_t root(std::size_t row) noexcept {
        while (parent_[row] != row) {
            parent_[row] = parent_[parent_[row]];
            row = parent_[row];
        }
        return row;
    }
    // RETURNS the size of the joined set.
    std::size_t join(std::size_t a, std::size_t b) noexcept {
        const auto [low, high] = std::minmax({root(a), root(b)});
        if (low != high) {
            parent_[high] = low;
            size_[low] += size_[high];
        }
        return size_[low];
    }

private:
    std::vector<std::size_t> parent_;
    std::vector<std::size_t> size_;
};

struct Edge {
    double length;
    std::size_t from;
    std::size_t to;
};

std::vector<Edge> sorted_edges(const PairMatrix& dissimilarity) {
    std::vector<Edge> edges;
    for (std::size_t i = 0; i < dissimilarity.size(); ++i) {
        for (std::size_t j = i + 1; j < dissimilarity.size(); ++j) {
            edges.push_back({.length = dissimilarity.at(i, j), .from = i, .to = j});
        }
    }
    std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
        return std::tie(a.length, a.from, a.to) < std::tie(b.length, b.from, b.to);
    });
    return edges;
}

// Clusters under average linkage; a cluster is named by its lowest row. sums: of the
// values between the members of two clusters.
class AverageLinkage {
public:
    explicit AverageLinkage(const PairMatrix& dissimilarity)
        : sums_(dissimilarity), members_(dissimilarity.size()) {
        for (std::size_t i = 0; i < members_.size(); ++i) {
            names_.push_back(i);
            members_[i] = {i};
        }
    }

    [[nodiscard]] std::size_t clusters() const noexcept { return names_.size(); }
    [[nodiscard]] const std::vector<std::size_t>& members(std::size_t k) const noexcept {
        return members_[names_[k]];
    }

    void merge_nearest() {
        std::size_t best_a = 0;
        std::size_t best_b = 1;
        double least = mean_between(0, 1);
        for (std::size_t a = 0; a < names_.size(); ++a) {
            for (std::size_t b = a + 1; b < names_.size(); ++b) {
                const double mean = mean_between(a, b);
                if (mean < least) {
                    least = mean;
                    best_a = a;
                    best_b = b;
                }
            }
        }
        merge(best_a, best_b);
    }

private:
    [[nodiscard]] double mean_between(std::size_t a, std::size_t b) const noexcept {
        return sums_.at(names_[a], names_[b]) /
               static_cast<double>(members(a).size() * members(b).size());
    }

    void merge(std::size_t a, std::size_t b) {
        const std::size_t kept = names_[a];
        const std::size_t gone = names_[b];
        for (const std::size_t other : names_) {
            if (other != kept && other != gone) {
                sums_.set(kept, other, sums_.at(kept, other) + sums_.at(gone, other));
            }
        }
        members_[kept].insert(members_[kept].end(), members_[gone].begin(), members_[gone].end());
        names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(b));
    }

    PairMatrix sums_;
    std::vector<std::size_t> names_;  // ascending
    std::vector<std::vector<std::size_t>> members_;
};

}  // namespace

PairMatrix cosine_distances(const Geometry& geometry, std::size_t n) {
    PairMatrix result(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
            result.set(i, j, 1.0 - geometry.cosine(i, j));
        }
    }
    return result;
}

std::vector<std::size_t> first_single_linkage_component(const PairMatrix& dissimilarity,
                                                        std::size_t members) {
    const std::size_t n = dissimilarity.size();
    FS_CHECK(members <= n && 2 * members > n);
    const std::vector<Edge> edges = sorted_edges(dissimilarity);
    Forest forest(n);
    std::size_t largest = 1;
    std::size_t inside = 0;  // a row of the component that is large enough
    for (std::size_t k = 0; k < edges.size(); ++k) {
        const bool new_level = k == 0 || edges[k].length > edges[k - 1].length;
        if (new_level && largest >= members) {
            break;
        }
        const std::size_t size = forest.join(edges[k].from, edges[k].to);
        if (size > largest) {
            largest = size;
            inside = edges[k].from;
        }
    }
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < n; ++i) {
        if (forest.root(i) == forest.root(inside)) {
            rows.push_back(i);
        }
    }
    return rows;
}

std::vector<std::size_t> larger_average_linkage_cluster(const PairMatrix& dissimilarity) {
    if (dissimilarity.size() < 2) {
        return first_rows(dissimilarity.size());
    }
    AverageLinkage linkage(dissimilarity);
    while (linkage.clusters() > 2) {
        linkage.merge_nearest();
    }
    std::vector<std::size_t> rows = linkage.members(1).size() > linkage.members(0).size()
                                        ? linkage.members(1)
                                        : linkage.members(0);
    std::sort(rows.begin(), rows.end());
    return rows;
}

}  // namespace fedstake::aggregation
