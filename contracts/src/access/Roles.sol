// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Roles of {ConsortiumAccess}. Nothing on the path of a round asks for one.
library Roles {
    uint64 internal constant UPGRADER = 1; // replaces implementations; the timelock
    uint64 internal constant PARAMETERS = 2; // windows, shares, epochs; the timelock
    uint64 internal constant COUNCIL = 3; // vetoes, pauses, unjails: never moves stake
    uint64 internal constant PROVER = 4; // provers and demands: slash at once
    uint64 internal constant COURT = 5; // contract of attested faults: delayed, capped slashes
    uint64 internal constant VOIDER = 6; // council, provers, disputes, demands: void a round
    uint64 internal constant DISPUTES = 7; // contracts that hold a round back: disputes, demands
    uint64 internal constant GOVERNOR = 8; // last instance of appeals and disputes
}
