// Runs a site: the session machine over a real link, a state folder and local training.
//
// Threads: the caller's (link, transfers, machine), "training" (train and evaluate jobs) and
// "audit". The production client and the attacking site of experiments both run on this class; they
// differ in the SiteTrainer that they hand in.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/app/audit_job.hpp"
#include "client/app/job_thread.hpp"
#include "client/app/state_store.hpp"
#include "client/app/transfers.hpp"
#include "client/session/session_machine.hpp"
#include "client/session/site_trainer.hpp"
#include "client/session/verify.hpp"
#include "proto/manifest/manifest.hpp"
#include "proto/transport/dealer_client.hpp"

namespace fedstake::client {

struct DriverOptions {
    const manifest::Manifest* manifest = nullptr;  // borrowed
    const manifest::SiteEntry* site = nullptr;     // borrowed, entry of the manifest
    const crypto::SigningKey* signer = nullptr;    // borrowed
    transport::CurveSecretKey curve_key;
    bool reports_metrics = true;
    unsigned audit_threads = 1;
    // What the chain says against a context that is audited, on the audit's thread; empty: nothing
    // is asked.
    std::function<Result<std::vector<session::Check>>(const rules::RoundContext&)> check_context;
    // Applied to the outcome of each audit, on the audit's thread; empty: taken as it is.
    std::function<Result<session::Verification>(Result<session::Verification>)> audited;
    std::string software;
};

// How the session went, for the result file and the exit code.
struct SessionSummary {
    bool success = false;
    std::string reason;
    RoundNumber last_round = 0;  // newest model evaluated here
    Digest model;                // its content root
    std::optional<wire::SiteMetrics> last_metrics;
    std::uint64_t audits = 0;
};

class SessionDriver {
public:
    // store and trainer: borrowed. trainer may be null for a site that only audits.
    SessionDriver(DriverOptions options, StateStore& store, session::SiteTrainer* trainer);
    ~SessionDriver();

    // Until the coordinator says goodbye, the session cannot go on, or `stop` becomes true.
    [[nodiscard]] Result<SessionSummary> run(const std::atomic<bool>& stop);

private:
    class KeySigner;
    struct PendingAudit;

    void handle(const transport::ClientInput& input);
    void feed(const session::Event& event);
    void perform(const session::Action& action);
    void act(const session::Send& action);
    void act(const session::EnsureBlob& action);
    void act(const session::Train& action);
    void act(const session::StoreSigned& action);
    void act(const session::StoreAttempts& action);
    // A write without which this site must not go on.
    void must_be_kept(const Status& stored);
    void act(const session::Upload& action);
    void act(const session::StopUpload& action);
    void act(const session::StoreReceipt& action);
    void act(const session::StoreSatOut& action);
    void act(const session::Audit& action);
    void act(const session::Evaluate& action);
    void act(const session::Notify& action);
    void act(const session::Finish& action);

    void pump_transfers();
    void pump_jobs();
    void on_fetched(const FetchResult& result);
    // Takes the record of the round before an audited one; RETURNS whether it was one.
    [[nodiscard]] bool on_record(const wire::Message& message);
    void ask_for_previous();
    void fail_audit(const std::string& reason);
    void start_audit_when_ready();
    // On the audit's thread.
    [[nodiscard]] Result<session::Verification> audit(const AuditJob& job) const;
    void want_for_audit(const std::vector<Digest>& roots);
    void keep_recent_blobs();

    DriverOptions options_;
    StateStore& store_;
    session::SiteTrainer* trainer_;
    std::unique_ptr<KeySigner> signer_;
    std::unique_ptr<session::SessionMachine> machine_;
    std::unique_ptr<transport::DealerClient> link_;
    Transfers transfers_;
    std::unique_ptr<PendingAudit> audit_;
    std::vector<Digest> audited_blobs_;  // of the last audit
    std::deque<Digest> recent_models_;
    std::atomic<bool> leaving_{false};  // ends the training and audit under way; outlives them
    JobThread training_thread_;
    JobThread audit_thread_;
    std::optional<session::Finish> finish_;
    std::optional<Error> fatal_;  // the disk failed us: stop before anything is signed twice
    SessionSummary summary_;
};

}  // namespace fedstake::client
