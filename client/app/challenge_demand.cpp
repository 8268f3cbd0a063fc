// Steps of a demand, and what is said about them.
#include "client/app/challenge_demand.hpp"

#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "client/app/durable_file.hpp"
#include "contracts/cpp/utc_text.hpp"

namespace fedstake::client {

namespace {

namespace fs = std::filesystem;
using chain::utc_text;
using Kind = DemandStep::Kind;

std::string prefix_of(RoundNumber round) {
    return std::to_string(round) + "-";
}

// The commitment on which this site has put a bond: a later attempt may take the round's place on
// the chain before the bond is back.
Status note_bond(const fs::path& state, RoundNumber round, const Digest& commitment) {
    const fs::path folder = state / "demands";
    std::error_code error;
    fs::create_directories(folder, error);
    return replace_file(folder / (prefix_of(round) + commitment.hex().substr(2, 8)),
                        as_bytes(commitment.hex()));
}

struct Note {
    fs::path file;
    Digest commitment;
};

std::vector<Note> notes_of(const fs::path& state, RoundNumber round) {
    std::vector<Note> notes;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(state / "demands", error)) {
        if (!entry.path().filename().string().starts_with(prefix_of(round))) continue;
        std::ifstream in(entry.path());
        std::string text;
        in >> text;
        if (const auto commitment = Digest::parse(text))
            notes.push_back({entry.path(), *commitment});
    }
    return notes;
}

Result<DemandStep> expire(evm::DemandDesk& demands, const DemandCase& about, DemandStep step,
                          const KeySource& key) {
    step.kind = Kind::kExpirable;
    if (about.dry_run) return step;
    FS_ASSIGN(const crypto::SigningKey* const payer, key());
    FS_ASSIGN(step.expiry, demands.expire(about.commitment, *payer));
    step.kind = Kind::kExpired;
    return step;
}

Result<DemandStep> make(evm::DemandDesk& demands, const DemandCase& about, const fs::path& state,
                        DemandStep step, const KeySource& key) {
    step.kind = Kind::kOffered;
    FS_ASSIGN(step.terms, demands.terms());
    if (!about.wanted || about.dry_run) return step;
    FS_ASSIGN(const crypto::SigningKey* const payer, key());
    FS_TRY(note_bond(state, about.commitment.round, about.commitment.struct_hash()));
    FS_ASSIGN(const evm::DemandMade made,
              demands.demand(about.commitment, step.terms.bond, *payer));
    step.kind = Kind::kMade;
    step.transaction = made.transaction;
    step.demand = {.state = evm::DemandState::kOpen,
                   .demander = payer->address(),
                   .bond = made.bond,
                   .deadline = made.deadline,
                   .round = about.commitment.round};
    return step;
}

std::string loss_text(const evm::DemandExpiry& expiry) {
    if (expiry.slashed == 0) {
        return fmt::format("the coordinator {} had no stake left", expiry.coordinator.hex());
    }
    return fmt::format("slashed {} wei of the coordinator ({})", amount_to_string(expiry.slashed),
                       expiry.coordinator.hex());
}

std::string voided_text(const evm::DemandExpiry& expiry) {
    return expiry.voided_from == expiry.voided_to
               ? fmt::format("round {} is void", expiry.voided_from)
               : fmt::format("rounds {} to {} are void", expiry.voided_from, expiry.voided_to);
}

}  // namespace

Result<DemandStep> pursue_demand(evm::EthNode& node, evm::ProofDesk& desk, const DemandCase& about,
                                 const fs::path& state, const KeySource& key) {
    evm::DemandDesk demands = desk.demands();
    DemandStep step;
    step.lacks = about.lacks;
    step.can_answer = about.can_answer;
    step.window_end = about.window_end;
    FS_ASSIGN(step.demand, demands.of(about.commitment.struct_hash()));
    step.mine = !about.self.is_zero() && step.demand.demander == about.self;
    FS_ASSIGN(const evm::BlockHead head, node.latest_block());
    switch (step.demand.state) {
        case evm::DemandState::kOpen:
            if (head.timestamp > step.demand.deadline) {
                return expire(demands, about, std::move(step), key);
            }
            step.kind = Kind::kWaiting;
            return step;
        case evm::DemandState::kNone: break;
        default: return step;  // answered: what there is was taken from there
    }
    if (!about.lacks && !about.wanted) return step;
    if (about.can_answer) return step;  // nothing that a demand could bring
    if (head.timestamp >= about.window_end) {
        step.kind = Kind::kTooLate;
        return step;
    }
    return make(demands, about, state, std::move(step), key);
}

