// The round thread's loop.
#include "coordinator/app/coordinator.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "coordinator/app/clock.hpp"
#include "coordinator/app/coordinator_impl.hpp"
#include "proto/base/log.hpp"

namespace fedstake::coordinator {

namespace {

// Between two looks at the deadline, the chain and the live line.
constexpr Duration kIdle{200};
// For the sites to hang up after the last word.
constexpr Duration kGoodbye{1'000};
// Messages taken in one turn, so that deadlines are looked at in between.
constexpr int kInputsPerTurn = 64;
// The newest of the voided rounds in the status.
constexpr std::size_t kVoidedShown = 64;

}  // namespace

Duration Coordinator::Impl::longest_wait(Timestamp at) const {
    const auto deadline = driver_->machine().next_deadline();
    if (!deadline || options_.serve_only) {
        return kIdle;
    }
    return Duration{std::clamp<std::int64_t>((*deadline - at).ms, 0, kIdle.ms)};
}

Status Coordinator::Impl::turn() {
    for (const EventLoop::Task& task : loop_.wait(longest_wait(now()))) {
        task();
    }
    int taken = 0;
    while (!fatal_ && taken < kInputsPerTurn) {
        const auto input = link_->server().try_next();
        if (!input) {
            break;
        }
        on_input(*input);
        ++taken;
    }
    if (taken == kInputsPerTurn) {
        loop_.wake();
    }
    if (!options_.serve_only) {
        FS_TRY(driver_->tick(now()));
    }
    housekeeping(now());
    if (fatal_) {
        return tl::unexpected<Error>(*fatal_);
    }
    return {};
}

Result<ExitCode> Coordinator::Impl::run() {
    if (!options_.serve_only) {
        FS_ASSIGN(const Digest initial, store_initial_model());
        FS_TRY(wait_for_stakes());
        if (loop_.stopped()) {
            return say_goodbye(ExitCode::kInterrupted);
        }
        FS_TRY(start_rounds(initial));
    }
    for (;;) {
        FS_TRY(turn());
        if (loop_.stopped()) {
            return say_goodbye(ExitCode::kInterrupted);
        }
        if (stop_reason_) {
            reporter_.event(now(), "stopped", {{"reason", *stop_reason_}});
            reporter_.say("stopped: " + *stop_reason_ + "; start again to allow more attempts");
            return say_goodbye(ExitCode::kRoundsFailed);
        }
        if (const auto code = finished(now())) {
            return say_goodbye(*code);
        }
    }
}

void Coordinator::Impl::apply(const round::Event& event) {
    if (fatal_) {
        return;
    }
    // Serving only, a round stands still: the next run goes on with it. The chain goes on by
    // itself.
    if (options_.serve_only && !std::holds_alternative<round::RoundPosted>(event) &&
        !std::holds_alternative<round::RoundFinal>(event)) {
        return;
    }
    if (const Status done = driver_->handle(now(), event); !done) {
        fatal(done.error());
    }
}

void Coordinator::Impl::fatal(const Error& error) {
    if (!fatal_) {
        fatal_ = error;
    }
}

// ---- The end -----------------------------------------------------------------------------------

// Whether the figures of the last model have come from every site that usually sends them.
bool Coordinator::Impl::sites_reported(Timestamp at) const {
    if (!state().last || at - *settling_since_ > options_.report_timeout) {
        return true;
    }
    const RoundNumber last = state().last->commitment.round;
    const auto received = figures_received_.find(last);
    return std::ranges::all_of(link_->sites(), [&](const SiteId& site) {
        const bool expected = last == 1 || reporting_sites_.contains(site);
        const auto* member = state().last->context.find(site);
        return !expected || member == nullptr || member->barred ||
               (received != figures_received_.end() && received->second.contains(site));
    });
}

std::optional<ExitCode> Coordinator::Impl::finished(Timestamp at) {
    const round::Phase phase = state().phase;
    if (options_.serve_only) {
        return std::nullopt;
    }
    if (phase != round::Phase::kSettling && phase != round::Phase::kFinished) {
        return std::nullopt;
    }
    if (!settling_since_) {
        settling_since_ = at;
    }
    const bool settled = finish_asked_ && (!poster_ || poster_->settled());
    if (settled && sites_reported(at)) {
        return ExitCode::kSuccess;
    }
    if (!settled && at - *settling_since_ > options_.settle_timeout) {
        return ExitCode::kNotNow;
    }
    return std::nullopt;
}

ExitCode Coordinator::Impl::say_goodbye(ExitCode code) {
    reporter_.flush();
    const bool complete = code == ExitCode::kSuccess && finish_asked_;
    if (complete || code == ExitCode::kNotNow) {
        const auto unsettled = poster_ ? poster_->unsettled() : std::vector<std::string>();
        reporter_.event(now(), "finished",
                        {{"rounds", state().last ? state().last->commitment.round : 0},
                         {"last_round", state().last ? state().last->commitment.round : 0},
                         {"model", state().last ? state().last->commitment.model.hex() : ""},
                         {"settled", complete},
                         {"unsettled", unsettled}});
        reporter_.say(complete ? "all rounds are done and settled"
                               : fmt::format("all rounds are done, but not settled in time: {} "
                                             "things to do; start again to go on",
                                             unsettled.size()));
    }
    // A site leaves for good when the run is complete; otherwise it connects again.
    if (complete) {
        link_->broadcast(wire::Bye{"the run is complete"});
        wait_for_goodbyes();
    }
    link_->server().stop();
    return code;
}

// A site that is told to leave hangs up by itself: closing the port first could take back the word
// that it has not read yet.
void Coordinator::Impl::wait_for_goodbyes() {
    const Timestamp limit = now() + kGoodbye;
    while (!link_->sites().empty() && now() < limit) {
        for (const EventLoop::Task& task : loop_.wait(Duration{20})) {
            task();
        }
        while (const auto input = link_->server().try_next()) {
            on_input(*input);
        }
    }
}

// ---- Housekeeping ------------------------------------------------------------------------------

void Coordinator::Impl::housekeeping(Timestamp at) {
    if (at - housekept_ < kIdle) {
        return;
    }
    housekept_ = at;
    if (state().phase == round::Phase::kCollecting) {
        const auto stored = driver_->machine().stored_updates().size();
        reporter_.progress(at, stored, state().progress.size(), state().deadline,
                           state().context.round);
    }
    report_status(at);
}

void Coordinator::Impl::report_status(Timestamp /*at*/) {
    const round::State& s = state();
    const std::size_t received = driver_->machine().stored_updates().size();
    const transport::RouterStats traffic = link_->server().stats();
    const auto free = blobs_->free_bytes();
    std::map<std::string, std::uint64_t> intents;
    for (const auto& [key, status] : intents_) {
        ++intents[std::string(chain::intent_state_name(status.state))];
    }
    const std::size_t depth = poster_ ? poster_->unsettled().size() : 0;
    std::string json = status_json();
    metrics_.change([&](MetricsSnapshot& m) {
        m.phase = round::phase_name(s.phase);
        m.round = s.context.round;
        m.attempt = s.context.attempt;
        m.received = received;
        m.expected = s.progress.size();
        m.sites_online = link_->sites().size();
        m.handshakes_refused = {{"not-enrolled", traffic.refused_not_enrolled},
                                {"too-many", traffic.refused_too_many},
                                {"malformed", traffic.refused_malformed}};
        m.messages_in = traffic.messages_in;
        m.messages_out = traffic.messages_out;
        m.bytes_in = traffic.bytes_in;
        m.bytes_out = traffic.bytes_out;
        m.messages_dropped = traffic.dropped_unverified + traffic.dropped_shape +
                             traffic.dropped_site_full + link_->dropped();
        m.intents = std::move(intents);
        m.outbox_depth = depth;
        m.chain_enabled = manifest_.chain.enabled;
        m.disk_free_bytes = free ? *free : 0;
        m.status_json = std::move(json);
    });
}

std::string Coordinator::Impl::status_json() const {
    const round::State& s = state();
    nlohmann::ordered_json json;
    json["federation"] = manifest_.federation.hex();
    json["name"] = manifest_.name;
    json["phase"] = round::phase_name(s.phase);
    json["round"] = s.context.round;
    json["attempt"] = s.context.attempt;
    json["rounds_max"] = s.rounds_max;
    json["deadline_ms"] = driver_->machine().next_deadline().value_or(Timestamp{0}).ms;
    json["base_model"] = s.context.base_model.hex();
    json["last_attested"] = s.last ? s.last->commitment.round : 0;
    json["not_final"] = s.ledger.size();
    json["stop_reason"] = s.stop_reason;
    json["voided"] = nlohmann::ordered_json::array();
    const std::size_t shown = std::min(voided_.size(), kVoidedShown);
    for (const store::RoundLine& line : std::span(voided_).last(shown)) {
        json["voided"].push_back({{"round", line.round},
                                  {"attempt", line.attempt},
                                  {"commitment", line.commitment.hex()}});
    }
    json["sites"] = nlohmann::ordered_json::array();
    for (const rules::CohortMember& member : s.context.cohort) {
        nlohmann::ordered_json site;
        site["site"] = member.site.hex();
        site["name"] = reporter_.names().of(member.site);
        site["online"] = link_->online(member.site);
        const auto progress = s.progress.find(member.site);
        const char* update = progress == s.progress.end()                        ? "not-asked"
                             : progress->second.stored                           ? "stored"
                             : progress->second.refusal != round::Refusal::kNone ? "refused"
                             : progress->second.update                           ? "uploading"
                                                                                 : "awaited";
        site["update"] = update;
        site["stake"] = amount_to_string(member.stake);
        site["cumulative_reward"] = amount_to_string(member.cumulative_reward);
        site["strikes"] = member.strikes;
        site["offences"] = member.offences;
        site["barred"] = member.barred;
        json["sites"].push_back(std::move(site));
    }
    json["intents"] = nlohmann::ordered_json::array();
    for (const auto& [key, status] : intents_) {
        json["intents"].push_back({{"key", key},
                                   {"state", chain::intent_state_name(status.state)},
                                   {"tx", status.transaction.hex()},
                                   {"detail", status.detail}});
    }
    return json.dump();
}

// ---- The public face ---------------------------------------------------------------------------

Coordinator::Coordinator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Coordinator::~Coordinator() = default;

Result<ExitCode> Coordinator::run() {
    return impl_->run();
}
void Coordinator::stop() noexcept {
    impl_->stop();
}
std::uint16_t Coordinator::site_port() const noexcept {
    return impl_->site_port();
}
std::uint16_t Coordinator::http_port() const noexcept {
    return impl_->http_port();
}

Result<std::unique_ptr<Coordinator>> Coordinator::open(Config config, manifest::Manifest manifest,
                                                       Keys keys, RunOptions options) {
    FS_ASSIGN(auto data_dir, store::DataDir::open(config.data));
    FS_ASSIGN(auto database, store::Database::open(config.data / "coordinator.db"));
    FS_ASSIGN(auto blobs, store::BlobStore::open(config.data));
    std::vector<EventLog> logs;
    if (!options.events.empty()) {
        FS_ASSIGN(auto log, EventLog::open(options.events));
        logs.push_back(std::move(log));
    }
    if (options.json) {
        logs.push_back(EventLog::standard_output());
    }
    auto impl = std::make_unique<Impl>(std::move(config), std::move(manifest), std::move(keys),
                                       std::move(options), std::move(data_dir), std::move(database),
                                       std::move(blobs), std::move(logs));
    FS_TRY(impl->open());
    return std::unique_ptr<Coordinator>(new Coordinator(std::move(impl)));
}

}  // namespace fedstake::coordinator
