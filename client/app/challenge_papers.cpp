// Own files, answers on the chain, the coordinator: in this order.
#include "client/app/challenge_papers.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "proto/crypto/sha256.hpp"

namespace fedstake::client {

namespace {

namespace fs = std::filesystem;

std::string round_text(RoundNumber round) {
    return "round " + std::to_string(round);
}

// The updates behind the committed root, in its order; nothing for any others.
std::optional<std::vector<rules::SignedUpdate>> committed_updates(
    const crypto::Eip712Domain& domain, const std::vector<Bytes>& encoded, const Digest& root) {
    std::vector<rules::SignedUpdate> updates;
    for (const Bytes& bytes : encoded) {
        auto update = rules::SignedUpdate::decode(bytes);
        if (!update) return std::nullopt;
        updates.push_back(std::move(*update));
    }
    if (evm::root_of(evm::update_leaves(domain, updates)) != root) return std::nullopt;
    return updates;
}

bool is_digest_of(ByteView bytes, const Digest& digest) {
    return crypto::sha256(bytes) == digest;
}

}  // namespace

PaperSource::PaperSource(const Site& site, fs::path folder, StateStore store,
                         std::chrono::steady_clock::time_point deadline,
                         const std::atomic<bool>& stop)
    : site_(site),
      folder_(std::move(folder)),
      store_(std::move(store)),
      evidence_(site.config.state),
      deadline_(deadline),
      stop_(stop) {}

PaperSource::~PaperSource() {
    inquiry_.reset();
    store_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

Result<std::unique_ptr<PaperSource>> PaperSource::open(const Site& site, std::chrono::seconds limit,
                                                       const std::atomic<bool>& stop) {
    fs::path folder = site.config.state.string() + ".challenge-" + std::to_string(::getpid());
    FS_ASSIGN(StateStore store, StateStore::open(folder));
    return std::unique_ptr<PaperSource>(new PaperSource(
        site, std::move(folder), std::move(store), std::chrono::steady_clock::now() + limit, stop));
}

Result<Inquiry*> PaperSource::coordinator() {
    if (inquiry_) return inquiry_.get();
    if (silence_) return tl::unexpected(*silence_);
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(
        deadline_ - std::chrono::steady_clock::now());
    auto opened = Inquiry::open(site_, std::max(left, std::chrono::seconds(1)), stop_);
    if (!opened) {
        silence_ = opened.error();
        return tl::unexpected(*silence_);
    }
    inquiry_ = std::move(*opened);
    return inquiry_.get();
}

Result<const wire::RoundRecord*> PaperSource::record(RoundNumber round) {
    auto found = records_.find(round);
    if (found == records_.end()) {
        const auto asked = coordinator();
        Result<wire::RoundRecord> answer =
            asked ? (*asked)->round_record(round)
                  : Result<wire::RoundRecord>(tl::unexpected(asked.error()));
        found = records_.emplace(round, std::move(answer)).first;
    }
    if (!found->second) return tl::unexpected(found->second.error());
    return &*found->second;
}

Result<crypto::RoundCommitment> PaperSource::commitment_of(const evm::CommittedRound& round,
                                                           evm::ProofDesk& desk) {
    for (const wire::AttestRequest& request : evidence_.requests(round.round)) {
        if (request.commitment.struct_hash() == round.commitment) return request.commitment;
    }
    auto posted = desk.posted_commitment(round.round, round.commitment);
    if (posted || posted.error().code != Errc::kNotFound) return posted;
    const auto served = record(round.round);
    if (served && (*served)->commitment.struct_hash() == round.commitment) {
        return (*served)->commitment;
    }
    return fail(Errc::kNotFound, "nobody shows the commitment of " + round_text(round.round) +
                                     " that the chain "
                                     "holds (" +
                                     round.commitment.hex() + "): " + posted.error().message +
                                     "; " +
                                     (served ? "the coordinator shows another one, " +
                                                   (*served)->commitment.struct_hash().hex()
                                             : served.error().message));
}

void PaperSource::take_own(RoundPapers& papers, bool with_updates) const {
    const crypto::RoundCommitment& c = papers.commitment;
    for (const wire::AttestRequest& request : evidence_.requests(c.round)) {
        if (!papers.context && is_digest_of(request.context, c.context_digest)) {
            papers.context = request.context;
        }
        if (!papers.report && is_digest_of(request.report, c.report_digest)) {
            papers.report = request.report;
        }
        if (with_updates && !papers.updates) {
            papers.updates =
                committed_updates(site_.manifest.domain(), request.signed_updates, c.updates_root);
        }
    }
    add_leaves(papers);
}

void PaperSource::add_leaves(RoundPapers& papers) const {
    if (!papers.updates || papers.leaves) return;
    papers.leaves = evm::update_leaves(site_.manifest.domain(), *papers.updates);
}

Status PaperSource::take_answer(RoundPapers& papers, evm::ProofDesk& desk) {
    if (papers.context && papers.report && papers.leaves) return {};
    evm::DemandDesk demands = desk.demands();
    FS_ASSIGN(const evm::Demand demand, demands.of(papers.commitment.struct_hash()));
    if (demand.state != evm::DemandState::kAnswered) return {};
    auto answer = demands.answer(papers.commitment);
    if (!answer) {
        papers.missing.push_back(answer.error().message);
        return {};
    }
    if (!papers.context) papers.context = std::move(answer->context);
    if (!papers.report) papers.report = std::move(answer->report);
    if (!papers.leaves) papers.leaves = std::move(answer->leaves);
    return {};
}

void PaperSource::take_record(RoundPapers& papers, bool with_updates) {
    const crypto::RoundCommitment& c = papers.commitment;
    if (papers.context && papers.report && (papers.updates || !with_updates)) return;
    const auto served = record(c.round);
    const auto take = [&](const char* what, std::optional<Bytes>& part, const Bytes* bytes,
                          const Digest& digest) {
        if (part) return;
        if (bytes != nullptr && is_digest_of(*bytes, digest)) {
            part = *bytes;
            return;
        }
        papers.missing.push_back("the " + std::string(what) + " of " + round_text(c.round) +
                                 " (SHA-256 " + digest.hex() + "): " +
                                 (bytes == nullptr
                                      ? served.error().message
                                      : "the coordinator serves another one, with SHA-256 " +
                                            crypto::sha256(*bytes).hex()));
    };
    take("context", papers.context, served ? &(*served)->context : nullptr, c.context_digest);
    take("report", papers.report, served ? &(*served)->report : nullptr, c.report_digest);
    if (!with_updates || papers.updates) return;
    if (served) {
        papers.updates =
            committed_updates(site_.manifest.domain(), (*served)->signed_updates, c.updates_root);
        add_leaves(papers);
    }
    if (!papers.updates) {
        papers.missing.push_back(
            "the signed updates of " + round_text(c.round) + " (root " + c.updates_root.hex() +
            "): " + (served ? "the coordinator serves others" : served.error().message));
    }
}

Result<RoundPapers> PaperSource::papers(const evm::CommittedRound& round, evm::ProofDesk& desk,
                                        bool with_updates) {
    RoundPapers papers;
    FS_ASSIGN(papers.commitment, commitment_of(round, desk));
    take_own(papers, with_updates);
    FS_TRY(take_answer(papers, desk));
    take_record(papers, with_updates);
    return papers;
}

std::vector<rules::SignedUpdate> PaperSource::all_signed(RoundNumber round) const {
    std::vector<rules::SignedUpdate> all;
    const auto add = [&all](const std::vector<Bytes>& encoded) {
        for (const Bytes& bytes : encoded) {
            auto update = rules::SignedUpdate::decode(bytes);
            if (update) all.push_back(std::move(*update));
        }
    };
    for (const wire::AttestRequest& request : evidence_.requests(round)) {
        add(request.signed_updates);
    }
    const auto served = records_.find(round);
    if (served != records_.end() && served->second) add(served->second->signed_updates);
    return all;
}

// A second name of the file, or a copy where the disk does not make one.
Status PaperSource::adopt(const fs::path& file, const Digest& root) const {
    std::error_code error;
    fs::create_hard_link(file, store_->blob_path(root), error);
    if (!error || error == std::errc::file_exists) return {};
    fs::copy_file(file, store_->blob_path(root), error);
    if (!error) return {};
    return fail(Errc::kUnavailable, "cannot copy " + file.string() + " to " + folder_.string() +
                                        ": " + error.message());
}

Result<const evm::OpenableBlob*> PaperSource::blob(const Digest& root,
                                                   std::optional<std::uint64_t> bytes_max) {
    if (const auto found = blobs_.find(root); found != blobs_.end()) return &found->second;
    const auto open = [&](const fs::path& file) -> Result<evm::OpenableBlob> {
        FS_ASSIGN(const evm::OpenableBlob there, evm::OpenableBlob::open(file));
        if (there.content().root != root) {
            return fail(Errc::kCorrupt, file.string() + " has content root " +
                                            there.content().root.hex() + ", not " + root.hex());
        }
        FS_TRY(adopt(file, root));
        return there.at(store_->blob_path(root));
    };
    auto own = open(evidence_.blob_path(root));
    if (!own) {
        FS_ASSIGN(Inquiry* const inquiry, coordinator());
        FS_TRY(inquiry->fetch(std::array{root}, bytes_max));
        own = open(inquiry->store().blob_path(root));
    }
    if (!own) return tl::unexpected(own.error());
    return &blobs_.emplace(root, std::move(*own)).first->second;
}

}  // namespace fedstake::client
