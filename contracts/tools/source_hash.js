#!/usr/bin/env node
// Hash of everything that decides the bytecode: sources, foundry.toml, and the versions of solc and
// OpenZeppelin. Printed as hex. Reads only files of this repository, so it runs without npm install.
"use strict";

const crypto = require("crypto");
const fs = require("fs");
const path = require("path");

const LOCKED = ["@openzeppelin/contracts", "@openzeppelin/contracts-upgradeable", "solc"];
const ROOT = path.join(__dirname, "..");

function soliditySources(folder) {
    return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
        const file = `${folder}/${entry.name}`;
        if (entry.isDirectory()) return soliditySources(file);
        return entry.name.endsWith(".sol") ? [file] : [];
    });
}

function lockedVersion(name) {
    const lock = JSON.parse(fs.readFileSync(path.join(ROOT, "package-lock.json"), "utf8"));
    const entry = lock.packages[`node_modules/${name}`];
    if (!entry) throw new Error(`package-lock.json: ${name} is missing`);
    return `${name}@${entry.version} ${entry.integrity}`;
}

function sourceHash() {
    const hash = crypto.createHash("sha256");
    const files = [...soliditySources("src"), "foundry.toml"].sort();
    for (const file of files) {
        const bytes = fs.readFileSync(path.join(ROOT, file));
        hash.update(`${file}\0${bytes.length}\0`).update(bytes);
    }
    for (const name of LOCKED) hash.update(`${lockedVersion(name)}\0`);
    return hash.digest("hex");
}

module.exports = { sourceHash };
if (require.main === module) process.stdout.write(`${sourceHash()}\n`);
