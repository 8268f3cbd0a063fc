#include "proto/manifest/manifest.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/rng.hpp"
#include "proto/manifest/rules_toml.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::manifest {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

Address address_of(std::uint8_t last) {
    Address address;
    address.bytes.back() = last;
    return address;
}

Manifest sample() {
    Manifest manifest;
    manifest.name = "hearts";
    manifest.federation.bytes[0] = 1;
    manifest.endpoint = "tcp://127.0.0.1:7443";
    manifest.coordinator = address_of(200);
    manifest.coordinator_curve_key.bytes[5] = 9;
    manifest.chain.chain_id = 31337;
    manifest.chain.round_manager = address_of(201);
    manifest.chain.token = address_of(202);
    manifest.rules =
        *load_rules(std::filesystem::path(FEDSTAKE_SOURCE_DIR) / "configs/rules/heart.toml");
    for (std::uint8_t i = 1; i <= 4; ++i) {
        SiteEntry site;
        site.name = "site-" + std::to_string(i);
        site.owner = address_of(i);
        site.signer = address_of(static_cast<std::uint8_t>(100 + i));
        site.curve_key.bytes[0] = i;
        site.audits = i == 2 || i == 4;
        manifest.sites.push_back(site);
    }
    return manifest;
}

class ManifestFile : public ::testing::Test {
protected:
    Result<Manifest> load(const std::string& text) {
        const auto path = folder_ / "federation.toml";
        std::ofstream(path) << text;
        return load_manifest(path);
    }
    std::string refusal(const std::string& text) {
        const auto loaded = load(text);
        return loaded ? "accepted" : loaded.error().message;
    }
    // The sample's text with one piece exchanged.
    static std::string with(const std::string& from, const std::string& to) {
        std::string text = to_toml(sample());
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return text.replace(at, from.size(), to);
    }

    testing::TempDir folder_;
};

TEST_F(ManifestFile, WritingAndReadingGivesTheSameText) {
    const auto again = load(to_toml(sample()));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(to_toml(*again), to_toml(sample()));
    EXPECT_EQ(again->rules, sample().rules);
}

TEST_F(ManifestFile, KeepsTheBlockOfDeploymentAndDoesWithoutIt) {
    EXPECT_EQ(to_toml(sample()).find("deployed_block"), std::string::npos);
    EXPECT_EQ(load(to_toml(sample()))->chain.deployed_block, 0U);
    Manifest deployed = sample();
    deployed.chain.deployed_block = 8'000'000;
    const auto again = load(to_toml(deployed));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->chain.deployed_block, 8'000'000U);
    EXPECT_EQ(to_toml(*again), to_toml(deployed));
}

TEST_F(ManifestFile, AuditorsAreNumberedInSiteOrder) {
    const Manifest manifest = sample();
    EXPECT_EQ(manifest.auditors(), (std::vector<Address>{address_of(102), address_of(104)}));
    EXPECT_EQ(manifest.auditor_index(address_of(104)), 1);
    EXPECT_EQ(manifest.auditor_index(address_of(101)), std::nullopt);
}

TEST_F(ManifestFile, SitesAreFoundByOwnerAndByCurveKey) {
    const Manifest manifest = sample();
    EXPECT_EQ(manifest.find(address_of(3)), &manifest.sites[2]);
    EXPECT_EQ(manifest.find(address_of(9)), nullptr);
    EXPECT_EQ(manifest.find_by_curve_key(manifest.sites[1].curve_key), &manifest.sites[1]);
    EXPECT_EQ(manifest.find_by_curve_key(manifest.coordinator_curve_key), nullptr);
    EXPECT_EQ(manifest.domain().chain_id, 31337U);
    EXPECT_EQ(manifest.domain().verifying_contract, address_of(201));
}

TEST_F(ManifestFile, SitesAreSortedByOwnerWhateverTheirOrderInTheFile) {
    Manifest unsorted = sample();
    std::swap(unsorted.sites[0], unsorted.sites[3]);
    const auto loaded = load(to_toml(unsorted));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(to_toml(*loaded), to_toml(sample()));
}

TEST_F(ManifestFile, BeforeDeploymentThereAreNeitherContractsNorSites) {
    Manifest founded = sample();
    founded.chain = {};
    founded.chain.chain_id = 5;
    founded.sites.clear();
    const auto loaded = load(to_toml(founded));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_TRUE(loaded->chain.round_manager.is_zero());
    EXPECT_TRUE(loaded->sites.empty());
}

