// Names, versions and contents of the evidence files.
#include "client/app/evidence_folder.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

#include "client/app/durable_file.hpp"
#include "proto/base/bytes.hpp"
#include "proto/crypto/sha256.hpp"
#include "proto/wire/codec.hpp"

namespace fedstake::client {

namespace {

namespace fs = std::filesystem;

constexpr const char* kReceipts = "receipts";
constexpr const char* kAudits = "audits";
constexpr std::size_t kTagBytes = 4;

std::string name_of(RoundNumber round, std::uint32_t attempt) {
    return std::to_string(round) + "-" + std::to_string(attempt);
}

// The round that a file's name begins with.
std::optional<RoundNumber> round_of(const fs::path& file) {
    const std::string name = file.stem().string();
    RoundNumber round = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), round);
    if (error != std::errc() || end == name.data() + name.size() || *end != '-') return {};
    return file.extension() == ".bin" ? std::optional(round) : std::nullopt;
}

Bytes encode_receipt(const wire::Receipt& receipt) {
    return ByteWriter()
        .raw(receipt.receipt.federation.view())
        .u64(receipt.receipt.round)
        .u32(receipt.receipt.attempt)
        .raw(receipt.receipt.site.view())
        .raw(receipt.receipt.update_root.view())
        .raw(receipt.receipt.statement_digest.view())
        .raw(receipt.signature.view())
        .take();
}

Result<wire::Receipt> decode_receipt(ByteView bytes) {
    ByteReader in(bytes);
    wire::Receipt receipt;
    FS_TRY(in.raw(receipt.receipt.federation.bytes));
    FS_ASSIGN(receipt.receipt.round, in.u64());
    FS_ASSIGN(receipt.receipt.attempt, in.u32());
    FS_TRY(in.raw(receipt.receipt.site.bytes));
    FS_TRY(in.raw(receipt.receipt.update_root.bytes));
    FS_TRY(in.raw(receipt.receipt.statement_digest.bytes));
    FS_TRY(in.raw(receipt.signature.bytes));
    FS_TRY(in.finish());
    return receipt;
}

}  // namespace

Status EvidenceFolder::keep_file(const char* folder, RoundNumber round, std::uint32_t attempt,
                                 ByteView bytes) const {
    std::error_code error;
    fs::create_directories(state_ / folder, error);
    if (error) {
        return fail(Errc::kUnavailable,
                    "cannot make " + (state_ / folder).string() + ": " + error.message());
    }
    const std::string name = name_of(round, attempt);
    const std::vector<fs::path> there = files(folder, round);
    std::size_t versions = 0;
    for (const fs::path& path : there) {
        const std::string stem = path.stem().string();
        if (stem != name && !stem.starts_with(name + "-")) continue;
        ++versions;
        const auto stored = read_file(path);
        if (stored && std::equal(stored->begin(), stored->end(), bytes.begin(), bytes.end())) {
            return {};
        }
    }
    if (versions >= kVersionsMax) return {};
    const Digest digest = crypto::sha256(bytes);
    const std::string tag = versions == 0 ? "" : "-" + to_hex(digest.view().first(kTagBytes));
    return replace_file(state_ / folder / (name + tag + ".bin"), bytes);
}

std::vector<fs::path> EvidenceFolder::files(const char* folder, RoundNumber round) const {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(state_ / folder, ignored)) {
        if (round_of(entry.path()) == round) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

void EvidenceFolder::forget_before(RoundNumber round) const {
    std::error_code ignored;
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator(state_ / kAudits, ignored)) {
        const auto of = round_of(entry.path());
        if (of && *of < round) old.push_back(entry.path());
    }
    for (const fs::path& path : old) fs::remove(path, ignored);
}

Status EvidenceFolder::keep(const wire::Receipt& receipt) const {
    return keep_file(kReceipts, receipt.receipt.round, receipt.receipt.attempt,
                     encode_receipt(receipt));
}

Status EvidenceFolder::keep(const wire::AttestRequest& request) const {
    FS_ASSIGN(const Bytes bytes, wire::encode(wire::Message(request)));
    FS_TRY(keep_file(kAudits, request.round, request.attempt, bytes));
    if (request.round > kRoundsKept) forget_before(request.round - kRoundsKept);
    return {};
}

std::vector<wire::Receipt> EvidenceFolder::receipts(RoundNumber round) const {
    std::vector<wire::Receipt> found;
    for (const fs::path& path : files(kReceipts, round)) {
        const auto bytes = read_file(path);
        if (!bytes) continue;
        auto receipt = decode_receipt(*bytes);
        if (receipt && receipt->receipt.round == round) found.push_back(*receipt);
    }
    return found;
}

std::vector<wire::AttestRequest> EvidenceFolder::requests(RoundNumber round) const {
    std::vector<wire::AttestRequest> found;
    for (const fs::path& path : files(kAudits, round)) {
        const auto bytes = read_file(path);
        if (!bytes) continue;
        auto message = wire::decode(*bytes);
        if (!message) continue;
        auto* request = std::get_if<wire::AttestRequest>(&*message);
        if (request != nullptr && request->round == round) found.push_back(std::move(*request));
    }
    return found;
}

fs::path EvidenceFolder::blob_path(const Digest& root) const {
    return state_ / "blobs" / to_hex(root.view());
}

}  // namespace fedstake::client
