// What a site keeps so that it can prove a lie without the coordinator's help: receipts that the
// coordinator signed, and, at auditors, the documents of every round that they were asked to sign.
//
//   receipts/<round>-<attempt>.bin   UpdateReceipt and signature
//   audits/<round>-<attempt>.bin     AttestRequest, as it came
//
// A second, different one for the same attempt is never written over the first: it gets the first
// bytes of its digest into its name, since two that differ may be the evidence. Files are written
// aside and renamed, so that reading needs no lock: `challenge` runs beside `run`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::client {

class EvidenceFolder {
public:
    // As many rounds as the chain's ring holds: older ones are final.
    static constexpr RoundNumber kRoundsKept = 64;
    // Different files for one attempt; further ones are not kept.
    static constexpr std::size_t kVersionsMax = 4;

    // state: the site's state folder. Nothing is made before something is kept.
    explicit EvidenceFolder(std::filesystem::path state) : state_(std::move(state)) {}

    // A file that is there already stays. RETURNS the disk's failure.
    [[nodiscard]] Status keep(const wire::Receipt& receipt) const;
    // Also deletes requests of rounds that are more than kRoundsKept behind.
    [[nodiscard]] Status keep(const wire::AttestRequest& request) const;

    // By attempt and name; files that cannot be read are passed over.
    [[nodiscard]] std::vector<wire::Receipt> receipts(RoundNumber round) const;
    [[nodiscard]] std::vector<wire::AttestRequest> requests(RoundNumber round) const;
    // Where the site's own copy of a blob would be.
    [[nodiscard]] std::filesystem::path blob_path(const Digest& root) const;

private:
    [[nodiscard]] Status keep_file(const char* folder, RoundNumber round, std::uint32_t attempt,
                                   ByteView bytes) const;
    [[nodiscard]] std::vector<std::filesystem::path> files(const char* folder,
                                                           RoundNumber round) const;
    void forget_before(RoundNumber round) const;
    std::filesystem::path state_;
};

}  // namespace fedstake::client
