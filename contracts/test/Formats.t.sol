// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PositionTree} from "../src/libraries/PositionTree.sol";
import {
    AttestedFault,
    RoundCommitment,
    Statements,
    UpdateStatement
} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";
import {Tree} from "./support/Tree.sol";

/// @notice Gives the libraries' calldata functions a door.
contract Harness {
    function hash(UpdateStatement calldata s) external pure returns (bytes32) {
        return Statements.hash(s);
    }

    function hash(RoundCommitment calldata c) external pure returns (bytes32) {
        return Statements.hash(c);
    }

    function hash(AttestedFault calldata f) external pure returns (bytes32) {
        return Statements.hash(f);
    }

    function rootOf(bytes32 leaf, uint64 index, uint64 leafCount, bytes32[] calldata proof)
        external
        pure
        returns (bytes32)
    {
        return PositionTree.rootOf(leaf, index, leafCount, proof);
    }
}

/// @notice Formats against values made by another implementation: signatures by
/// `cast wallet sign --data` (anvil account 0, chain 31337, verifying contract 0x11..11), tree nodes
/// by `cast keccak`.
contract FormatsTest is Fixture {
    address private constant CAST_SIGNER = 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266;
    address private constant CONTRACT = 0x1111111111111111111111111111111111111111;

    Harness private harness;

    function setUp() public override {
        super.setUp();
        harness = new Harness();
    }

    function test_updateStatement_matchesCast() public view {
        UpdateStatement memory s = UpdateStatement({
            federation: _filled(0xf1),
            round: 7,
            attempt: 2,
            site: 0x5151515151515151515151515151515151515151,
            baseModel: _filled(0xb1),
            updateRoot: _filled(0xb2),
            coordinates: 13,
            detailsDigest: _filled(0xb3)
        });
        _requireSignedByCast(
            harness.hash(s),
            0xeca8d9d3bb585d909b67ddaf90b334fbe468fb0e4ffeb36d5b74ca5cbc0d9184,
            0x3079a7670454fffe2fac155e37285ff10d76cdf8b31607501cf3c6816995d543
        );
    }

    function test_roundCommitment_matchesCast() public view {
        RoundCommitment memory c = RoundCommitment({
            federation: _filled(0xf1),
            round: 7,
            attempt: 2,
            sites: 5,
            coordinates: 13,
            rewardTotal: 700 ether,
            scoreSum: 4_000_000,
            contextDigest: _filled(0xc1),
            parentModel: _filled(0xc2),
            model: _filled(0xc3),
            updatesRoot: _filled(0xc4),
            aggregateRoot: _filled(0xc5),
            reportDigest: _filled(0xc6),
            scoresRoot: _filled(0xc7),
            rewardsRoot: _filled(0xc8)
        });
        vm.assertEq(manager.hashCommitment(c), harness.hash(c));
        _requireSignedByCast(
            harness.hash(c),
            0xef6c55f6afc8d7b174cc60070648268faabde22e27245a29e23bd9a0684f4dc3,
            0x621bd08d1010c5860c402628dee9d4db5dddc676dc78d57fcdbeae8f1f8be125
        );
    }

    function test_attestedFault_matchesCast() public view {
        AttestedFault memory f = AttestedFault({
            federation: _filled(0xf1),
            round: 7,
            site: 0x5151515151515151515151515151515151515151,
            kind: 2,
            bps: 200,
            evidenceRoot: _filled(0xe1),
            deadline: 1_800_000_000
        });
        _requireSignedByCast(
            harness.hash(f),
            0xacbb85008c7bc83523beca3e220049d6b95b2d21437227ede0c2a617de0bb97a,
            0x4c7f692a79f460696cc7070bacbfa4ede1126f47f292106ed8b16366739c74a2
        );
    }

    function test_domainSeparator_isOfThisChainAndContract() public {
        vm.assertEq(manager.domainSeparator(), _domain(block.chainid, address(manager)));
        vm.chainId(777);
        vm.assertEq(manager.domainSeparator(), _domain(777, address(manager)));
    }

    function test_rootOf_matchesCast() public view {
        bytes32[] memory proof = new bytes32[](2);
        proof[1] = 0x75367bba345e0b87e1638dc6cbc98a21058bcd075cdebbe43311d018a4359658;
        bytes32 leaf = PositionTree.leafOf(
            PositionTree.REWARD_TAG,
            2,
            0x3333333333333333333333333333333333333333,
            bytes32(uint256(300)),
            _filled(0x5a)
        );
        vm.assertEq(leaf, 0xaf8a7d973672f45e3a6c30c61b6bc96d08fd2ee29cc3659e44a12986bf3530b7);
        vm.assertEq(
            harness.rootOf(leaf, 2, 3, proof),
            0x3a992db32aadadd21c977c1d58e2400f059e41d5659ade545cd450208e565ffc
        );
    }

    /// @dev A leaf shown at another index, or in a tree of another size, leads elsewhere.
    function test_rootOf_bindsPositionAndSize(uint8 size, uint8 index, uint8 otherIndex)
        public
        view
    {
        size = uint8(bound(size, 2, 40));
        index = uint8(bound(index, 0, size - 1));
        otherIndex = uint8(bound(otherIndex, 0, size - 1));
        bytes32[] memory leaves = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            leaves[i] = keccak256(abi.encode(i));
        }
        bytes32[] memory proof = Tree.proof(leaves, index);
        bytes32 root = harness.rootOf(leaves[index], index, size, proof);
        vm.assertEq(root, Tree.root(leaves));
        if (otherIndex != index) {
            vm.assertFalse(harness.rootOf(leaves[index], otherIndex, size, proof) == root);
        }
        if (PositionTree.depthOf(size + 1) == proof.length) {
            vm.assertFalse(harness.rootOf(leaves[index], index, size + 1, proof) == root);
        }
    }

    function _requireSignedByCast(bytes32 structHash, bytes32 r, bytes32 s) private pure {
        bytes32 digest = keccak256(bytes.concat(hex"1901", _domain(31_337, CONTRACT), structHash));
        vm.assertEq(ecrecover(digest, 27, r, s), CAST_SIGNER);
    }

    function _domain(uint256 chain, address verifying) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("fedstake"),
                keccak256("1"),
                chain,
                verifying
            )
        );
    }

    function _filled(uint8 value) private pure returns (bytes32 word) {
        for (uint256 i = 0; i < 32; ++i) {
            word = (word << 8) | bytes32(uint256(value));
        }
    }
}
