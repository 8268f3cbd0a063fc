// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {RoundCommitment} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";
import {Tree} from "./support/Tree.sol";

/// @notice What a round costs does not grow with its sites or its model; what a claim costs grows with
/// the depth of the rewards tree only. Whole transactions; figures land in snapshots/Growth.json.
contract GrowthGasTest is Fixture {
    uint64 private constant RING = 64;
    /// @dev Zero bytes cost 12 gas less than others, and digests have some by chance.
    uint256 private constant BY_CHANCE = 400;

    function test_gas_aRoundCostsTheSameForAnyNumberOfSitesAndAnyModel() public {
        commitUpTo(RING);
        skip(WINDOW);
        commitUpTo(RING + 2);
        uint256 few = _commitWith(RING + 3, 5, 1 << 16, "commitRound 5 sites d=2^16");
        uint256 more = _commitWith(RING + 4, 50, 1 << 20, "commitRound 50 sites d=2^20");
        uint256 many = _commitWith(RING + 5, 500, 1 << 32, "commitRound 500 sites d=2^32");
        vm.assertLe(more, few + BY_CHANCE);
        vm.assertLe(many, few + BY_CHANCE);
    }

    function test_gas_aClaimGrowsWithTheDepthOfTheTree() public {
        uint256 few = _claimWith(1, 5, "claim later, 5 sites (depth 3)");
        uint256 more = _claimWith(3, 50, "claim later, 50 sites (depth 6)");
        uint256 many = _claimWith(5, 500, "claim later, 500 sites (depth 9)");
        // 512 gas for the calldata of a sibling, the rest for its hash.
        vm.assertLe(more, few + 3 * 1_000 + BY_CHANCE);
        vm.assertLe(many, more + 3 * 1_000 + BY_CHANCE);
        vm.assertLe(many, 76_000);
    }

    function _commitWith(uint64 round, uint32 sites, uint64 coordinates, string memory what)
        private
        returns (uint256 used)
    {
        RoundCommitment memory c = commitmentOf(round);
        (c.sites, c.coordinates) = (sites, coordinates);
        commit(c);
        used = vm.snapshotGasLastCall("Growth", what);
        vm.assertLe(used, 95_000, what);
    }

    /// @dev Two rounds of `size` sites with rewards; the second claim of one of them.
    function _claimWith(uint64 round, uint64 size, string memory what)
        private
        returns (uint256 used)
    {
        bytes32[] memory leaves = new bytes32[](size);
        for (uint64 r = round; r < round + 2; ++r) {
            for (uint64 i = 0; i < size; ++i) {
                leaves[i] = keccak256(abi.encode(uint8(4), i, site, r * 1 ether, FEDERATION));
            }
            RoundCommitment memory c = commitmentOf(r);
            c.rewardsRoot = Tree.root(leaves);
            commit(c);
            skip(WINDOW);
            manager.claim(r, size, 3, site, r * 1 ether, FEDERATION, Tree.proof(leaves, 3));
            used = vm.snapshotGasLastCall("Growth", what);
        }
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
