// What the contracts' views have to say when they agree with the reference model, to the last bit.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/contracts/cpp/evm/replay_people.hpp"

namespace fedstake::testing {

struct ExpectedView {
    std::string what;  // for messages: "claimed of 0x..."
    ActorCall call;
    Bytes output;         // of the view, from the model
    std::string refusal;  // refusal_text, where the view refuses
};

// What a script has touched.
struct ReplaySubjects {
    std::vector<Address> accounts;
    std::map<Digest, RoundNumber> commitments;
    std::set<Digest> cases;
    std::set<Digest> models;
};

// "RoundTaken(3, 0x...)".
[[nodiscard]] std::string refusal_text(const Error& refusal);

[[nodiscard]] std::vector<ExpectedView> expected_views(chain::MemoryChain& model,
                                                       const ReplayChain& chain,
                                                       const ReplaySubjects& subjects);

}  // namespace fedstake::testing
