// verify and status: looking at a federation from outside its rounds.
#include <chrono>
#include <iostream>
#include <vector>

#include <nlohmann/json.hpp>

#include "client/app/audit_job.hpp"
#include "client/app/chain_access.hpp"
#include "client/app/commands.hpp"
#include "client/app/inquiry.hpp"
#include "client/app/status_text.hpp"

namespace fedstake::client {

namespace {

using nlohmann::json;
using session::Check;

constexpr std::uint32_t kAttemptsTried = 16;

// The record that a round started from. Where rounds were voided together, it is a voided one too.
Result<wire::RoundRecord> record_before(Inquiry& inquiry, const rules::RoundContext& context) {
    const auto fits = [&](const wire::RoundRecord& record) {
        return record.commitment.model == context.base_model &&
               record.commitment.rewards_root == context.previous_rewards_root;
    };
    FS_ASSIGN(wire::RoundRecord standing, inquiry.round_record(context.round - 1));
    if (fits(standing)) return standing;
    for (std::uint32_t attempt = 1; attempt <= context.attempt + kAttemptsTried; ++attempt) {
        auto record = inquiry.round_record(context.round - 1, attempt);
        if (record && fits(*record)) return record;
        if (!record && record.error().code != Errc::kNotFound) return record;
    }
    return standing;  // the comparison says what differs
}

// Whether M different auditors of the manifest signed this very commitment.
Check check_signatures(const Site& site, const wire::RoundRecord& record) {
    const std::uint32_t good = valid_signatures(site.manifest, record);
    const std::uint32_t needed = site.manifest.rules.schedule.auditors_needed;
    return {.figure = "auditor signatures",
            .claimed = "at least " + std::to_string(needed),
            .recomputed = std::to_string(good) + " valid",
            .matches = good >= needed};
}

Result<Check> check_chain(const Site& site, const wire::RoundRecord& record,
                          const std::atomic<bool>& stop) {
    FS_ASSIGN(const auto ledger, open_ledger(site, LedgerUse::kRead, stop));
    const std::string recomputed = record.commitment.struct_hash().hex();
    const auto stored = ledger->committed(record.round);
    if (!stored && stored.error().code != Errc::kNotFound) return tl::unexpected(stored.error());
    return Check{.figure = "commitment on the chain",
                 .claimed = stored ? stored->hex() : "none",
                 .recomputed = recomputed,
                 .matches = stored && stored->hex() == recomputed};
}

void print_checks(const std::vector<Check>& checks) {
    for (const Check& check : checks) {
        if (check.matches) {
            std::cout << "  ok        " << check.figure << "  " << check.recomputed << "\n";
        } else {
            std::cout << "  MISMATCH  " << check.figure << "\n              claimed    "
                      << check.claimed << "\n              recomputed " << check.recomputed << "\n";
        }
    }
}

json checks_json(const std::vector<Check>& checks) {
    json list = json::array();
    for (const Check& check : checks) {
        list.push_back({{"figure", check.figure},
                        {"claimed", check.claimed},
                        {"recomputed", check.recomputed},
                        {"matches", check.matches}});
    }
    return list;
}

Result<session::Verification> recompute(const Site& site, const AuditJob& job, Inquiry& inquiry,
                                        const std::atomic<bool>& stop) {
    FS_TRY(inquiry.fetch(job.blobs()));
    for (;;) {
        FS_ASSIGN(const std::vector<Digest> more, job.more_blobs(site.manifest, inquiry.store()));
        if (more.empty()) break;
        FS_TRY(inquiry.fetch(more, job.bytes_max(more.front())));
    }
    auto verification = job.run(site.manifest, inquiry.store(), site.config.audit_threads, &stop);
    if (!verification && verification.error().code == Errc::kCorrupt) {
        inquiry.store().remove_damaged();  // to be fetched again next time
    }
    return verification;
}

}  // namespace

Result<ExitCode> verify(const VerifyOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const Site site, open_site(options.config));
    if (!site.entry.audits) {
        return fail(Errc::kUnauthorized, "site '" + site.entry.name +
                                             "' is not an auditor: only auditors may read single "
                                             "updates, which a recomputation needs");
    }
    FS_ASSIGN(const auto inquiry,
              Inquiry::open(site, std::chrono::seconds(options.timeout_s), stop));
    FS_ASSIGN(const wire::RoundRecord record,
              inquiry->round_record(options.round, options.attempt));
    const bool voided = record.state == "voided";
    FS_ASSIGN(AuditJob job, AuditJob::from(record));
    if (options.round > 1) {
        FS_ASSIGN(const wire::RoundRecord previous, record_before(*inquiry, job.claim().context));
        FS_TRY(job.set_previous(previous, site.manifest));
    }
    FS_ASSIGN(session::Verification verification, recompute(site, job, *inquiry, stop));
    verification.checks.push_back(check_signatures(site, record));
    if (site.manifest.chain.enabled && !voided) {
        FS_ASSIGN(Check on_chain, check_chain(site, record, stop));
        verification.checks.push_back(std::move(on_chain));
    }
    const bool verified = verification.matches();
    if (options.json) {
        std::cout << json({{"round", options.round},
                           {"attempt", record.attempt},
                           {"voided", voided},
                           {"verified", verified},
                           {"transaction", record.transaction.hex()},
                           {"checks", checks_json(verification.checks)}})
                         .dump()
                  << "\n";
    } else {
        std::cout << "round " << options.round
                  << (voided ? " attempt " + std::to_string(record.attempt + 1) +
                                   " (voided: it counts no more)"
                             : "")
                  << ", recomputed from " << job.claim().updates.size() << " signed updates\n";
        print_checks(verification.checks);
        std::cout << (verified ? "verified: every figure matches\n"
                               : "NOT verified: " + verification.first_difference() + "\n");
    }
    return verified ? ExitCode::kSuccess : ExitCode::kVerifyFailed;
}

Status status(const StatusOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const Site site, open_site(options.config));
    FS_ASSIGN(const auto inquiry,
              Inquiry::open(site, std::chrono::seconds(options.timeout_s), stop));
    FS_ASSIGN(const std::string text, inquiry->status_json());
    FS_ASSIGN(const std::string shown, status_text(text, options.json));
    std::cout << shown << "\n";
    return {};
}

}  // namespace fedstake::client
