#!/usr/bin/env node
// Usage: coverage_source.js FOLDER. Rewrites `require(condition, Error(...))` in all Solidity files of
// FOLDER as `if (!(condition)) revert Error(...)`, on the same lines: forge counts both ways of an
// `if`, while of such a `require` it only counts lines.
"use strict";

const fs = require("fs");
const path = require("path");

// Positions of the top-level commas behind `open`, and of the parenthesis that closes it.
function parts(text, open) {
    const commas = [];
    let depth = 0;
    for (let i = open; i < text.length; ++i) {
        if (text[i] === '"') i = text.indexOf('"', i + 1);
        else if ("([{".includes(text[i])) depth += 1;
        else if (text[i] === "," && depth === 1) commas.push(i);
        else if (")]}".includes(text[i]) && --depth === 0) return { commas, close: i };
    }
    throw new Error("a require that does not end");
}

function rewrite(text) {
    let result = "";
    let from = 0;
    for (const { index } of text.matchAll(/(?<=^\s*)require\(/gm)) {
        const open = index + "require".length;
        const { commas, close } = parts(text, open);
        if (commas.length !== 1) throw new Error(`not a condition and an error: ${text.slice(index, close)}`);
        const condition = text.slice(open + 1, commas[0]);
        const error = text.slice(commas[0] + 1, close);
        result += `${text.slice(from, index)}if (!(${condition})) { revert ${error}; }`;
        from = close + 2; // with the semicolon
    }
    return result + text.slice(from);
}

function rewriteAll(folder) {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        const file = path.join(folder, entry.name);
        if (entry.isDirectory()) rewriteAll(file);
        else if (file.endsWith(".sol")) fs.writeFileSync(file, rewrite(fs.readFileSync(file, "utf8")));
    }
}

rewriteAll(process.argv[2]);
