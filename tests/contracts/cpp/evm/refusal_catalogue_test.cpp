// Every custom error of every deployed contract has a sentence, and the sentence holds its values.
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/artifacts.hpp"
#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/refusal.hpp"

namespace fedstake::evm {
namespace {

using chain::RefusalValue;

struct Declared {
    std::string contract;
    std::string name;
    std::vector<std::string> arguments;
    std::vector<std::string> types;
};

// Each error once, by its name and arguments.
std::vector<Declared> declared_errors() {
    std::vector<Declared> all;
    std::set<std::string> seen;
    for (const EmbeddedArtifact& embedded : embedded_artifacts()) {
        std::string text;
        for (const std::string_view piece : embedded.json) text += piece;
        const auto json = nlohmann::json::parse(text);
        for (const auto& entry : json.at("abi")) {
            if (entry.at("type") != "error") continue;
            Declared error{std::string(embedded.name), entry.at("name"), {}, {}};
            std::string signature = error.name;
            for (const auto& input : entry.at("inputs")) {
                error.arguments.push_back(input.at("name"));
                error.types.push_back(input.at("type"));
                signature += "," + error.arguments.back();
            }
            if (seen.insert(signature).second) all.push_back(std::move(error));
        }
    }
    return all;
}

std::string sample(const std::string& type, int which) {
    if (type == "string") return which == 0 ? "\"one\"" : "\"other\"";
    if (type == "address") return "0x" + std::string(40, which == 0 ? 'a' : 'b');
    if (type.starts_with("bytes")) return "0x" + std::string(64, which == 0 ? 'c' : 'd');
    return which == 0 ? "1" : "2";  // numbers; also valid enumeration values
}

std::vector<RefusalValue> samples(const Declared& error) {
    std::vector<RefusalValue> values;
    for (std::size_t i = 0; i < error.arguments.size(); ++i) {
        values.push_back({error.arguments[i], sample(error.types[i], 0)});
    }
    return values;
}

TEST(RefusalCatalogue, HasASentenceForEveryErrorOfEveryContract) {
    const auto errors = declared_errors();
    EXPECT_GT(errors.size(), 150U);
    for (const Declared& error : errors) {
        EXPECT_TRUE(chain::knows_refusal(error.name, samples(error)))
            << error.contract << "." << error.name
            << ": add a sentence with all its values to contracts/cpp/refusal_*.cpp";
        EXPECT_FALSE(chain::judge_refusal(error.name).advice.empty()) << error.name;
    }
}

// Two values that differ in one argument read differently: none is left out or swallowed.
TEST(RefusalCatalogue, LeavesNoValueOut) {
    for (const Declared& error : declared_errors()) {
        std::vector<RefusalValue> values = samples(error);
        const std::string before = chain::describe_refusal(error.name, values);
        EXPECT_NE(before.find("(" + error.name + ")"), std::string::npos) << before;
        EXPECT_EQ(before.find('{'), std::string::npos) << before;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::string kept = values[i].value;
            values[i].value = sample(error.types[i], 1);
            EXPECT_NE(chain::describe_refusal(error.name, values), before)
                << error.name << " without " << values[i].name;
            values[i].value = kept;
        }
    }
}

TEST(RefusalCatalogue, IsReachedFromRevertData) {
    const auto abis = ContractAbis::load();
    ASSERT_TRUE(abis) << abis.error().message;
    // An error of the vault that comes out of a call to the court.
    RpcFault fault;
    const std::string account(40, '7');
    const Digest id =
        AbiEvent{"NothingAtStake", {{"account", *AbiType::parse("address", {})}}}.topic();
    fault.data = *from_hex(id.hex().substr(0, 10) + std::string(24, '0') + account);
    EXPECT_EQ(explain_revert(abis->slash_court, fault),
              "account 0x" + account + " has no stake: there is nothing to slash (NothingAtStake)");
    fault.data = *from_hex("0x4e487b71" + std::string(62, '0') + "11");
    EXPECT_NE(explain_revert(abis->slash_court, fault).find("panic code 17"), std::string::npos);
    fault.data.clear();
    fault.message = "execution reverted";
    EXPECT_EQ(explain_revert(abis->slash_court, fault),
              "the node refuses the call: execution reverted");
    fault.data = {1, 2, 3};
    EXPECT_EQ(explain_revert(abis->slash_court, fault),
              "the contract refuses the call and gives no reason");
}

}  // namespace
}  // namespace fedstake::evm