Result<std::vector<std::string>> recover_bonds(evm::ProofDesk& desk, RoundNumber round,
                                               const fs::path& state, bool dry_run,
                                               const KeySource& key) {
    std::vector<std::string> done;
    evm::DemandDesk demands = desk.demands();
    for (const Note& note : notes_of(state, round)) {
        FS_ASSIGN(const evm::Demand demand, demands.of(note.commitment));
        if (demand.state == evm::DemandState::kOpen) {
            FS_ASSIGN(const bool voided, desk.is_voided(note.commitment));
            if (!voided || dry_run) continue;
            FS_ASSIGN(const crypto::SigningKey* const payer, key());
            FS_ASSIGN(const evm::Receipt receipt, demands.settle_voided(note.commitment, *payer));
            done.push_back(fmt::format(
                "the demand about commitment {} is closed, since its round was voided otherwise: "
                "its bond of {} wei goes back to {}, transaction {}",
                note.commitment.hex(), amount_to_string(demand.bond), demand.demander.hex(),
                receipt.transaction.hex()));
        }
        std::error_code ignored;
        fs::remove(note.file, ignored);
    }
    return done;
}

std::string demand_text(const DemandStep& step, RoundNumber round) {
    const std::string until = utc_text(step.demand.deadline);
    const std::string answer =
        step.can_answer && step.lacks == false
            ? fmt::format(
                  "this site has what is demanded: `fedstake-client answer-demand --round "
                  "{}` posts it\n",
                  round)
            : std::string{};
    switch (step.kind) {
        case Kind::kNone: return {};
        case Kind::kOffered:
            return fmt::format(
                "to have the leaves, report and context of round {} posted on the chain, give this "
                "command again with --demand, before {}: it takes a bond of {} wei. Whoever posts "
                "them within {} s earns the bond for the coordinator; where nobody does, the round "
                "is voided, the coordinator loses {:g} % of its stake and the bond comes back\n",
                round, utc_text(step.window_end), amount_to_string(step.terms.bond),
                step.terms.answer_time, step.terms.coordinator_bps / 100.0);
        case Kind::kTooLate:
            return fmt::format(
                "the data of round {} could be demanded until {}: its window is over\n", round,
                utc_text(step.window_end));
        case Kind::kMade:
            return fmt::format(
                "demanded: the leaves, report and context of round {} have to be on the chain by "
                "{}, transaction {}; the bond is {} wei. Give this command again when they are, or "
                "after that time\n",
                round, until, step.transaction.hex(), amount_to_string(step.demand.bond));
        case Kind::kWaiting:
            return fmt::format(
                       "demanded: {} has demanded the data of round {}, with a bond of {} wei; it "
                       "has to be on the chain by {}. Give this command again when it is, or after "
                       "that time\n",
                       step.demand.demander.hex(), round, amount_to_string(step.demand.bond),
                       until) +
                   answer;
        case Kind::kExpirable:
            return fmt::format(
                "WITHHELD: nobody has posted the data of round {} by {}. Without --dry-run this "
                "command voids the round for it\n",
                round, until);
        case Kind::kExpired:
            return fmt::format(
                "WITHHELD: nobody has posted the data of round {} by {}\n  transaction {}, {} "
                "gas\n  {}\n  {}\n  the bond of {} wei goes back to {}\n",
                round, until, step.expiry->transaction.hex(), step.expiry->gas_used,
                voided_text(*step.expiry), loss_text(*step.expiry),
                amount_to_string(step.demand.bond), step.demand.demander.hex());
    }
    return {};
}

nlohmann::json demand_json(const DemandStep& step) {
    constexpr std::array<std::string_view, 7> kSteps{"none",    "offered",   "too-late", "made",
                                                     "waiting", "expirable", "expired"};
    nlohmann::json out{{"step", kSteps.at(static_cast<std::size_t>(step.kind))},
                       {"state", evm::demand_state_name(step.demand.state)},
                       {"can_answer", step.can_answer}};
    if (step.kind == Kind::kOffered) {
        out["bond"] = amount_to_string(step.terms.bond);
        out["answer_time_s"] = step.terms.answer_time;
        out["before"] = step.window_end;
    }
    if (step.demand.state != evm::DemandState::kNone) {
        out["demander"] = step.demand.demander.hex();
        out["bond"] = amount_to_string(step.demand.bond);
        out["deadline"] = step.demand.deadline;
    }
    if (step.kind == Kind::kMade) out["transaction"] = step.transaction.hex();
    if (step.expiry) {
        out["transaction"] = step.expiry->transaction.hex();
        out["gas_used"] = step.expiry->gas_used;
        out["voided_from"] = step.expiry->voided_from;
        out["voided_to"] = step.expiry->voided_to;
        out["coordinator"] = step.expiry->coordinator.hex();
        out["slashed"] = amount_to_string(step.expiry->slashed);
    }
    return out;
}

}  // namespace fedstake::client
