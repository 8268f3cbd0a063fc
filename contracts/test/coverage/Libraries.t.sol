// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {AggregateMath} from "../../src/libraries/AggregateMath.sol";
import {ByteFields} from "../../src/libraries/ByteFields.sol";
import {ContentTree} from "../../src/libraries/ContentTree.sol";
import {ContextBytes} from "../../src/libraries/ContextBytes.sol";
import {ReportBytes} from "../../src/libraries/ReportBytes.sol";
import {RulesBytes} from "../../src/libraries/RulesBytes.sol";
import {SettlementMath} from "../../src/libraries/SettlementMath.sol";
import {TermsCode} from "../../src/libraries/TermsCode.sol";
import {TestBase} from "../support/Vm.sol";

interface VmNonce {
    function setNonce(address account, uint64 nonce) external;
}

/// @notice Calls libraries with bytes in calldata, as a proof does.
contract LibraryCaller {
    function u32(bytes calldata data, uint256 offset) external pure returns (uint32) {
        return ByteFields.u32(data, offset);
    }

    function hashOf(bytes calldata data, uint256 offset, uint256 length)
        external
        pure
        returns (bytes32)
    {
        return ByteFields.hashOf(data, offset, length);
    }

    function rootOf(
        uint256 totalBytes,
        uint256 index,
        bytes calldata leaf,
        bytes32[] calldata siblings
    ) external pure returns (bytes32) {
        return ContentTree.rootOf(totalBytes, index, leaf, siblings);
    }

    function members(bytes calldata context) external pure returns (uint256) {
        return ContextBytes.members(context);
    }

    function isReport(bytes calldata report) external pure returns (bool) {
        return ReportBytes.isReport(report);
    }

    function aggregation(bytes calldata rules)
        external
        pure
        returns (RulesBytes.Aggregation memory)
    {
        return RulesBytes.aggregation(rules);
    }

    function settlement(bytes calldata rules) external pure returns (RulesBytes.Settlement memory) {
        return RulesBytes.settlement(rules);
    }

    function countedScore(uint128 stakePerScore) external pure returns (uint256) {
        return SettlementMath.countedScore(1, 1, false, RulesBytes.Settlement(1, 0, stakePerScore));
    }

    function storeTerms(IRoundManager.Epoch calldata terms) external returns (address) {
        return TermsCode.store(bytes32(uint256(1)), terms);
    }

    function median(int256[] memory values) external pure returns (int256) {
        return AggregateMath.median(values);
    }

    function trimmedMean(int256[] memory values, uint256 f) external pure returns (int256) {
        return AggregateMath.trimmedMean(values, f);
    }

    function weightedMean(int256[] memory values, uint256[] memory weights, uint256 denominator)
        external
        pure
        returns (int256)
    {
        return AggregateMath.weightedMean(values, weights, denominator);
    }
}

