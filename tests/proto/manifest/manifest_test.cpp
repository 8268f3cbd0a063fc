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

TEST_F(ManifestFile, AuditorsAreNumberedInSiteOrder) {
    const Manifest manifest = sample();
    EXPECT_EQ(manifest.auditors(), (std::vector<Address>{address_of(102), address_of(104)}));
    EXPECT_EQ(manifest.auditor_index(address_of(104)), 1);
    EXPECT_EQ(manifest.auditor_index(address_of(101)), std::nullopt);
}

TEST_F(ManifestFile, RefusesTwoSitesWithOneName) {
    const auto loaded = load(with("\"site-2\"", "\"site-1\""));
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message, HasSubstr("'site-1' and 'site-1' have the same name"));
}

TEST_F(ManifestFile, RefusesOneAccountForTwoSites) {
    const auto loaded = load(with(address_of(102).hex(), address_of(101).hex()));
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message, HasSubstr("'site-1' and 'site-2'"));
}

TEST_F(ManifestFile, RefusesBadNamesKeysAndEndpoints) {
    EXPECT_THAT(load(with("\"site-3\"", "\"Site 3\"")).error().message, HasSubstr("a-z"));
    EXPECT_THAT(load(with("tcp://", "http://")).error().message, HasSubstr("endpoint"));
    EXPECT_THAT(load(with("coordinator = \"0x", "coordinator = \"0xzz")).error().message,
                HasSubstr("coordinator"));
    EXPECT_THAT(load(with("audits = true", "audit = true")).error().message, HasSubstr("audits"));
}

TEST_F(ManifestFile, NeverCrashesOnDamagedText) {
    const std::string good = to_toml(sample());
    Rng rng(5);
    for (int i = 0; i < 500; ++i) {
        std::string bad = good;
        for (int k = 0; k < 3; ++k) {
            bad[rng.below(bad.size())] = static_cast<char>(32 + rng.below(95));
        }
        (void)load(bad);
    }
}

}  // namespace
}  // namespace fedstake::manifest
