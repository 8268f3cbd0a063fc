#!/usr/bin/env node
// Usage: export.js FORGE_OUT OUT_DIR. Writes one JSON file for each deployable contract:
// {contractName, abi, bytecode (creation code, 0x hex), sourceHash}.
"use strict";

const fs = require("fs");
const path = require("path");
const { sourceHash } = require("./source_hash.js");

const CONTRACTS = [
    "ConsortiumAccess",
    "ConsortiumGovernor",
    "FaultProver",
    "LeafDemands",
    "MembershipToken",
    "ModelRegistry",
    "Proxy",
    "ResultProver",
    "RoundDisputes",
    "RoundManager",
    "SettlementProver",
    "SlashCourt",
    "StakeVault",
    "TestToken",
    "TimelockController",
];

function exportContract(name, forgeOut, target, hash) {
    const artifact = path.join(forgeOut, `${name}.sol`, `${name}.json`);
    const { abi, bytecode } = JSON.parse(fs.readFileSync(artifact, "utf8"));
    const linked = Object.keys(bytecode.linkReferences ?? {}).length === 0;
    if (!linked || !/^0x([0-9a-f]{2})+$/.test(bytecode.object)) {
        throw new Error(`${name}: no deployable bytecode in ${artifact}`);
    }
    const content = { contractName: name, sourceHash: hash, abi, bytecode: bytecode.object };
    fs.writeFileSync(path.join(target, `${name}.json`), `${JSON.stringify(content, null, 2)}\n`);
}

function main([forgeOut, target]) {
    if (!forgeOut || !target) throw new Error("usage: export.js FORGE_OUT OUT_DIR");
    fs.mkdirSync(target, { recursive: true });
    const hash = sourceHash();
    for (const name of CONTRACTS) exportContract(name, forgeOut, target, hash);
    process.stdout.write(`contracts: ${CONTRACTS.length} contracts exported, source hash ${hash}\n`);
}

main(process.argv.slice(2));