TEST_F(ManifestFile, RefusesClashesNamingBothEntriesAndTheirLines) {
    EXPECT_THAT(refusal(with("\"site-2\"", "\"site-1\"")),
                MatchesRegex(".*federation.toml:[0-9]+: site 'site-1' has the same name as site "
                             "'site-1' \\(line [0-9]+\\); each needs its own"));
    EXPECT_THAT(refusal(with(address_of(102).hex(), address_of(101).hex())),
                HasSubstr("site 'site-2' has the same account as owner or signer, " +
                          address_of(101).hex() + " as site 'site-1' (line "));
    EXPECT_THAT(refusal(with(sample().sites[3].curve_key.hex(), sample().sites[0].curve_key.hex())),
                HasSubstr("site 'site-4' has the same curve_key, "));
    EXPECT_THAT(
        refusal(with(sample().sites[3].curve_key.hex(), sample().coordinator_curve_key.hex())),
        HasSubstr("federation.toml:6: site 'site-4' has the coordinator's curve key"));
}

TEST_F(ManifestFile, OneOwnerMayNotBeAnothersSigner) {
    EXPECT_THAT(refusal(with(address_of(102).hex(), address_of(1).hex())),
                HasSubstr("each needs its own"));
}

TEST_F(ManifestFile, RefusesBadNamesKeysAndEndpoints) {
    EXPECT_THAT(refusal(with("\"site-3\"", "\"Site 3\"")),
                HasSubstr("site name 'Site 3' must be 1 to 32 of a-z, 0-9 and '-'"));
    EXPECT_THAT(refusal(with("tcp://", "http://")),
                HasSubstr("federation.toml:4: endpoint: \"http://127.0.0.1:7443\" is not "
                          "tcp://HOST:PORT"));
    EXPECT_THAT(refusal(with("coordinator = \"0x", "coordinator = \"0xzz")),
                HasSubstr("federation.toml:5: coordinator: not a hexadecimal digit"));
    EXPECT_THAT(refusal(with("coordinator = \"0x00", "coordinator = \"0x")),
                HasSubstr("coordinator: expected 20 bytes of hexadecimal, got 19"));
    EXPECT_THAT(refusal(with("audits = true", "audit = true")),
                HasSubstr("unknown key \"audit\" in [site[1]]: did you mean \"audits\"?"));
    EXPECT_THAT(refusal(with(address_of(201).hex(), Address{}.hex())),
                HasSubstr("round_manager is only zeros, must be a real one"));
    EXPECT_THAT(refusal(with(address_of(103).hex(), address_of(3).hex())),
                HasSubstr("one account as owner and signer"));
    EXPECT_THAT(refusal(with("trains = true", "trains = false")),
                HasSubstr("neither trains nor audits"));
    EXPECT_THAT(refusal(with("chain_id = 31337", "chain_id = 0")),
                HasSubstr("\"chain_id\" is 0, must be 1 to"));
}

TEST_F(ManifestFile, MissingFilesAreNamed) {
    EXPECT_EQ(load_manifest("/nonexistent/federation.toml").error().message,
              "/nonexistent/federation.toml: no such file");
}

// Damaged text gives an error or a manifest that can be written and read again; never a crash.
TEST_F(ManifestFile, SurvivesDamagedText) {
    const std::string good = to_toml(sample());
    Rng rng(5);
    for (int i = 0; i < 1000; ++i) {
        std::string bad = good;
        for (std::uint64_t k = 1 + rng.below(3); k > 0; --k) {
            const std::size_t at = rng.below(bad.size());
            switch (rng.below(4)) {
                case 0: bad[at] = static_cast<char>(rng.next()); break;
                case 1: bad.erase(at, 1 + rng.below(40)); break;
                case 2: bad.insert(at, good.substr(rng.below(good.size()), rng.below(60))); break;
                default: bad.insert(at, 1, "[]{}=\"\n.,#0x-"[rng.below(13)]); break;
            }
        }
        const auto loaded = load(bad);
        if (loaded) {
            const auto again = load(to_toml(*loaded));
            ASSERT_TRUE(again) << again.error().message;
            EXPECT_EQ(to_toml(*again), to_toml(*loaded));
        } else {
            EXPECT_FALSE(loaded.error().message.empty());
        }
    }
}

}  // namespace
}  // namespace fedstake::manifest
