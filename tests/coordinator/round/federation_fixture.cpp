// A small federation with real keys.
#include "tests/coordinator/round/federation_fixture.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "proto/base/check.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::round::testing {

namespace {

Digest filled(std::uint8_t value) {
    Digest digest;
    digest.bytes.fill(value);
    return digest;
}

crypto::SigningKey key_of(std::uint8_t number) {
    std::array<std::uint8_t, 32> secret{};
    secret.back() = number;
    auto key = crypto::SigningKey::from_secret(secret);
    FS_CHECK(key.has_value());
    return std::move(*key);
}

}  // namespace

Federation::Federation(FederationOptions o) : options(o), federation_(filled(0xfe)) {
    domain_.chain_id = 31337;
    domain_.verifying_contract.bytes.fill(0x22);
    rules_.coordinates = 4;
    rules_.schedule.quorum = options.quorum;
    rules_.schedule.auditors_needed = options.auditors_needed;
    rules_.schedule.attempts_max = options.attempts_max;
    rules_.settlement.round_budget = 1000;
    rules_.settlement.min_stake = 10;
    rules_.settlement.stake_per_score = 1;
    for (std::size_t i = 0; i < options.sites; ++i) {
        keys_.push_back(key_of(static_cast<std::uint8_t>(i + 1)));
        RosterEntry entry{.site = {},
                          .signer = keys_.back().address(),
                          .name = fmt::format("site-{}", i),
                          .trains = true,
                          .audits = i < options.auditors};
        entry.site.bytes.fill(static_cast<std::uint8_t>(0x10 + i));
        roster_.push_back(entry);
    }
}

MachineConfig Federation::config() const {
    return {.federation = federation_,
            .domain = domain_,
            .rules = rules_,
            .chain_enabled = options.chain_enabled};
}

Started Federation::started() const {
    return {.rounds_max = options.rounds_max,
            .entropy = filled(0x77),
            .initial_model = filled(0x01),
            .roster = roster_};
}

StakesKnown Federation::stakes() const {
    StakesKnown event;
    for (const RosterEntry& entry : roster_) {
        event.stakes.push_back({.site = entry.site, .stake = 1000, .barred = false});
    }
    return event;
}

rules::SignedUpdate Federation::sign(crypto::UpdateStatement statement, std::size_t index,
                                     Bytes details) const {
    rules::SignedUpdate update;
    update.details = std::move(details);
    statement.details_digest = crypto::sha256(update.details);
    update.statement = statement;
    update.signature = crypto::sign_statement(domain_, statement, keys_.at(index));
    return update;
}

rules::SignedUpdate Federation::update(const State& state, std::size_t index,
                                       std::uint8_t variant) const {
    crypto::UpdateStatement statement;
    statement.federation = federation_;
    statement.round = state.context.round;
    statement.attempt = state.context.attempt;
    statement.site = site(index);
    statement.base_model = state.context.base_model;
    statement.update_root = filled(static_cast<std::uint8_t>(0x80 + index * 8 + variant));
    statement.coordinates = rules_.coordinates;
    return sign(statement, index);
}

Aggregated Federation::outcome(const RoundMachine& machine, std::vector<SiteId> accused) const {
    const State& state = machine.state();
    const auto updates = machine.stored_updates();
    Aggregated event{.round = state.context.round,
                     .attempt = state.context.attempt,
                     .report = {},
                     .settlement = {},
                     .commitment = {},
                     .faults = {}};
    event.report.rule = "trimmed-mean";
    event.report.f = 1;
    std::vector<rules::SiteScore> scores;
    for (const auto& update : updates) {
        const SiteId& site = update.statement.site;
        scores.push_back({.site = site, .score = 100, .standing = rules::Standing::kAccepted});
        event.report.sites.push_back({.site = site,
                                      .update_root = update.statement.update_root,
                                      .standing = rules::Standing::kAccepted,
                                      .reason = aggregation::Reason::kNone,
                                      .figures = {},
                                      .verdict = {},
                                      .weight = 1,
                                      .score = 100});
    }
    auto settlement = rules::settle(state.context, rules_, scores);
    FS_CHECK(settlement.has_value());
    event.settlement = *settlement;
    auto& c = event.commitment;
    c.federation = federation_;
    c.round = event.round;
    c.attempt = event.attempt;
    c.sites = static_cast<std::uint32_t>(updates.size());
    c.coordinates = rules_.coordinates;
    c.reward_total = settlement->reward_total;
    c.score_sum = settlement->score_sum;
    c.context_digest = state.context.digest();
    c.parent_model = state.context.base_model;
    c.model = filled(static_cast<std::uint8_t>(event.round + 1));
    c.updates_root = rules::updates_root(domain_, updates);
    c.aggregate_root = filled(static_cast<std::uint8_t>(0xa0 + event.round));
    c.report_digest = event.report.digest();
    c.scores_root = settlement->scores_root;
    c.rewards_root = settlement->rewards_root;
    for (const SiteId& site : accused) {
        event.faults.push_back({.federation = federation_,
                                .round = event.round,
                                .site = site,
                                .kind = crypto::FaultKind::kPoisoning,
                                .bps = 200,
                                .evidence_root = c.struct_hash(),
                                .deadline = 0});
    }
    return event;
}

AuditorSigned Federation::attestation(const State& state, std::size_t index) const {
    FS_CHECK(state.proposal.has_value());
    AuditorSigned event{
        .round = state.context.round,
        .attempt = state.context.attempt,
        .auditor = site(index),
        .commitment = crypto::sign_statement(domain_, state.proposal->commitment, keys_.at(index)),
        .faults = {}};
    for (const auto& fault : state.proposal->faults) {
        event.faults.push_back(crypto::sign_statement(domain_, fault, keys_.at(index)));
    }
    return event;
}

MachineTest::MachineTest(FederationOptions options)
    : federation(options), machine(federation.config()) {}

Actions MachineTest::step(const Event& event) {
    auto actions = machine.step(now, event);
    if (!actions) {
        ADD_FAILURE() << "step failed: " << actions.error().message;
        return {};
    }
    return *std::move(actions);
}

Actions MachineTest::at(std::int64_t ms, const Event& event) {
    now = Timestamp{ms};
    return step(event);
}

Actions MachineTest::start() {
    step(federation.stakes());
    return step(federation.started());
}

Actions MachineTest::start_collecting() {
    Actions actions = start();
    for (std::size_t i = 0; i < federation.options.sites; ++i) {
        for (Action& action : step(SiteSeen{federation.site(i)})) {
            actions.push_back(std::move(action));
        }
    }
    return actions;
}

Actions MachineTest::send(std::size_t index) {
    const auto update = federation.update(state(), index);
    step(UpdateSigned{update});
    return step(UpdateStored{.round = update.statement.round,
                             .attempt = update.statement.attempt,
                             .site = update.statement.site,
                             .update_root = update.statement.update_root,
                             .verdict = Refusal::kNone});
}

Actions MachineTest::send_all() {
    Actions actions;
    for (std::size_t i = 0; i < federation.options.sites; ++i) {
        actions = send(i);
    }
    return actions;
}

Actions MachineTest::aggregate(std::vector<SiteId> accused) {
    return step(federation.outcome(machine, std::move(accused)));
}

Actions MachineTest::attest_all() {
    Actions actions;
    for (std::size_t i = 0; i < federation.options.auditors_needed; ++i) {
        actions = step(federation.attestation(state(), i));
    }
    return actions;
}

}  // namespace fedstake::round::testing
