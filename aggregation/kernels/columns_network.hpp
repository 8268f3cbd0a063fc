// Sorting and merging networks that fit the registers of a CPU, as constants.
//
// Up to 10 and above 16 rows: two smaller networks joined by Batcher's odd-even merge, split where
// the total is least. 11 to 16 rows: the first wires of Green's 16-row network. Sources: K.
// Batcher, "Sorting networks and their applications", 1968; D. Knuth, The Art of Computer
// Programming 3, section 5.3.4, figure 49 (Green) and formula for the (m, n) odd-even merge.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fedstake::aggregation::kernels {

// Rows that one network of this file sorts at most, and the longest run that a merge starts with.
inline constexpr std::size_t kSortRowsMax = 32;
inline constexpr std::size_t kMergeRun = 8;

// Afterwards value[low] <= value[high].
struct Exchange {
    std::uint16_t low = 0;
    std::uint16_t high = 0;
};

// Results stand in ascending order on wires 0, 1, 2, ...
struct SmallNetwork {
    std::array<Exchange, 192> exchanges{};
    std::size_t size = 0;
};

// Wires in the order of their values.
struct WireOrder {
    std::array<std::uint16_t, kSortRowsMax> wires{};
    std::size_t size = 0;

    constexpr void push(std::uint16_t wire) { wires[size++] = wire; }
    // Every second wire from `start` on.
    [[nodiscard]] constexpr WireOrder every_second(std::size_t start) const {
        WireOrder result;
        for (std::size_t i = start; i < size; i += 2) {
            result.push(wires[i]);
        }
        return result;
    }
};

constexpr WireOrder wire_range(std::size_t first, std::size_t count) {
    WireOrder result;
    for (std::size_t i = 0; i < count; ++i) {
        result.push(static_cast<std::uint16_t>(first + i));
    }
    return result;
}

constexpr void add_exchange(SmallNetwork& network, std::uint16_t low, std::uint16_t high) {
    network.exchanges[network.size++] = {.low = low, .high = high};
}

// Adds the exchanges that order two ordered lists. RETURNS the joint order.
constexpr WireOrder add_merge(SmallNetwork& network, const WireOrder& a, const WireOrder& b) {
    if (a.size == 0 || b.size == 0) {
        return a.size == 0 ? b : a;
    }
    if (a.size == 1 && b.size == 1) {
        add_exchange(network, a.wires[0], b.wires[0]);
        WireOrder both = a;
        both.push(b.wires[0]);
        return both;
    }
    const WireOrder even = add_merge(network, a.every_second(0), b.every_second(0));
    const WireOrder odd = add_merge(network, a.every_second(1), b.every_second(1));
    WireOrder result;
    result.push(even.wires[0]);
    for (std::size_t i = 0; i < odd.size; ++i) {
        if (i + 1 < even.size) {
            add_exchange(network, odd.wires[i], even.wires[i + 1]);
        }
        result.push(odd.wires[i]);
        if (i + 1 < even.size) {
            result.push(even.wires[i + 1]);
        }
    }
    if (even.size == odd.size + 2) {
        result.push(even.wires[even.size - 1]);
    }
    return result;
}

// The first `count` wires of Green's network. Rows that are missing would be the largest, which
// never leave the last wires.
constexpr void add_green(SmallNetwork& network, std::size_t first, std::size_t count) {
    constexpr std::uint8_t kLast[28][2] = {
        {5, 10},  {6, 9}, {3, 12}, {13, 14}, {4, 8},   {7, 11},  {1, 2},  {1, 4}, {7, 13},  {2, 8},
        {11, 14}, {2, 4}, {5, 6},  {9, 10},  {11, 13}, {3, 8},   {7, 12}, {6, 8}, {10, 12}, {3, 5},
        {7, 9},   {3, 4}, {5, 6},  {7, 8},   {9, 10},  {11, 12}, {6, 7},  {8, 9}};
    const auto add = [&](std::size_t low, std::size_t high) {
        if (high < count) {
            add_exchange(network, static_cast<std::uint16_t>(first + low),
                         static_cast<std::uint16_t>(first + high));
        }
    };
    for (std::size_t bit = 1; bit < 16; bit *= 2) {
        for (std::size_t i = 0; i < 16; ++i) {
            if ((i & bit) == 0) {
                add(i, i + bit);
            }
        }
    }
    for (const auto& pair : kLast) {
        add(pair[0], pair[1]);
    }
}

constexpr WireOrder add_sort(SmallNetwork& network, std::size_t first, std::size_t count) {
    // Rows of the first part; 0 for Green's network.
    constexpr std::uint8_t kSplit[kSortRowsMax + 1] = {0,  0, 1, 1,  2,  2,  3,  3,  4,  4,  5,
                                                       0,  0, 0, 0,  0,  0,  8,  9,  8,  8,  8,
                                                       11, 8, 8, 12, 13, 13, 14, 14, 15, 15, 16};
    const std::size_t split = kSplit[count];
    if (count >= 2 && split == 0) {
        add_green(network, first, count);
    }
    if (split == 0) {
        return wire_range(first, count);
    }
    const WireOrder a = add_sort(network, first, split);
    return add_merge(network, a, add_sort(network, first + split, count - split));
}

// Sorts `count` values. REQUIRES 1 <= count <= kSortRowsMax.
constexpr SmallNetwork sort_network(std::size_t count) {
    SmallNetwork network;
    const WireOrder order = add_sort(network, 0, count);
    // Which row enters a wire does not matter to a sort, so wires are named by their results.
    std::array<std::uint16_t, kSortRowsMax> names{};
    for (std::size_t i = 0; i < count; ++i) {
        names[order.wires[i]] = static_cast<std::uint16_t>(i);
    }
    for (std::size_t i = 0; i < network.size; ++i) {
        Exchange& exchange = network.exchanges[i];
        exchange = {.low = names[exchange.low], .high = names[exchange.high]};
    }
    return network;
}

// Merges kMergeRun ascending values with the ascending ones behind them, `count` in all.
// REQUIRES kMergeRun < count <= 2 kMergeRun.
constexpr SmallNetwork merge_network(std::size_t count) {
    SmallNetwork network;
    // The first run's length is a power of two: the order is that of the wires.
    add_merge(network, wire_range(0, kMergeRun), wire_range(kMergeRun, count - kMergeRun));
    return network;
}

// The levels at distance size / 2, ..., 2, 1 of an odd-even merge, for wires 1 .. 2 size - 1 of a
// longer run: a group of `size` wires, whose lower half the group before has had. REQUIRES a power
// of two, at most 8.
constexpr SmallNetwork clean_network(std::size_t size) {
    SmallNetwork network;
    for (std::size_t distance = size / 2; distance > 0; distance /= 2) {
        for (std::size_t i = distance; i < size; ++i) {
            if ((i & distance) != 0) {
                add_exchange(network, static_cast<std::uint16_t>(i),
                             static_cast<std::uint16_t>(i + distance));
            }
        }
    }
    return network;
}

template <std::size_t kCount>
inline constexpr SmallNetwork kSortNetwork = sort_network(kCount);
template <std::size_t kCount>
inline constexpr SmallNetwork kMergeNetwork = merge_network(kCount);
template <std::size_t kSize>
inline constexpr SmallNetwork kCleanNetwork = clean_network(kSize);

}  // namespace fedstake::aggregation::kernels
