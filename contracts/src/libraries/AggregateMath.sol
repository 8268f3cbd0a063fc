// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title One coordinate of an aggregate, exactly as docs/protocol.md section 11 defines it.
/// @dev Which rules can be recomputed from a report and the opened values alone:
///  - weighted sums, whatever chose the weights: the report holds the integer weights;
///  - coordinate median and trimmed mean without pre-aggregation.
/// Rules that are not named here are attested only: those with a memory (centered-clipping, foolsgold,
/// clipped-clustering), those with noise (flame), other rules by columns. A new name is added with its
/// formula.
library AggregateMath {
    enum Kind {
        Unknown,
        Weighted,
        Median,
        TrimmedMean
    }

    int256 internal constant VALUE_MAX = 2 ** 31 - 1;

    /// @notice A mean of nothing.
    error NothingToAverage(uint256 values, uint256 dropped);

    bytes32 private constant MEDIAN = keccak256("median");
    bytes32 private constant TRIMMED_MEAN = keccak256("trimmed-mean");
    bytes32 internal constant MEAN = keccak256("mean");

    /// @param rule keccak256 of the rule's name
    function kindOf(bytes32 rule) internal pure returns (Kind) {
        if (rule == MEDIAN) return Kind.Median;
        if (rule == TRIMMED_MEAN) return Kind.TrimmedMean;
        bool weighted = rule == MEAN || rule == keccak256("krum") || rule == keccak256("krum-paper")
            || rule == keccak256("multi-krum") || rule == keccak256("multi-krum-paper")
            || rule == keccak256("mda") || rule == keccak256("smea") || rule == keccak256("caf")
            || rule == keccak256("monna") || rule == keccak256("geometric-median")
            || rule == keccak256("weiszfeld-steps") || rule == keccak256("dnc")
            || rule == keccak256("fltrust") || rule == keccak256("signguard")
            || rule == keccak256("weighted-mean") || rule == keccak256("norm-difference-clipping");
        return weighted ? Kind.Weighted : Kind.Unknown;
    }

    /// @notice round(sum of w x / W), limited to +-(2^31 - 1).
    function weightedMean(int256[] memory values, uint256[] memory weights, uint256 denominator)
        internal
        pure
        returns (int256)
    {
        int256 sum = 0;
        for (uint256 i = 0; i < values.length; ++i) {
            // casting is safe: weights have 64 bits
            // forge-lint: disable-next-line(unsafe-typecast)
            sum += values[i] * int256(weights[i]);
        }
        int256 result = roundedDiv(sum, denominator);
        if (result > VALUE_MAX) return VALUE_MAX;
        return result < -VALUE_MAX ? -VALUE_MAX : result;
    }

    /// @notice The middle value, or the rounded mean of the middle two. Sorts `values`.
    function median(int256[] memory values) internal pure returns (int256) {
        uint256 n = values.length;
        require(n != 0, NothingToAverage(0, 0));
        return _windowMean(values, (n - 1) / 2, n / 2 + 1);
    }

    /// @notice The rounded mean without the f smallest and f largest values. Sorts `values`.
    function trimmedMean(int256[] memory values, uint256 f) internal pure returns (int256) {
        uint256 n = values.length;
        require(n > 2 * f, NothingToAverage(n, f));
        return _windowMean(values, f, n - f);
    }

    /// @notice The nearest integer to sum / count, halves upwards: floor((2 sum + count) / (2 count)).
    function roundedDiv(int256 sum, uint256 count) internal pure returns (int256 quotient) {
        // casting is safe: counts and denominators have 32 bits
        // forge-lint: disable-next-line(unsafe-typecast)
        int256 divisor = 2 * int256(count);
        int256 numerator = 2 * sum + divisor / 2;
        quotient = numerator / divisor;
        if (numerator % divisor < 0) --quotient;
    }

    function _windowMean(int256[] memory values, uint256 first, uint256 last)
        private
        pure
        returns (int256)
    {
        _sort(values);
        int256 sum = 0;
        for (uint256 i = first; i < last; ++i) {
            sum += values[i];
        }
        return roundedDiv(sum, last - first);
    }

    /// @dev Heap sort: n log n also for values that an attacker has ordered.
    function _sort(int256[] memory values) private pure {
        uint256 n = values.length;
        for (uint256 start = n / 2; start > 0; --start) {
            _sink(values, start - 1, n);
        }
        for (uint256 end = n; end > 1; --end) {
            (values[0], values[end - 1]) = (values[end - 1], values[0]);
            _sink(values, 0, end - 1);
        }
    }

    function _sink(int256[] memory values, uint256 root, uint256 end) private pure {
        int256 sinking = values[root];
        for (uint256 child = 2 * root + 1; child < end; child = 2 * root + 1) {
            if (child + 1 < end && values[child + 1] > values[child]) ++child;
            if (values[child] <= sinking) break;
            values[root] = values[child];
            root = child;
        }
        values[root] = sinking;
    }
}
