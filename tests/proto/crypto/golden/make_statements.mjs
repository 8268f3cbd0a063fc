// Writes statements.json with ethers, so that the vectors do not come from the code they test.
//   npm install ethers@6 && node make_statements.mjs > statements.json
import { TypedDataEncoder, Wallet, keccak256, toUtf8Bytes } from "ethers";

// First development account of anvil and hardhat; public knowledge.
const wallet = new Wallet("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
const domain = {
  name: "fedstake", version: "1", chainId: 31337,
  verifyingContract: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
};

// The types as docs and contracts write them.
const types = [
  "UpdateStatement(bytes32 federation,uint64 round,uint32 attempt,address site,bytes32 baseModel,bytes32 updateRoot,uint64 coordinates,bytes32 detailsDigest)",
  "UpdateReceipt(bytes32 federation,uint64 round,uint32 attempt,address site,bytes32 updateRoot,bytes32 statementDigest)",
  "RoundCommitment(bytes32 federation,uint64 round,uint32 attempt,uint32 sites,uint64 coordinates,uint128 rewardTotal,uint64 scoreSum,bytes32 contextDigest,bytes32 parentModel,bytes32 model,bytes32 updatesRoot,bytes32 aggregateRoot,bytes32 reportDigest,bytes32 scoresRoot,bytes32 rewardsRoot)",
  "AttestedFault(bytes32 federation,uint64 round,address site,uint16 kind,uint16 bps,bytes32 evidenceRoot,uint64 deadline)",
  "SiteEnrolment(bytes32 federation,address owner,address signer,bytes32 curveKey,string name)",
];

// Field values: distinct in every field, then the largest, then zeros.
const numbers = { uint16: 16n, uint32: 32n, uint64: 64n, uint128: 128n };
function value(style, type, field, place) {
  if (field === "kind") return { typical: "2", largest: "3", zeros: "1" }[style];
  if (type in numbers) {
    if (style === "zeros") return "0";
    return style === "largest" ? ((1n << numbers[type]) - 1n).toString() : String(1000 + place);
  }
  if (type === "string") {
    return { typical: "St. Anna Klinik", largest: "Ünïcode – \"quoted\" \\ name", zeros: "" }[style];
  }
  const hash = keccak256(toUtf8Bytes(`${style}/${field}`));
  const zero = "0x" + "00".repeat(32);
  const word = style === "zeros" ? zero : style === "largest" ? "0x" + "ff".repeat(32) : hash;
  return type === "address" ? "0x" + word.slice(26) : word;
}

const statements = [];
for (const text of types) {
  const [, name, list] = text.match(/^(\w+)\((.*)\)$/);
  const fields = list.split(",").map((item) => {
    const [type, field] = item.split(" ");
    return { type, name: field };
  });
  const encoder = TypedDataEncoder.from({ [name]: fields });
  if (encoder.encodeType(name) !== text) throw new Error(`type string of ${name}`);
  for (const style of ["typical", "largest", "zeros"]) {
    const message = {};
    fields.forEach((f, place) => { message[f.name] = value(style, f.type, f.name, place); });
    statements.push({
      type: name, style, message,
      structHash: encoder.hashStruct(name, message),
      digest: TypedDataEncoder.hash(domain, { [name]: fields }, message),
      signature: await wallet.signTypedData(domain, { [name]: fields }, message),
    });
  }
}
console.log(JSON.stringify({
  domain, separator: TypedDataEncoder.hashDomain(domain),
  secretKey: wallet.privateKey, signer: wallet.address.toLowerCase(),
  typeHashes: Object.fromEntries(types.map((t) => [t.split("(")[0], keccak256(toUtf8Bytes(t))])),
  statements,
}, null, 2));
