// The documents and blobs of a committed round, each checked against what the chain holds.
//
// The site's own evidence first, then the chain (with what was posted for a demand), and only then
// the coordinator, who may be the one
// that lies: what it serves counts only where it is what was committed.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/app/evidence_folder.hpp"
#include "client/app/inquiry.hpp"
#include "client/app/site.hpp"
#include "client/app/state_store.hpp"
#include "contracts/cpp/evm/blob_opening.hpp"
#include "contracts/cpp/evm/proof_desk.hpp"

namespace fedstake::client {

// What is there of a round. Everything here is what the commitment binds.
struct RoundPapers {
    crypto::RoundCommitment commitment;
    std::optional<Bytes> context;
    std::optional<Bytes> report;
    std::optional<std::vector<rules::SignedUpdate>> updates;  // in the order of the updates tree
    std::optional<std::vector<evm::UpdateLeaf>> leaves;       // of that tree; wherever updates are
    // A sentence for each part that could not be had.
    std::vector<std::string> missing;
};

class PaperSource {
public:
    // Makes a working folder beside the site's state; it goes with the object. The coordinator is
    // asked when something is not there otherwise, and for at most `limit` in all.
    [[nodiscard]] static Result<std::unique_ptr<PaperSource>> open(const Site& site,
                                                                   std::chrono::seconds limit,
                                                                   const std::atomic<bool>& stop);
    ~PaperSource();
    PaperSource(const PaperSource&) = delete;
    PaperSource& operator=(const PaperSource&) = delete;

    // REQUIRES the chain's ring to hold the round. RETURNS kNotFound where nobody knows the
    // commitment behind the hash; parts that are missing are no error.
    // with_updates: they are for auditors only, and large.
    [[nodiscard]] Result<RoundPapers> papers(const evm::CommittedRound& round, evm::ProofDesk& desk,
                                             bool with_updates);

    // Everything that sites signed about the round, in all copies: the site's own and the
    // coordinator's.
    [[nodiscard]] std::vector<rules::SignedUpdate> all_signed(RoundNumber round) const;

    // The blob, in the working folder and with that content root. RETURNS kCorrupt where the only
    // copy to be had is another, and what Inquiry::fetch() does.
    // bytes_max: larger ones are not downloaded; nothing: the size of a model.
    [[nodiscard]] Result<const evm::OpenableBlob*> blob(
        const Digest& root, std::optional<std::uint64_t> bytes_max = std::nullopt);

    // The working folder: holds what blob() gave.
    [[nodiscard]] const StateStore& store() const noexcept { return *store_; }
    [[nodiscard]] const EvidenceFolder& evidence() const noexcept { return evidence_; }

private:
    PaperSource(const Site& site, std::filesystem::path folder, StateStore store,
                std::chrono::steady_clock::time_point deadline, const std::atomic<bool>& stop);
    [[nodiscard]] Result<Inquiry*> coordinator();
    // The coordinator's record, asked for once.
    [[nodiscard]] Result<const wire::RoundRecord*> record(RoundNumber round);
    [[nodiscard]] Result<crypto::RoundCommitment> commitment_of(const evm::CommittedRound& round,
                                                                evm::ProofDesk& desk);
    void take_own(RoundPapers& papers, bool with_updates) const;
    // What somebody has posted for a demand.
    [[nodiscard]] static Status take_answer(RoundPapers& papers, evm::ProofDesk& desk);
    void take_record(RoundPapers& papers, bool with_updates);
    void add_leaves(RoundPapers& papers) const;
    [[nodiscard]] Status adopt(const std::filesystem::path& file, const Digest& root) const;

    const Site& site_;
    std::filesystem::path folder_;
    std::optional<StateStore> store_;
    EvidenceFolder evidence_;
    std::chrono::steady_clock::time_point deadline_;
    const std::atomic<bool>& stop_;
    std::unique_ptr<Inquiry> inquiry_;
    std::optional<Error> silence_;  // why there is no inquiry_
    std::map<RoundNumber, Result<wire::RoundRecord>> records_;
    std::map<Digest, evm::OpenableBlob> blobs_;
};

}  // namespace fedstake::client
