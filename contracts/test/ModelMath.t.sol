// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ModelMath} from "../src/libraries/ModelMath.sol";
import {TestBase} from "./support/Vm.sol";

contract ModelMathHarness {
    function next(uint32 base, int256 update, uint8 scaleBits) external pure returns (uint32) {
        return ModelMath.next(base, update, scaleBits);
    }
}

contract ModelMathTest is TestBase {
    uint256 private constant ROW_BYTES = 13;

    ModelMathHarness private immutable harness = new ModelMathHarness();

    /// @dev Made by tools/model_vectors.py on IEEE-754 hardware: zeros, subnormals, the largest
    /// numbers, ties of both roundings, and cancellation.
    function test_next_matchesIeeeHardware() public view {
        bytes memory rows =
            vm.parseBytes(string.concat("0x", vm.readFile("test/fixtures/model.hex")));
        uint256 count = rows.length / ROW_BYTES;
        vm.assertTrue(count > 1_000 && count * ROW_BYTES == rows.length);
        for (uint256 i = 0; i < count; ++i) {
            uint256 row = i * ROW_BYTES;
            uint32 base = _u32(rows, row);
            int256 update = int256(int32(_u32(rows, row + 4)));
            uint32 got = ModelMath.next(base, update, uint8(rows[row + 8]));
            vm.assertEq(uint256(got), _u32(rows, row + 9), "row");
        }
    }

    function test_next_failsOnWhatIsNoNumber() public {
        uint32[3] memory bad = [0x7f800000, 0xff800000, 0x7fc00001];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ModelMath.NotFinite.selector, bad[i]));
            harness.next(bad[i], 1, 24);
        }
    }

    function test_next_failsOnImpossibleScale(uint8 scale) public {
        vm.assume(scale < 8 || scale > 30);
        vm.expectRevert(abi.encodeWithSelector(ModelMath.BadScale.selector, scale));
        harness.next(0x3f800000, 1, scale);
    }

    /// @dev Larger updates never give smaller parameters.
    function test_next_isMonotone(uint32 base, int32 a, int32 b, uint8 scale) public view {
        vm.assume((base >> 23) & 0xff != 0xff);
        scale = uint8(bound(scale, 8, 30));
        (int256 low, int256 high) = a < b ? (int256(a), int256(b)) : (int256(b), int256(a));
        vm.assertTrue(
            _order(harness.next(base, low, scale)) <= _order(harness.next(base, high, scale))
        );
    }

    /// @dev Floats ordered as integers.
    function _order(uint32 bits) private pure returns (int256) {
        int256 magnitude = int256(uint256(bits & 0x7fffffff));
        return bits >> 31 == 1 ? -magnitude : magnitude;
    }

    function _u32(bytes memory data, uint256 offset) private pure returns (uint32 value) {
        for (uint256 i = 0; i < 4; ++i) {
            value = (value << 8) | uint8(data[offset + i]);
        }
    }
}
