// The coordinator's parts and how they are wired. Private to coordinator*.cpp.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/app/aggregation_job.hpp"
#include "coordinator/app/blob_desk.hpp"
#include "coordinator/app/coordinator.hpp"
#include "coordinator/app/event_loop.hpp"
#include "coordinator/app/http_server.hpp"
#include "coordinator/app/ledger_poster.hpp"
#include "coordinator/app/metrics.hpp"
#include "coordinator/app/outbox_table.hpp"
#include "coordinator/app/run_reporter.hpp"
#include "coordinator/app/site_link.hpp"
#include "coordinator/app/upload_desk.hpp"
#include "coordinator/round/round_driver.hpp"
#include "coordinator/store/blob_store.hpp"
#include "coordinator/store/data_dir.hpp"
#include "coordinator/store/event_journal.hpp"
#include "coordinator/store/round_table.hpp"

namespace fedstake::coordinator {

class Coordinator::Impl final : public round::ActionPerformer {
public:
    Impl(Config config, manifest::Manifest manifest, Keys keys, RunOptions options,
         store::DataDir data_dir, std::unique_ptr<store::Database> database,
         std::unique_ptr<store::BlobStore> blobs, std::vector<EventLog> logs);

    [[nodiscard]] Status open();
    [[nodiscard]] Result<ExitCode> run();
    void stop() noexcept { loop_.stop(); }
    [[nodiscard]] std::uint16_t site_port() const noexcept { return site_port_; }
    [[nodiscard]] std::uint16_t http_port() const noexcept { return http_->port(); }

    [[nodiscard]] Status perform(Timestamp now, const round::Action& action) override;

private:
    // coordinator_start.cpp: opening.
    [[nodiscard]] Status bind_data_folder();
    [[nodiscard]] Status open_network();
    [[nodiscard]] Status open_ledger();
    [[nodiscard]] Status load_finished_rounds();
    [[nodiscard]] Status load_voided_rounds();
    // Everybody may read the models of an attested round, auditors its updates, aggregate and
    // state.
    void serve_round(const round::RecordResult& record);
    // Auditors may read the state and the vectors that it names.
    void serve_state(const Digest& root);
    [[nodiscard]] Result<Digest> store_initial_model();
    [[nodiscard]] Status wait_for_stakes();
    [[nodiscard]] Status start_rounds(const Digest& initial_model);
    [[nodiscard]] Status check_stored_updates();
    [[nodiscard]] round::MachineConfig machine_config() const;
    [[nodiscard]] std::vector<round::RosterEntry> roster() const;

    // coordinator.cpp: the loop.
    [[nodiscard]] Status turn();
    [[nodiscard]] Duration longest_wait(Timestamp now) const;
    void housekeeping(Timestamp now);
    [[nodiscard]] std::optional<ExitCode> finished(Timestamp now);
    [[nodiscard]] bool sites_reported(Timestamp now) const;
    [[nodiscard]] ExitCode say_goodbye(ExitCode code);
    void wait_for_goodbyes();
    // Applies an event; an Error of the driver ends the run.
    void apply(const round::Event& event);
    void fatal(const Error& error);

    // coordinator_actions.cpp: what the machine asks for.
    Status act(Timestamp now, const round::WaitForSites& action);
    Status act(Timestamp now, const round::AnnounceRound& action);
    Status act(Timestamp now, const round::AllowUpload& action);
    Status act(Timestamp now, const round::SendReceipt& action);
    Status act(Timestamp now, const round::RefuseUpdate& action);
    Status act(Timestamp now, const round::StartAggregation& action);
    Status act(Timestamp now, const round::RequestAttestation& action);
    Status act(Timestamp now, const round::RecordResult& action);
    Status act(Timestamp now, const round::AnnounceAbort& action);
    Status act(Timestamp now, const round::PostIntent& action);
    Status act(Timestamp now, const round::ReleaseModel& action);
    Status act(Timestamp now, const round::Finish& action);
    Status act(Timestamp now, const round::Stop& action);
    // coordinator_voids.cpp
    Status act(Timestamp now, const round::TakeBack& action);
    Status act(Timestamp now, const round::DropIntent& action);
    [[nodiscard]] wire::RoundOpen round_open(Timestamp now) const;
    [[nodiscard]] wire::AttestRequest attest_request() const;

