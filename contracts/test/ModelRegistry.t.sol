// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ModelRegistry} from "../src/ModelRegistry.sol";
import {IModelRegistry, Provenance} from "../src/interfaces/IModelRegistry.sol";
import {IRoundManager} from "../src/interfaces/IRoundManager.sol";
import {RoundCommitment} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";

contract ModelRegistryTest is Fixture {
    bytes32 private constant MODEL = keccak256("heart disease");

    function setUp() public override {
        super.setUp();
        commitUpTo(2);
        skip(WINDOW);
    }

    function test_initialize_failsOnZeroAddress() public {
        address implementation = address(new ModelRegistry());
        address authority = address(access);
        IRoundManager none = IRoundManager(address(0));
        vm.expectRevert(IModelRegistry.ZeroAddress.selector);
        proxy(
            implementation,
            abi.encodeCall(ModelRegistry.initialize, (manager, authority, address(0)))
        );
        vm.expectRevert(IModelRegistry.ZeroAddress.selector);
        proxy(
            implementation, abi.encodeCall(ModelRegistry.initialize, (none, authority, publisher))
        );
        vm.expectRevert(IModelRegistry.ZeroAddress.selector);
        proxy(
            implementation,
            abi.encodeCall(ModelRegistry.initialize, (manager, address(0), publisher))
        );
    }

    function test_publish_recordsOneWordAVersion() public {
        Provenance memory p = _provenance(1);
        bytes32 hash = keccak256(abi.encode(p));
        vm.expectEmit();
        emit IModelRegistry.ModelPublished(MODEL, 1, hash, p, publisher);
        _publish(commitmentOf(2), p);
        vm.assertEq(registry.recordOf(MODEL, 1), hash);
        vm.assertEq(registry.hashProvenance(p), hash);
        vm.assertEq(registry.latestVersion(MODEL), 1);
        vm.assertTrue(registry.statusOf(MODEL, 1) == IModelRegistry.Status.Active);
        Provenance memory next = _provenance(2);
        next.parent = hash;
        _publish(commitmentOf(2), next);
        vm.assertEq(registry.latestVersion(MODEL), 2);
    }

    function test_publish_failsForStranger() public {
        Provenance memory p = _provenance(1);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotAuthorized.selector, stranger));
        vm.prank(stranger);
        registry.publish(commitmentOf(2), p);
    }

    function test_publish_failsBeforeFinality() public {
        commitUpTo(3);
        Provenance memory p = _provenance(1);
        p.round = 3;
        p.weightsRoot = modelOf(3);
        _fails(
            commitmentOf(3),
            p,
            abi.encodeWithSelector(
                IRoundManager.RoundNotFinal.selector, 3, vm.getBlockTimestamp() + WINDOW
            )
        );
    }

    function test_publish_failsForAlteredOrVoidedCommitment() public {
        RoundCommitment memory c = commitmentOf(2);
        c.model = keccak256("other model");
        Provenance memory p = _provenance(1);
        p.weightsRoot = c.model;
        vm.expectPartialRevert(IRoundManager.CommitmentMismatch.selector);
        vm.prank(publisher);
        registry.publish(c, p);

        commitUpTo(3);
        vm.prank(council);
        manager.voidRound(commitmentOf(3));
        p.round = 3;
        p.weightsRoot = modelOf(3);
        skip(WINDOW);
        vm.expectPartialRevert(IRoundManager.CommitmentMismatch.selector);
        vm.prank(publisher);
        registry.publish(commitmentOf(3), p);
    }

    function test_publish_failsForOtherRoundOrWeights() public {
        Provenance memory p = _provenance(1);
        p.round = 1;
        _fails(
            commitmentOf(2), p, abi.encodeWithSelector(IModelRegistry.RoundMismatch.selector, 1, 2)
        );
        p = _provenance(1);
        p.weightsRoot = modelOf(1);
        _fails(
            commitmentOf(2),
            p,
            abi.encodeWithSelector(IModelRegistry.WeightsMismatch.selector, modelOf(1), modelOf(2))
        );
    }

    function test_publish_failsOutOfOrder(uint64 version) public {
        vm.assume(version != 1);
        Provenance memory p = _provenance(1);
        p.version = version;
        _fails(
            commitmentOf(2),
            p,
            abi.encodeWithSelector(IModelRegistry.VersionOutOfOrder.selector, version, 1)
        );
    }

    function test_publish_failsOnOtherParent() public {
        _publish(commitmentOf(2), _provenance(1));
        bytes32 first = registry.recordOf(MODEL, 1);
        Provenance memory p = _provenance(2);
        p.parent = keccak256("made up");
        _fails(
            commitmentOf(2),
            p,
            abi.encodeWithSelector(IModelRegistry.ParentMismatch.selector, p.parent, first)
        );
    }

    function test_publish_failsOnZeroField() public {
        Provenance memory p = _provenance(1);
        p.modelId = 0;
        _fails(
            commitmentOf(2), p, abi.encodeWithSelector(IModelRegistry.ZeroField.selector, "modelId")
        );
        p = _provenance(1);
        p.weightsSha256 = 0;
        _fails(
            commitmentOf(2),
            p,
            abi.encodeWithSelector(IModelRegistry.ZeroField.selector, "weightsSha256")
        );
        p = _provenance(1);
        p.weightsBytes = 0;
        _fails(
            commitmentOf(2),
            p,
            abi.encodeWithSelector(IModelRegistry.ZeroField.selector, "weightsBytes")
        );
    }

    function test_setStatus_deprecatesAndRevokesForGood() public {
        _publish(commitmentOf(2), _provenance(1));
        vm.startPrank(publisher);
        registry.setStatus(MODEL, 1, IModelRegistry.Status.Deprecated, "superseded");
        vm.assertTrue(registry.statusOf(MODEL, 1) == IModelRegistry.Status.Deprecated);
        vm.expectEmit();
        emit IModelRegistry.ModelStatusSet(MODEL, 1, IModelRegistry.Status.Revoked, "unsafe");
        registry.setStatus(MODEL, 1, IModelRegistry.Status.Revoked, "unsafe");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.AlreadyRevoked.selector, MODEL, 1));
        registry.setStatus(MODEL, 1, IModelRegistry.Status.Active, "back");
        vm.stopPrank();
    }

    function test_setStatus_failsForStrangerAndUnknownVersion() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotAuthorized.selector, stranger));
        vm.prank(stranger);
        registry.setStatus(MODEL, 1, IModelRegistry.Status.Revoked, "");
        bytes memory reason =
            abi.encodeWithSelector(IModelRegistry.UnknownVersion.selector, MODEL, 1);
        vm.expectRevert(reason);
        vm.prank(publisher);
        registry.setStatus(MODEL, 1, IModelRegistry.Status.Revoked, "");
        vm.expectRevert(reason);
        registry.statusOf(MODEL, 1);
    }

    function test_verifyLineage_followsRecordsAndRefusesGapsForgeriesAndRevoked() public {
        Provenance[] memory chain = new Provenance[](3);
        for (uint64 version = 1; version <= 3; ++version) {
            Provenance memory p = _provenance(version);
            p.parent = registry.recordOf(MODEL, version - 1);
            _publish(commitmentOf(2), p);
            chain[version - 1] = p;
        }
        vm.assertEq(registry.latestVersion(MODEL), 3);
        vm.assertTrue(registry.verifyLineage(chain));
        vm.assertFalse(registry.verifyLineage(new Provenance[](0)));
        Provenance[] memory gap = new Provenance[](2);
        (gap[0], gap[1]) = (chain[0], chain[2]);
        vm.assertFalse(registry.verifyLineage(gap));
        bytes32 config = chain[1].configHash;
        chain[1].configHash = keccak256("another configuration");
        vm.assertFalse(registry.verifyLineage(chain));
        chain[1].configHash = config;
        vm.prank(publisher);
        registry.setStatus(MODEL, 2, IModelRegistry.Status.Revoked, "unsafe");
        vm.assertFalse(registry.verifyLineage(chain));
    }

    /// @dev Version 1, codec raw, SHA-256 of 32 bytes.
    function test_cidOf_isTheBinaryCidOfTheFile() public view {
        bytes memory cid = registry.cidOf(sha256("safetensors"));
        vm.assertEq(cid.length, 36);
        vm.assertEq(keccak256(cid), keccak256(bytes.concat(hex"01551220", sha256("safetensors"))));
    }

    function test_setPublisher_byTheParametersRole() public {
        vm.expectRevert(unauthorized(publisher));
        vm.prank(publisher);
        registry.setPublisher(stranger);
        vm.startPrank(timelock);
        vm.expectRevert(IModelRegistry.ZeroAddress.selector);
        registry.setPublisher(address(0));
        registry.setPublisher(stranger);
        vm.stopPrank();
        vm.assertEq(registry.publisher(), stranger);
        vm.assertEq(registry.roundManager(), address(manager));
    }

    function _provenance(uint64 version) private pure returns (Provenance memory) {
        return Provenance({
            modelId: MODEL,
            version: version,
            round: 2,
            parent: 0,
            weightsRoot: modelOf(2),
            weightsSha256: sha256("safetensors"),
            weightsBytes: 4_096,
            datasetsRoot: keccak256("datasets"),
            codeCommit: bytes32(uint256(0xc0de)),
            configHash: keccak256("config"),
            evalHash: keccak256("evaluation")
        });
    }

    function _publish(RoundCommitment memory c, Provenance memory p) private {
        vm.prank(publisher);
        registry.publish(c, p);
    }

    function _fails(RoundCommitment memory c, Provenance memory p, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(publisher);
        registry.publish(c, p);
    }
}
