#!/usr/bin/env node
// Usage: coverage_report.js LCOV. Prints lines and branches of every file of src/ that has code, and
// fails where fewer than 95 % of either are reached. Names the lines that are not, and those with a
// branch that is never taken.
"use strict";

const fs = require("fs");

const LEAST = 0.95;

function unique(matches) {
    return [...new Set([...matches].map((match) => match[1]))];
}

function parse(text) {
    return text
        .split("end_of_record")
        .map((record) => {
            const value = (key) => Number((record.match(new RegExp(`^${key}:(\\d+)`, "m")) ?? [0, 0])[1]);
            return {
                file: (record.match(/^SF:(.+)$/m) ?? [])[1]?.replace(/^.*?(?=src\/)/, ""),
                lines: [value("LH"), value("LF")],
                branches: [value("BRH"), value("BRF")],
                missedLines: unique(record.matchAll(/^DA:(\d+),0$/gm)),
                missedBranches: unique(record.matchAll(/^BRDA:(\d+),\d+,\d+,(?:0|-)$/gm)),
            };
        })
        .filter(({ file, lines }) => file?.startsWith("src/") && lines[1] > 0);
}

const share = ([hit, found]) => (found === 0 ? 1 : hit / found);
const percent = (pair) => `${(100 * share(pair)).toFixed(1)} %`.padStart(8);
const list = (what, numbers) => (numbers.length ? `  ${what}: ${numbers.slice(0, 12).join(" ")}` : "");

function main([file]) {
    if (!file) throw new Error("usage: coverage_report.js LCOV");
    const entries = parse(fs.readFileSync(file, "utf8"));
    if (entries.length === 0) throw new Error(`${file}: no file of src/ in it`);
    let low = 0;
    for (const entry of entries) {
        const enough = share(entry.lines) >= LEAST && share(entry.branches) >= LEAST;
        if (!enough) low += 1;
        const missed =
            list("not reached", entry.missedLines) + list("one way only", entry.missedBranches);
        process.stdout.write(
            `${percent(entry.lines)} lines ${percent(entry.branches)} branches  ${entry.file}${missed}\n`,
        );
    }
    process.stdout.write(
        `contracts: ${low} of ${entries.length} files below ${100 * LEAST} % of lines or branches\n`,
    );
    return low === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
