// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title One parameter of a new model, bit for bit: float32(double(base) + double(u) * 2^-s).
/// @dev IEEE-754 by integers: a value is an integer number of 2^-149, the smallest float32. The sum
/// is exact, then rounded to 53 bits (the double) and to 24 bits (the float32), each to nearest
/// even, as docs/protocol.md section 11 says.
library ModelMath {
    uint256 internal constant UNIT_BITS = 149;
    uint256 private constant DOUBLE_BITS = 53;
    uint256 private constant FLOAT_BITS = 24;
    /// @dev Float32 exponent field from which |base| >= 2^80: |u| 2^-s <= 2^23 for s >= 8 is then
    /// less than half of the last place of the double, so the sum is base.
    uint256 private constant HUGE_EXPONENT = 80 + 127;

    /// @notice Models hold finite numbers only.
    error NotFinite(uint32 bits);
    /// @notice The format allows 8 to 30 bits.
    error BadScale(uint8 scaleBits);

    /// @param base bits of a float32
    /// @param update fixed-point update, an int32
    /// @param scaleBits the update's unit is 2^-scaleBits
    /// @return bits of the float32 result
    function next(uint32 base, int256 update, uint8 scaleBits) internal pure returns (uint32) {
        uint256 exponent = (base >> 23) & 0xff;
        require(exponent != 0xff, NotFinite(base));
        require(scaleBits >= 8 && scaleBits <= 30, BadScale(scaleBits));
        if (exponent >= HUGE_EXPONENT) return base;
        uint256 mantissa = base & 0x7fffff;
        // Below 2^(24 + 206) and 2^(31 + 141): the sum cannot overflow.
        // forge-lint: disable-start(unsafe-typecast)
        int256 value =
            exponent == 0 ? int256(mantissa) : int256((mantissa | 0x800000) << (exponent - 1));
        if (base >> 31 == 1) value = -value;
        value += update * int256(uint256(1) << (UNIT_BITS - scaleBits));
        bool negative = value < 0;
        uint256 magnitude = uint256(negative ? -value : value);
        magnitude = _round(_round(magnitude, DOUBLE_BITS), FLOAT_BITS);
        uint256 bits = _encode(magnitude);
        return uint32(negative ? bits | 0x80000000 : bits);
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @dev To the nearest multiple that has at most `kept` significant bits, ties to even.
    function _round(uint256 value, uint256 kept) private pure returns (uint256) {
        uint256 length = _bitLength(value);
        if (length <= kept) return value;
        uint256 dropped = length - kept;
        uint256 quotient = value >> dropped;
        uint256 rest = value - (quotient << dropped);
        uint256 half = uint256(1) << (dropped - 1);
        if (rest > half || (rest == half && quotient & 1 == 1)) ++quotient;
        return quotient << dropped;
    }

    /// @dev Float32 bits of a magnitude with at most 24 significant bits; zero is +0.
    function _encode(uint256 magnitude) private pure returns (uint256) {
        uint256 length = _bitLength(magnitude);
        if (length < FLOAT_BITS) return magnitude; // subnormal
        uint256 exponent = length - FLOAT_BITS + 1;
        return (exponent << 23) | ((magnitude >> (length - FLOAT_BITS)) & 0x7fffff);
    }

    function _bitLength(uint256 value) private pure returns (uint256 length) {
        for (uint256 step = 128; step > 0; step >>= 1) {
            if (value >> step != 0) {
                value >>= step;
                length += step;
            }
        }
        if (value != 0) ++length;
    }
}