    // coordinator_messages.cpp: what sites say.
    void on_input(const transport::ServerInput& input);
    void on_message(const transport::PeerId& peer, const wire::Message& message);
    void on(const transport::PeerId& peer, const wire::Hello& message);
    void on(const transport::PeerId& peer, const wire::Bye& message);
    void on(const transport::PeerId& peer, const wire::SiteMetrics& message);
    void on(const transport::PeerId& peer, const wire::UploadBegin& message);
    void on(const transport::PeerId& peer, const wire::UploadChunk& message);
    void on(const transport::PeerId& peer, const wire::UploadEnd& message);
    void on(const transport::PeerId& peer, const wire::FetchBegin& message);
    void on(const transport::PeerId& peer, const wire::FetchChunk& message);
    void on(const transport::PeerId& peer, const wire::Attestation& message);
    void on(const transport::PeerId& peer, const wire::AttestRefusal& message);
    void on(const transport::PeerId& peer, const wire::RoundRecordRequest& message);
    void on(const transport::PeerId& peer, const wire::StatusRequest& message);
    void on_upload_finished(UploadFinished finished);
    void refuse(const transport::PeerId& peer, wire::RefusalCode code, std::string reason,
                RoundNumber round = 0, const Digest& root = {});
    [[nodiscard]] bool is_auditor(const SiteId& site) const;
    // Of that attempt; of the one that stands where none is named.
    [[nodiscard]] Result<wire::RoundRecord> round_record(RoundNumber round,
                                                         std::optional<std::uint32_t> attempt);

    // coordinator_chain.cpp: what the chain says.
    void on_news(const LedgerNews& news);
    void on_news(const ChainDown& news);
    void on_news(const ChainUp& news);
    void on_news(const IntentChanged& news);
    void on_news(const StakesChanged& news);
    void on_news(const SlashCaseChanged& news);
    void on_news(const RoundBecameFinal& news);
    void on_news(const RoundWasVoided& news);
    void on_news(const IntentFailed& news);
    // coordinator_demands.cpp
    void on_news(const DemandsChanged& news);
    void on_demanded(const chain::OpenDemand& demand);
    // RETURNS why the store has no answer that the contract would take.
    [[nodiscard]] Result<chain::Intent> answer_to(const chain::OpenDemand& demand);
    void warn_of_large_answers();
    // Of a final round, whose demand a reorganisation took back.
    void drop_answers(RoundNumber round);

    // coordinator_voids.cpp: the round before a voided one, whole.
    [[nodiscard]] Result<round::Standing> standing_of(RoundNumber round);
    [[nodiscard]] bool is_voided(RoundNumber round, std::uint32_t attempt) const;
    void spare_accused();

    void report_status(Timestamp now);
    [[nodiscard]] std::string status_json() const;
    [[nodiscard]] const round::State& state() const { return driver_->machine().state(); }

    Config config_;
    manifest::Manifest manifest_;
    Keys keys_;
    RunOptions options_;
    crypto::Eip712Domain domain_;
    Metrics metrics_;

    store::DataDir data_dir_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<store::BlobStore> blobs_;
    store::EventJournal journal_;
    store::RoundTable rounds_;

    RunReporter reporter_;
    EventLoop loop_;
    std::optional<round::RoundDriver> driver_;
    std::unique_ptr<HttpServer> http_;
    std::unique_ptr<SiteLink> link_;
    std::uint16_t site_port_ = 0;
    BlobDesk blob_desk_;

    std::map<std::string, chain::IntentStatus> intents_;
    std::set<Digest> spared_;                                   // slash cases about voided rounds
    std::set<std::string> dropped_;                             // intents of voided rounds
    std::vector<chain::OpenDemand> demands_;                    // not met yet
    std::vector<store::RoundLine> voided_;                      // by round and attempt
    std::set<SiteId> reporting_sites_;                          // that ever sent figures
    std::map<RoundNumber, std::set<SiteId>> figures_received_;  // of the latest rounds
    std::optional<Timestamp> settling_since_;
    Timestamp housekept_{INT64_MIN / 2};
    Timestamp closed_at_;
    // The last word of a node that does not serve; empty message: it serves.
    Error chain_trouble_{.code = Errc::kUnavailable, .message = ""};
    bool finish_asked_ = false;
    std::optional<std::string> stop_reason_;
    std::optional<Error> fatal_;

    // Last: their threads use what is above, and end first.
    std::unique_ptr<UploadDesk> uploads_;
    std::unique_ptr<LedgerPoster> poster_;
    std::unique_ptr<Worker> worker_;
};

}  // namespace fedstake::coordinator
