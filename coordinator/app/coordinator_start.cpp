// Opening the coordinator: data folder, ports, chain, journal, first round.
#include <unistd.h>
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aggregation/registry.hpp"
#include "contracts/cpp/evm/evm_ledger.hpp"
#include "contracts/cpp/evm/json_rpc.hpp"
#include "coordinator/app/aggregation_job.hpp"
#include "coordinator/app/chain_link.hpp"
#include "coordinator/app/clock.hpp"
#include "coordinator/app/coordinator_impl.hpp"
#include "coordinator/app/initial_model.hpp"
#include "coordinator/app/text_file.hpp"
#include "coordinator/store/meta_table.hpp"
#include "proto/base/log.hpp"
#include "proto/crypto/random.hpp"
#include "proto/manifest/endpoint.hpp"

namespace fedstake::coordinator {

Coordinator::Impl::Impl(Config config, manifest::Manifest manifest, Keys keys, RunOptions options,
                        store::DataDir data_dir, std::unique_ptr<store::Database> database,
                        std::unique_ptr<store::BlobStore> blobs, std::vector<EventLog> logs)
    : config_(std::move(config)),
      manifest_(std::move(manifest)),
      keys_(std::move(keys)),
      options_(std::move(options)),
      domain_(manifest_.domain()),
      data_dir_(std::move(data_dir)),
      database_(std::move(database)),
      blobs_(std::move(blobs)),
      journal_(*database_),
      rounds_(*database_),
      reporter_(SiteNames(manifest_), std::move(logs),
                {.console = !options_.json,
                 .terminal = ::isatty(STDOUT_FILENO) == 1,
                 .chain_enabled = manifest_.chain.enabled,
                 .auditors_needed = manifest_.rules.schedule.auditors_needed}),
      blob_desk_(*blobs_),
      worker_(std::make_unique<Worker>()) {
    uploads_ = std::make_unique<UploadDesk>(
        *blobs_, manifest_.rules, *worker_, loop_,
        [this](UploadFinished finished) { on_upload_finished(std::move(finished)); });
}

Status Coordinator::Impl::open() {
    FS_TRY(bind_data_folder());
    FS_TRY(load_finished_rounds());
    FS_TRY(open_network());
    FS_TRY(open_ledger());
    spare_accused();
    FS_ASSIGN(auto driver, round::RoundDriver::resume(machine_config(), journal_, *this, now()));
    driver_.emplace(std::move(driver));
    for (const auto& [round, entry] : state().ledger) {
        if (poster_) {
            poster_->watch(round, entry.commitment, entry.intents.front());
        }
    }
    blob_desk_.add_model(state().context.base_model);
    for (const rules::SignedUpdate& update : driver_->machine().stored_updates()) {
        blob_desk_.add_for_auditors(update.statement.update_root);
    }
    report_status(now());
    return {};
}

// A folder that was made for one federation, its rules and its contracts serves no other: the
// journal would not replay.
Status Coordinator::Impl::bind_data_folder() {
    const std::string where = config_.data.string();
    FS_TRY(store::bind_meta(*database_, "federation", manifest_.federation.view(),
                            where + ": this data folder belongs to another federation; give the "
                                    "coordinator its own folder (data in coordinator.toml)"));
    FS_TRY(store::bind_meta(*database_, "rules", manifest_.rules.digest().view(),
                            where + ": the rules in the manifest have changed since the first "
                                    "round; restore them, or found a new federation (init)"));
    return store::bind_meta(*database_, "domain", domain_.separator().view(),
                            where +
                                ": chain id or contracts in the manifest have changed since "
                                "the first round; restore them, or found a new federation");
}

Status Coordinator::Impl::load_finished_rounds() {
    FS_ASSIGN(const auto lines, rounds_.list());
    for (const store::RoundLine& line : lines) {
        FS_ASSIGN(const auto record, rounds_.get(line.round));
        serve_round(record);
    }
    metrics_.change([&](MetricsSnapshot& m) { m.rounds_attested = lines.size(); });
    return load_voided_rounds();
}

void Coordinator::Impl::serve_round(const round::RecordResult& record) {
    blob_desk_.add_model(record.commitment.parent_model);
    blob_desk_.add_model(record.commitment.model);
    blob_desk_.add_for_auditors(record.commitment.aggregate_root);
    for (const rules::SignedUpdate& update : record.updates) {
        blob_desk_.add_for_auditors(update.statement.update_root);
    }
    serve_state(record.report.state);
}

void Coordinator::Impl::serve_state(const Digest& root) {
    blob_desk_.add_for_auditors(root);
    const auto rule = aggregation::find_rule(manifest_.rules.aggregation.rule.name);
    if (!rule || (*rule)->needs.memory == aggregation::MemoryRows::kNone) {
        return;  // its vectors are updates and aggregates, which auditors may read anyway
    }
    const auto state = read_state(*blobs_, root);
    if (!state) {
        FS_LOG(kError, "store", "auditors cannot have the vectors of a {}", state.error().message);
        return;
    }
    for (const Digest& vector : aggregation::vectors_needed(*state, /*look_back=*/false)) {
        blob_desk_.add_for_auditors(vector);
    }
}

Status Coordinator::Impl::open_network() {
    FS_ASSIGN(http_, HttpServer::start(config_.http_port, metrics_));
    FS_TRY(replace_file(config_.data / kHttpPortFile, std::to_string(http_->port()) + "\n"));
    FS_ASSIGN(const manifest::Endpoint endpoint, manifest::parse_endpoint(manifest_.endpoint));
    transport::RouterOptions options;
    options.host = config_.listen.empty() ? endpoint.host : config_.listen;
    options.port = endpoint.port;
    options.secret_key = keys_.curve;
    for (const manifest::SiteEntry& entry : manifest_.sites) {
        options.allowed.push_back({.key = entry.curve_key, .site = entry.owner});
    }
    options.on_ready = [this] { loop_.wake(); };
    FS_ASSIGN(auto server, transport::RouterServer::start(std::move(options)));
    if (server->public_key() != manifest_.coordinator_curve_key) {
        return fail(Errc::kUnauthorized,
                    config_.keys.string() + ": curve.json is not the key in the manifest (" +
                        config_.manifest_file.string() + "): sites would not talk to it");
    }
    site_port_ = server->port();
    link_ = std::make_unique<SiteLink>(std::move(server));
    return {};
}

Status Coordinator::Impl::open_ledger() {
    if (!manifest_.chain.enabled) {
        return {};
    }
    const manifest::ChainEntry& chain = manifest_.chain;
    FS_ASSIGN(auto rpc, evm::JsonRpc::open(config_.rpc));
    evm::EvmLedgerOptions options;
    options.contracts = contract_addresses(chain);
    options.federation = manifest_.federation;
    options.terms = {.federation = manifest_.federation,
                     .coordinator = manifest_.coordinator,
                     .auditors = manifest_.auditors(),
                     .threshold = manifest_.rules.schedule.auditors_needed,
                     .accusation_bps_max = manifest_.rules.settlement.slash_bps_max,
                     .rules_digest = manifest_.rules.digest()};
    options.outbox.confirmations = confirmations_of(config_, chain.chain_id);
    FS_ASSIGN(auto key, crypto::SigningKey::from_secret(keys_.signer.secret()));
    FS_ASSIGN(auto ledger,
              evm::EvmLedger::open(std::move(rpc), std::move(key),
                                   std::make_unique<OutboxTable>(*database_), std::move(options)));
    // A node that is away or behind is no reason not to start; a chain that holds something else
    // is: nothing would ever be settled.
    if (const Status fits = ledger->check(); !fits && fits.error().code == Errc::kConflict) {
        return with_context(fits.error(), config_.manifest_file.string());
    }
    warn_of_large_answers();
    PosterOptions poster;
    for (const manifest::SiteEntry& entry : manifest_.sites) {
        if (entry.trains) {
            poster.sites.push_back(entry.owner);
        }
    }
    poster.poll = config_.poll;
    poster.on_news = [this](LedgerNews news) {
        loop_.post([this, news = std::move(news)] { on_news(news); });
    };
    poster_ = std::make_unique<LedgerPoster>(std::move(ledger), std::move(poster));
    return {};
}

round::MachineConfig Coordinator::Impl::machine_config() const {
    round::MachineConfig config;
    config.federation = manifest_.federation;
    config.domain = domain_;
    config.rules = manifest_.rules;
    config.chain_enabled = manifest_.chain.enabled;
    return config;
}

std::vector<round::RosterEntry> Coordinator::Impl::roster() const {
    std::vector<round::RosterEntry> roster;
    for (const manifest::SiteEntry& entry : manifest_.sites) {
        roster.push_back({.site = entry.owner,
                          .signer = entry.signer,
                          .name = entry.name,
                          .trains = entry.trains,
                          .audits = entry.audits});
    }
    return roster;
}

Result<Digest> Coordinator::Impl::store_initial_model() {
    if (state().phase != round::Phase::kIdle) {
        return state().initial_model;
    }
    FS_ASSIGN(store::NewBlob model, blobs_->create());
    FS_TRY(write_initial_model(manifest_.rules, config_.initial_model,
                               [&](ByteView bytes) { return model.append(bytes); }));
    FS_ASSIGN(const auto content, model.commit());
    blob_desk_.add_model(content.root);
    return content.root;
}

// The first round needs to know who has staked; later ones go on with the last known stakes.
Status Coordinator::Impl::wait_for_stakes() {
    if (!manifest_.chain.enabled) {
        const rules::SettlementRules& settlement = manifest_.rules.settlement;
        const Amount enough =
            std::max<Amount>(settlement.min_stake, settlement.stake_per_score * limits::kScoreMax);
        round::StakesKnown event;
        for (const manifest::SiteEntry& entry : manifest_.sites) {
            event.stakes.push_back({.site = entry.owner, .stake = enough, .barred = false});
        }
        apply(event);
        return fatal_ ? Status(tl::unexpected<Error>(*fatal_)) : Status{};
    }
    const Timestamp limit = now() + options_.chain_start_timeout;
    while (state().stakes.empty() && !loop_.stopped()) {
        for (const EventLoop::Task& task : loop_.wait(Duration{100})) {
            task();
        }
        if (fatal_) {
            return tl::unexpected<Error>(*fatal_);
        }
        if (state().stakes.empty() && chain_trouble_.code == Errc::kConflict) {
            return with_context(chain_trouble_, config_.manifest_file.string());
        }
        if (now() > limit) {
            const std::string why =
                chain_trouble_.message.empty() ? "" : " (" + chain_trouble_.message + ")";
            return fail(chain_trouble_.code,
                        fmt::format("{}: the chain does not say who has staked{}: check [chain] "
                                    "rpc in {}",
                                    config_.rpc, why, config_.file.string()));
        }
    }
    return {};
}

Status Coordinator::Impl::start_rounds(const Digest& initial_model) {
    const bool resumed = state().phase != round::Phase::kIdle;
    nlohmann::json sites = nlohmann::json::array();
    for (const manifest::SiteEntry& entry : manifest_.sites) {
        sites.push_back({{"site", entry.owner.hex()},
                         {"name", entry.name},
                         {"trains", entry.trains},
                         {"audits", entry.audits}});
    }
    const std::uint64_t rounds = options_.rounds.value_or(UINT64_MAX);
    reporter_.event(now(), "started",
                    {{"name", manifest_.name},
                     {"federation", manifest_.federation.hex()},
                     {"endpoint", manifest_.endpoint},
                     {"http_port", http_->port()},
                     {"chain", manifest_.chain.enabled},
                     {"rounds", options_.rounds.value_or(0)},
                     {"next_round", std::max<RoundNumber>(1, state().context.round)},
                     {"resumed", resumed},
                     {"rule", manifest_.rules.aggregation.rule.name},
                     {"f", manifest_.rules.aggregation.f},
                     {"sites", sites}});
    reporter_.known_rounds(state().last ? state().last->commitment.round : 0);
    reporter_.say(fmt::format("{} '{}' on port {}, health and metrics on http://127.0.0.1:{}",
                              resumed ? "resuming" : "starting", manifest_.name, site_port_,
                              http_->port()));
    FS_TRY(driver_->start(now(), round::Started{.rounds_max = rounds,
                                                .entropy = crypto::random_digest(),
                                                .initial_model = initial_model,
                                                .roster = roster()}));
    return check_stored_updates();
}

// Nothing that got a receipt may be missing; what is half there of other uploads may go on.
Status Coordinator::Impl::check_stored_updates() {
    FS_TRY(blobs_->verify(state().context.base_model));
    std::set<std::pair<SiteId, Digest>> keep;
    for (const auto& [site, progress] : state().progress) {
        if (progress.update && !progress.stored && progress.refusal == round::Refusal::kNone) {
            keep.emplace(site, progress.update->statement.update_root);
        }
    }
    FS_ASSIGN(const std::size_t removed, blobs_->clean_incoming(keep));
    if (removed > 0) {
        FS_LOG(kInfo, "store", "unfinished uploads of earlier rounds deleted count={}", removed);
    }
    for (const rules::SignedUpdate& update : driver_->machine().stored_updates()) {
        const crypto::UpdateStatement& statement = update.statement;
        if (const Status intact = blobs_->verify(statement.update_root); !intact) {
            FS_LOG(kError, "store", "stored update is damaged site={} error={}",
                   statement.site.hex(), intact.error().message);
            apply(round::UpdateLost{.round = statement.round,
                                    .attempt = statement.attempt,
                                    .site = statement.site,
                                    .reason = intact.error().message});
        }
    }
    return {};
}

}  // namespace fedstake::coordinator
