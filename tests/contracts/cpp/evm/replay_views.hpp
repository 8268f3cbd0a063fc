// What the contracts' views have to say when they agree with the reference model, to the last bit.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/contracts/cpp/evm/replay_people.hpp"

namespace fedstake::testing {

struct ExpectedView {
    std::string what;  // for messages: "claimed of 0x..."
    ActorCall call;
    Bytes output;  // of the view, from the model
};

// What a script has touched.
struct ReplaySubjects {
    std::vector<Address> accounts;
    std::set<Digest> commitments;
    std::set<Digest> cases;
    std::set<Digest> models;
};

[[nodiscard]] std::vector<ExpectedView> expected_views(chain::MemoryChain& model,
                                                       const ReplayChain& chain,
                                                       const ReplaySubjects& subjects);

}  // namespace fedstake::testing
