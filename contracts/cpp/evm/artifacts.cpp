// Parsing the embedded JSON on first use.
#include "contracts/cpp/evm/artifacts.hpp"

#include <map>
#include <mutex>

#include <nlohmann/json.hpp>

namespace fedstake::evm {

namespace {

Result<Artifact> parse(const EmbeddedArtifact& embedded) {
    std::string text;
    for (const std::string_view piece : embedded.json) text += piece;
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("abi") || !json.contains("bytecode") ||
        !json["bytecode"].is_string()) {
        return fail(Errc::kInternal, "contract artifact " + std::string(embedded.name) +
                                         " lacks abi or bytecode: rebuild contracts/abi");
    }
    Artifact made;
    made.name = std::string(embedded.name);
    FS_ASSIGN(made.abi, ContractAbi::parse(json["abi"].dump()));
    FS_ASSIGN(made.bytecode, from_hex(json["bytecode"].get_ref<const std::string&>()));
    return made;
}

}  // namespace

Result<const Artifact*> artifact(std::string_view name) {
    static std::mutex mutex;
    static std::map<std::string, Artifact, std::less<>> parsed;
    const std::lock_guard lock(mutex);
    if (const auto found = parsed.find(name); found != parsed.end()) return &found->second;
    for (const EmbeddedArtifact& embedded : embedded_artifacts()) {
        if (embedded.name != name) continue;
        FS_ASSIGN(Artifact made, parse(embedded));
        return &parsed.emplace(std::string(name), std::move(made)).first->second;
    }
    return fail(Errc::kNotFound, "contract " + std::string(name) +
                                     " is not built into this program: run tools/build");
}

}  // namespace fedstake::evm
