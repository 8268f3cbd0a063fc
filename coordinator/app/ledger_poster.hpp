// The thread that talks to the chain: posts intents, executes due slashes, watches stakes,
// demands and finality. Training never waits for it; while the node is down it retries with growing
// pauses.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "contracts/cpp/ledger.hpp"
#include "proto/base/time.hpp"

namespace fedstake::coordinator {

// Again when the reason changes. The node may be there: an account without gas money, a taken nonce
// or contracts that do not fit the manifest stop settlement too.
struct ChainDown {
    Errc code = Errc::kUnavailable;
    std::string detail;
};
struct ChainUp {};
// Another state, or another reason to be in it.
struct IntentChanged {
    chain::IntentStatus status;
};
struct StakesChanged {
    std::vector<chain::StakeAccount> accounts;  // every site
    std::vector<SiteId> new_signers;            // whose signer is first read, or has changed
};
struct SlashCaseChanged {
    chain::SlashCase slash;
};
struct RoundBecameFinal {
    RoundNumber round = 0;
};
// The ledger voided a round that is watched, and so all later ones: none of them is watched any
// more.
struct RoundWasVoided {
    RoundNumber round = 0;
    Digest commitment;
};
// Other demands for the data of rounds are open than before: at the start, others than none.
struct DemandsChanged {
    std::vector<chain::OpenDemand> open;
};
// An intent that the ledger will not take (not a refusal of the contract: those are statuses).
struct IntentFailed {
    std::string key;
    std::string detail;
};
using LedgerNews = std::variant<ChainDown, ChainUp, IntentChanged, StakesChanged, SlashCaseChanged,
                                RoundBecameFinal, RoundWasVoided, DemandsChanged, IntentFailed>;

struct PosterOptions {
    std::vector<SiteId> sites;  // whose stakes to watch
    Duration poll{500};         // pause between visits to the chain
    Duration backoff_max{30'000};
    Duration stakes_every{2'000};
    // Called on the poster's thread.
    std::function<void(LedgerNews)> on_news;
};

class LedgerPoster {
public:
    LedgerPoster(std::unique_ptr<chain::Ledger> ledger, PosterOptions options);
    ~LedgerPoster();  // stops after the call that runs
    LedgerPoster(const LedgerPoster&) = delete;
    LedgerPoster& operator=(const LedgerPoster&) = delete;

    // Queues an intent; a known key with the same operation is fine. Never blocks on the node.
    void post(chain::Intent intent);
    // Gives an intent up before anything that is posted later is submitted.
    void drop(std::string key, std::string reason);
    // Report RoundBecameFinal or RoundWasVoided for this round, once. `commitment` is its struct
    // hash, `key` the intent that posts it.
    void watch(RoundNumber round, const Digest& commitment, std::string key);

    // Never executes the slash of this case (SlashCase::digest): its round was voided.
    void spare(const Digest& slash_case);
    // Stops watching this round and all later ones.
    void unwatch(RoundNumber first);

    // Queued or on their way, slash cases still to be executed included.
    [[nodiscard]] std::vector<std::string> unsettled() const;
    // The last visit to the chain found nothing left to do. False again as soon as there is.
    [[nodiscard]] bool settled() const;
    // Visits the chain at once instead of at the next poll.
    void hurry();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fedstake::coordinator
