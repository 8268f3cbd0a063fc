// Dependencies point from hosts to rules: every include must follow an arrow of the design.
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/lint/source_tree.hpp"

namespace fedstake::lint {
namespace {

using Folders = std::set<std::string, std::less<>>;

// What a library may include, besides itself. Kept in the order of docs/architecture.md.
const std::map<std::string, Folders, std::less<>>& arrows() {
    static const auto table = [] {
        const Folders rules = {"proto/base", "proto/crypto", "proto/rules"};
        const Folders agreed = {"proto/base", "proto/crypto", "proto/rules", "proto/manifest",
                                "proto/wire"};
        std::map<std::string, Folders, std::less<>> all;
        const auto allow = [&all](const std::string& folder, Folders base,
                                  std::initializer_list<const char*> more) {
            for (const char* extra : more) base.insert(extra);
            all[folder] = std::move(base);
        };
        allow("proto/base", {}, {});
        allow("proto/crypto", {}, {"proto/base"});
        allow("proto/rules", {}, {"proto/base", "proto/crypto"});
        allow("proto/manifest", rules, {});
        allow("proto/wire", rules, {});
        allow("proto/asio", {}, {"proto/base"});
        allow("proto/transport", {}, {"proto/base", "proto/crypto", "proto/wire"});
        allow("aggregation", rules, {});
        allow("contracts/cpp", rules, {});
        allow("contracts/cpp/evm", rules, {"contracts/cpp", "proto/asio"});
        allow("coordinator/round", rules, {"aggregation", "contracts/cpp"});
        allow("coordinator/store", rules,
              {"aggregation", "contracts/cpp", "coordinator/round", "proto/transport"});
        allow("coordinator/app", agreed,
              {"proto/asio", "proto/transport", "aggregation", "contracts/cpp", "contracts/cpp/evm",
               "coordinator/round", "coordinator/store"});
        allow("client/data", {}, {"proto/base", "proto/manifest"});
        allow("client/session", agreed, {"aggregation", "contracts/cpp", "proto/transport"});
        allow("client/training", rules, {"client/data"});
        allow("client/app", agreed,
              {"proto/asio", "proto/transport", "aggregation", "contracts/cpp", "contracts/cpp/evm",
               "client/data", "client/session", "client/training"});
        allow("sim", agreed,
              {"aggregation", "contracts/cpp", "coordinator/round", "client/data", "client/session",
               "client/training"});
        // The attacking site of the demo is the production client with a poisoning hook.
        allow("sim/attacker", agreed,
              {"sim", "client/session", "client/training", "client/data", "client/app"});
        allow("demo", agreed, {"aggregation", "contracts/cpp", "contracts/cpp/evm", "client/data"});
        return all;
    }();
    return table;
}

// The library that a path belongs to: the longest known folder in front of it.
std::string library_of(std::string_view path) {
    std::string best;
    for (const auto& [folder, unused] : arrows()) {
        if (path.starts_with(folder + "/") && folder.size() > best.size()) best = folder;
    }
    return best;
}

TEST(Includes, FollowTheArrowsOfTheDesign) {
    for (const SourceFile& file : source_files()) {
        const std::string from = library_of(file.path);
        if (from.empty()) continue;  // tests and benchmarks may include what they test
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const std::string& line = file.lines[i];
            if (!line.starts_with("#include \"")) continue;
            const std::string target = line.substr(10, line.rfind('"') - 10);
            if (target.find(".pb.h") != std::string::npos) {
                EXPECT_EQ(from, "proto/wire")
                    << file.path << ":" << i + 1 << ": protobuf stays inside proto/wire";
                continue;
            }
            const std::string to = library_of(target);
            EXPECT_FALSE(to.empty() && !target.starts_with("fedstake_generated/"))
                << file.path << ":" << i + 1 << ": '" << target
                << "' is not a path from the repository root into a known library";
            if (to.empty() || to == from) continue;
            EXPECT_TRUE(arrows().at(from).contains(to))
                << file.path << ":" << i + 1 << ": " << from << " may not include " << to;
        }
    }
}

TEST(Includes, ArrowsMakeNoCycle) {
    // Depth-first search with three colours over the table itself.
    std::map<std::string, int, std::less<>> colour;
    const auto visit = [&](const auto& self, const std::string& folder) -> void {
        colour[folder] = 1;
        for (const auto& next : arrows().at(folder)) {
            ASSERT_NE(colour[next], 1) << "cycle through " << folder << " and " << next;
            if (colour[next] == 0) self(self, next);
        }
        colour[folder] = 2;
    };
    for (const auto& [folder, unused] : arrows()) {
        if (colour[folder] == 0) visit(visit, folder);
    }
}

TEST(Includes, HeavyHeadersStayInTheirAdapters) {
    const std::map<std::string, Folders, std::less<>> homes = {
        {"<torch/", {"client/training"}},       {"<zmq", {"proto/transport"}},
        {"<sqlite3.h>", {"coordinator/store"}}, {"<openssl/", {"proto/crypto", "proto/transport"}},
        {"<secp256k1", {"proto/crypto"}},       {"<cryptopp/", {"proto/crypto"}},
        {"<toml++/", {"proto/manifest"}},       {"<spdlog/", {"proto/base"}},
    };
    for (const SourceFile& file : source_files()) {
        const std::string from = library_of(file.path);
        if (from.empty()) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            for (const auto& [header, folders] : homes) {
                if (!file.lines[i].starts_with("#include " + header)) continue;
                EXPECT_TRUE(folders.contains(from)) << file.path << ":" << i + 1 << ": " << header
                                                    << " belongs in " << *folders.begin();
            }
        }
    }
}

}  // namespace
}  // namespace fedstake::lint