/// @notice Bytes and numbers at the ends of what the libraries take.
contract LibrariesTest is TestBase {
    LibraryCaller private immutable caller = new LibraryCaller();

    function test_byteFields_failPastTheEnd() public {
        vm.assertEq(caller.u32(hex"000000010203", 2), 0x00010203);
        _fails(ByteFields.Truncated.selector, 7, 6);
        caller.u32(hex"000000010203", 3);
        _fails(ByteFields.Truncated.selector, 4, 3);
        caller.u32(hex"000000", 0);
        vm.assertEq(caller.hashOf(hex"010203", 1, 2), keccak256(hex"0203"));
        _fails(ByteFields.Truncated.selector, 2, 3);
        caller.hashOf(hex"010203", 2, 2);
        _fails(ByteFields.Truncated.selector, 0, 3);
        caller.hashOf(hex"010203", 0, 4);
    }

    function test_contentTree_takesOneFormOfEachLeaf() public {
        bytes32[] memory siblings = new bytes32[](10);
        bytes32 root = caller.rootOf(1025, 1, hex"07", siblings);
        vm.assertTrue(root != caller.rootOf(1025, 1, hex"08", siblings));
        _fails(ContentTree.NoSuchLeaf.selector, 2, 1025);
        caller.rootOf(1025, 2, hex"07", siblings);
        _fails(ContentTree.WrongLeafLength.selector, 2, 1);
        caller.rootOf(1025, 1, hex"0707", siblings);
        _fails(ContentTree.WrongSiblingCount.selector, 9, 10);
        caller.rootOf(1025, 1, hex"07", new bytes32[](9));
    }

    function test_contextBytes_failOnWhatIsNoContext() public {
        bytes memory context = new bytes(ContextBytes.HEAD_BYTES);
        vm.assertEq(caller.members(context), 0);
        context[ContextBytes.HEAD_BYTES - 1] = 0x01; // a member that is not there
        vm.expectRevert(ContextBytes.MalformedContext.selector);
        caller.members(context);
    }

    function test_reportBytes_refuseNamesThatDoNotFit() public view {
        bytes memory report = new bytes(21 + 4 + ReportBytes.TAIL_BYTES);
        report[0] = bytes1(ReportBytes.VERSION);
        report[8] = 0x04;
        vm.assertTrue(caller.isReport(report));
        report[8] = 0x05; // longer than the bytes
        vm.assertFalse(caller.isReport(report));
        report[8] = bytes1(uint8(ReportBytes.NAME_MAX) + 1);
        vm.assertFalse(caller.isReport(bytes.concat(report, new bytes(29))));
    }

    function test_rulesBytes_failOnMoreStepsThanAnEncoderWrites() public {
        bytes memory head = bytes.concat(bytes4(RulesBytes.VERSION), bytes8(uint64(10)));
        bytes memory name = bytes.concat(bytes8(uint64(1)), "m");
        bytes memory end = new bytes(10);
        bytes memory plain = bytes.concat(head, name, bytes4(0), bytes4(0), end);
        vm.assertEq(caller.aggregation(plain).pre, 0);
        _fails(RulesBytes.TooManySteps.selector, 17, 16);
        caller.aggregation(bytes.concat(head, name, bytes4(0), bytes4(uint32(17)), end));
        _fails(RulesBytes.TooManySteps.selector, 17, 16);
        caller.aggregation(bytes.concat(head, name, bytes4(uint32(17)), bytes4(0), end));
        // A parameter whose name is longer than all bytes.
        bytes memory long = bytes.concat(head, name, bytes4(uint32(1)), bytes8(uint64(99)), end);
        _fails(ByteFields.Truncated.selector, 99, long.length);
        caller.aggregation(long);
    }

    function test_rulesBytes_failWhereTheSettlementIsCutOff() public {
        bytes memory rules = new bytes(RulesBytes.SETTLEMENT_BYTES);
        rules[3] = bytes1(uint8(RulesBytes.VERSION));
        vm.assertEq(caller.settlement(rules).minStake, 0);
        _fails(ByteFields.Truncated.selector, RulesBytes.SETTLEMENT_BYTES, 10);
        caller.settlement(bytes.concat(bytes4(RulesBytes.VERSION), bytes6(0)));
    }

    function test_countedScore_failsWithoutAStakePerScore() public {
        vm.assertEq(caller.countedScore(1), 1);
        vm.expectRevert(SettlementMath.ZeroStakePerScore.selector);
        caller.countedScore(0);
    }

    function test_weightedMean_isLimitedToTheRangeOfAnUpdate() public view {
        int256[] memory values = new int256[](1);
        uint256[] memory weights = new uint256[](1);
        (values[0], weights[0]) = (AggregateMath.VALUE_MAX, 3);
        vm.assertEq(caller.weightedMean(values, weights, 2), AggregateMath.VALUE_MAX);
        vm.assertEq(caller.weightedMean(values, weights, 3), AggregateMath.VALUE_MAX);
        values[0] = -AggregateMath.VALUE_MAX;
        vm.assertEq(caller.weightedMean(values, weights, 2), -AggregateMath.VALUE_MAX);
        vm.assertEq(caller.weightedMean(values, weights, 6), -(AggregateMath.VALUE_MAX - 1) / 2);
    }

    function test_means_failWhereNothingIsLeft() public {
        _fails(AggregateMath.NothingToAverage.selector, 0, 0);
        caller.median(new int256[](0));
        vm.assertEq(caller.trimmedMean(new int256[](3), 1), 0);
        _fails(AggregateMath.NothingToAverage.selector, 2, 1);
        caller.trimmedMean(new int256[](2), 1);
    }

    /// @dev A node that refuses to create the contract: here, no nonce is left.
    function test_termsCode_failsIfTheTermsAreNotStored() public {
        IRoundManager.Epoch memory terms;
        terms.auditors = new address[](1);
        vm.assertTrue(caller.storeTerms(terms) != address(0));
        VmNonce(address(vm)).setNonce(address(caller), type(uint64).max);
        vm.expectRevert(TermsCode.TermsNotStored.selector);
        caller.storeTerms(terms);
    }

    function _fails(bytes4 selector, uint256 first, uint256 second) private {
        vm.expectRevert(abi.encodeWithSelector(selector, first, second));
    }
}
