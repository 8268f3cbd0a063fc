// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConviction} from "../src/interfaces/IConviction.sol";
import {IFaultProver} from "../src/interfaces/IFaultProver.sol";
import {UpdateStatement} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";
import {Typed} from "./support/Typed.sol";

contract FaultProverTest is Fixture {
    function setUp() public override {
        super.setUp();
        enrolSite(100 ether);
    }

    function test_proveEquivocation_slashesJailsAndRewards() public {
        (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
        (bytes memory sigA, bytes memory sigB) = _sign(a, b);
        vm.expectEmit();
        emit IFaultProver.EquivocationProven(site, 7, 0, stranger);
        vm.prank(stranger);
        prover.proveEquivocation(a, sigA, b, sigB);
        vm.assertEq(vault.stakeOf(site), 90 ether);
        vm.assertEq(vault.bountyOf(stranger), 2.5 ether);
        vm.assertEq(vault.slashPoolBalance(), 7.5 ether);
        vm.assertTrue(vault.isJailed(site));
        vm.assertTrue(prover.isProven(site, 7, 0));
    }

    function test_proveEquivocation_acceptsEachKindOfContradiction() public {
        for (uint32 i = 0; i < 3; ++i) {
            (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
            a.attempt = i;
            b = _copy(a);
            if (i == 0) b.updateRoot = keccak256("other");
            if (i == 1) b.baseModel = keccak256("other");
            if (i == 2) b.coordinates += 1;
            _prove(a, b);
            vm.assertTrue(prover.isProven(site, 7, i));
            _unjail();
        }
    }

    /// @dev Replaced keys still speak for their owner, so rotating does not hide a fault.
    function test_proveEquivocation_acceptsOldAndNewKey() public {
        (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
        bytes memory sigA = _signWith("site signer", a);
        bytes memory sigB = _signWith("new key", b);
        bytes memory proof = possession(vault, "new key", site);
        vm.prank(site);
        vault.setSigner(actor("new key"), proof);
        prover.proveEquivocation(a, sigA, b, sigB);
        vm.assertTrue(vault.isJailed(site));
    }

    function test_attack_withdrawBeforeSlash_proofReachesTheExit() public {
        vm.prank(site);
        vault.requestExit(100 ether);
        (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
        _prove(a, b);
        (uint128 exit,) = vault.exitOf(site);
        vm.assertEq(exit, 90 ether);
    }

    function test_proveEquivocation_paysNoBountyToTheSite() public {
        (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
        (bytes memory sigA, bytes memory sigB) = _sign(a, b);
        vm.prank(siteSigner);
        prover.proveEquivocation(a, sigA, b, sigB);
        vm.assertEq(vault.bountyOf(siteSigner), 0);
        vm.assertEq(vault.slashPoolBalance(), 10 ether);
    }

    function test_attack_proofReplay_punishesAnIncidentOnce() public {
        (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
        _prove(a, b);
        b.updateRoot = keccak256("a third update");
        _proveFails(b, a, abi.encodeWithSelector(IFaultProver.AlreadyProven.selector, site, 7, 0));
        vm.assertEq(vault.stakeOf(site), 90 ether);
    }

    function test_proveEquivocation_punishesEachAttemptOnce() public {
        (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
        _prove(a, b);
        _unjail();
        a.attempt = b.attempt = 1;
        _prove(a, b);
        vm.assertEq(vault.stakeOf(site), 81 ether);
    }

    function test_proveEquivocation_failsIfNothingContradicts() public {
        (UpdateStatement memory a,) = _contradiction();
        UpdateStatement memory b = _copy(a);
        b.detailsDigest = keccak256("other details");
        _proveFails(a, b, abi.encodeWithSelector(IFaultProver.NoContradiction.selector));
        _proveFails(a, a, abi.encodeWithSelector(IFaultProver.NoContradiction.selector));
    }

    function test_proveEquivocation_failsForOtherRoundAttemptOrSite() public {
        bytes memory reason = abi.encodeWithSelector(IFaultProver.StatementsNotComparable.selector);
        (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
        b.round = 8;
        _proveFails(a, b, reason);
        b.round = a.round;
        b.attempt = 1;
        _proveFails(a, b, reason);
        b.attempt = a.attempt;
        b.site = stranger;
        _proveFails(a, b, reason);
    }

    function test_proveEquivocation_failsForOtherFederation() public {
        (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
        bytes32 other = keccak256("other federation");
        b.federation = other;
        bytes memory reason =
            abi.encodeWithSelector(IConviction.WrongFederation.selector, other, FEDERATION);
        _proveFails(a, b, reason);
        _proveFails(b, a, reason);
    }

    /// @dev Anyone can sign anything; only the site's own keys count against it.
    function test_proveEquivocation_failsIfNotSignedByTheSite(uint256 key) public {
        key = bound(key, 1, type(uint128).max);
        (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
        bytes memory sigA = _signWith("site signer", a);
        bytes memory forged = signature65(key, Typed.digest(manager.domainSeparator(), b));
        vm.expectRevert(
            abi.encodeWithSelector(IFaultProver.NotSignedBySite.selector, vm.addr(key), site)
        );
        prover.proveEquivocation(a, sigA, b, forged);
    }

    function test_proveEquivocation_failsOnMalformedSignature() public {
        (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
        (bytes memory sigA,) = _sign(a, b);
        vm.expectRevert(
            abi.encodeWithSelector(IFaultProver.NotSignedBySite.selector, address(0), site)
        );
        prover.proveEquivocation(a, sigA, b, hex"00");
    }

    /// @dev A malformed signature recovers the zero address, which owns and is owned by nobody.
    function test_proveEquivocation_failsForTheZeroSite() public {
        (UpdateStatement memory a, UpdateStatement memory b) = _contradiction();
        a.site = b.site = address(0);
        vm.expectRevert(
            abi.encodeWithSelector(IFaultProver.NotSignedBySite.selector, address(0), address(0))
        );
        prover.proveEquivocation(a, hex"00", b, hex"00");
    }

    /// @dev Whatever an honest site signs, one statement an attempt, never convicts it.
    function test_proveEquivocation_neverConvictsAnHonestSite(
        uint64 roundA,
        uint64 roundB,
        uint32 attemptA,
        uint32 attemptB,
        bytes32 seed
    ) public {
        UpdateStatement memory a = _honest(roundA % 4, attemptA % 2, seed);
        UpdateStatement memory b = _honest(roundB % 4, attemptB % 2, seed);
        (bytes memory sigA, bytes memory sigB) = _sign(a, b);
        vm.expectRevert();
        prover.proveEquivocation(a, sigA, b, sigB);
        vm.assertEq(vault.stakeOf(site), 100 ether);
    }

    function _unjail() private {
        vm.prank(council);
        vault.unjail(site);
    }

    function _honest(uint64 round, uint32 attempt, bytes32 seed)
        private
        view
        returns (UpdateStatement memory s)
    {
        (s,) = _contradiction();
        s.round = round;
        s.attempt = attempt;
        s.updateRoot = keccak256(abi.encode(seed, round, attempt));
    }

    function _contradiction()
        private
        view
        returns (UpdateStatement memory a, UpdateStatement memory b)
    {
        a = UpdateStatement({
            federation: FEDERATION,
            round: 7,
            attempt: 0,
            site: site,
            baseModel: modelOf(6),
            updateRoot: keccak256("an update"),
            coordinates: 13,
            detailsDigest: keccak256("details")
        });
        b = _copy(a);
        b.updateRoot = keccak256("another update");
    }

    function _copy(UpdateStatement memory s) private pure returns (UpdateStatement memory) {
        return abi.decode(abi.encode(s), (UpdateStatement));
    }

    function _signWith(string memory key, UpdateStatement memory s)
        private
        view
        returns (bytes memory)
    {
        return signature65(keyOf(key), Typed.digest(manager.domainSeparator(), s));
    }

    function _sign(UpdateStatement memory a, UpdateStatement memory b)
        private
        view
        returns (bytes memory, bytes memory)
    {
        return (_signWith("site signer", a), _signWith("site signer", b));
    }

    function _prove(UpdateStatement memory a, UpdateStatement memory b) private {
        (bytes memory sigA, bytes memory sigB) = _sign(a, b);
        prover.proveEquivocation(a, sigA, b, sigB);
    }

    function _proveFails(UpdateStatement memory a, UpdateStatement memory b, bytes memory reason)
        private
    {
        (bytes memory sigA, bytes memory sigB) = _sign(a, b);
        vm.expectRevert(reason);
        prover.proveEquivocation(a, sigA, b, sigB);
    }
}
