// What must hold after every call, whatever was called: checked on the reference model, which the
// contracts agree with.
#pragma once

#include <map>
#include <string>

#include "tests/contracts/cpp/evm/replay_views.hpp"

namespace fedstake::testing {

class ReplayInvariants {
public:
    // RETURNS what is broken, in words; empty where nothing is. To be asked after every call: what
    // was final once stays final.
    [[nodiscard]] std::string broken(chain::MemoryChain& model, const ReplaySubjects& subjects);

private:
    // Every token that a contract has is owed to somebody.
    [[nodiscard]] static std::string tokens(chain::MemoryChain& model,
                                            const ReplaySubjects& subjects);
    // Neither the end of a window nor the time of finality falls from round to round.
    [[nodiscard]] static std::string times(chain::MemoryChain& model);
    [[nodiscard]] std::string finality(chain::MemoryChain& model, const ReplaySubjects& subjects);

    std::map<Digest, RoundNumber> final_;  // commitments that were final once
};

}  // namespace fedstake::testing
