#!/usr/bin/env node
// Usage: coverage_report.js LCOV. Prints lines and branches of every file of src/, and fails where
// fewer than 95 % of the lines are reached and more than three are not (forge counts constructors and
// assembly as never reached). Branches are printed only: without the optimizer forge counts a
// `require` with a custom error as not taken, whichever way it went.
"use strict";

const fs = require("fs");

const LEAST = 0.95;
const MISSED_MOST = 3;

function parse(text) {
    return text
        .split("end_of_record")
        .map((record) => {
            const value = (key) => Number((record.match(new RegExp(`^${key}:(\\d+)`, "m")) ?? [0, 0])[1]);
            const file = (record.match(/^SF:(.+)$/m) ?? [])[1];
            const missed = [...record.matchAll(/^DA:(\d+),0$/gm)].map((match) => match[1]);
            return { file, lines: [value("LH"), value("LF")], branches: [value("BRH"), value("BRF")], missed };
        })
        .filter(({ file, lines }) => file?.includes("src/") && lines[1] > 0);
}

const share = ([hit, found]) => (found === 0 ? 1 : hit / found);
const percent = (pair) => `${(100 * share(pair)).toFixed(1)} %`.padStart(8);

function main([file]) {
    if (!file) throw new Error("usage: coverage_report.js LCOV");
    let low = 0;
    for (const entry of parse(fs.readFileSync(file, "utf8"))) {
        const missedLines = entry.lines[1] - entry.lines[0];
        const enough = share(entry.lines) >= LEAST || missedLines <= MISSED_MOST;
        if (!enough) low += 1;
        const missed = enough ? "" : `  not reached: ${entry.missed.slice(0, 12).join(" ")}`;
        process.stdout.write(
            `${percent(entry.lines)} lines ${percent(entry.branches)} branches  ${entry.file}${missed}\n`,
        );
    }
    process.stdout.write(`contracts: ${low} files below ${100 * LEAST} % of lines\n`);
    return low === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
