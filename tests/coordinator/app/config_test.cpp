// Configuration errors name file, line and what to do.
#include "coordinator/app/config.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/app/keys.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::coordinator {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::string_view kSmallest =
    "manifest = \"federation.toml\"\ndata = \"data\"\nkeys = \"keys\"\n";

class ConfigFile : public ::testing::Test {
protected:
    Result<Config> load(std::string_view text) {
        std::ofstream(dir_ / "coordinator.toml") << text;
        return load_config(dir_ / "coordinator.toml");
    }
    std::string error_of(std::string_view text) {
        const auto config = load(text);
        return config ? "" : config.error().message;
    }
    fedstake::testing::TempDir dir_;
};

TEST_F(ConfigFile, FillsDefaultsAndResolvesPathsBesideTheFile) {
    const auto config = load(kSmallest);
    ASSERT_TRUE(config.has_value()) << config.error().message;
    EXPECT_EQ(config->manifest_file, dir_ / "federation.toml");
    EXPECT_EQ(config->data, dir_ / "data");
    EXPECT_EQ(config->http_port, 9464);
    EXPECT_EQ(config->rpc, "http://127.0.0.1:8545");
    EXPECT_TRUE(config->passphrase_file.empty());
}

TEST_F(ConfigFile, ItsOwnTextComesBack) {
    auto config = load(kSmallest);
    ASSERT_TRUE(config.has_value());
    config->http_port = 1234;
    config->rpc = "http://127.0.0.1:9999";
    config->confirmations = 7;
    config->aggregation_threads = 3;
    config->listen = "127.0.0.1";
    const auto again = load(to_toml(*config));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(again->http_port, 1234);
    EXPECT_EQ(again->rpc, "http://127.0.0.1:9999");
    EXPECT_EQ(again->confirmations, 7U);
    EXPECT_EQ(again->aggregation_threads, 3U);
    EXPECT_EQ(again->data, config->data);
}

TEST_F(ConfigFile, ConfirmationsFollowTheChainUnlessTheyAreSet) {
    auto config = load(kSmallest);
    ASSERT_TRUE(config.has_value());
    EXPECT_EQ(confirmations_of(*config, 1), 12U) << "a receipt can be undone by a reorganisation";
    EXPECT_EQ(confirmations_of(*config, 31337), 1U);
    EXPECT_EQ(confirmations_of(*load(to_toml(*config)), 1), 12U) << "init writes no other value";
    config->confirmations = 3;
    EXPECT_EQ(confirmations_of(*config, 1), 3U);
    EXPECT_EQ(confirmations_of(*config, 31337), 3U);
    EXPECT_THAT(error_of(std::string(kSmallest) + "[chain]\nconfirmations = 0\n"),
                HasSubstr("confirmations"));
}

TEST_F(ConfigFile, NamesAnUnknownKeyWithItsLine) {
    EXPECT_THAT(error_of(std::string(kSmallest) + "htp_port = 1\n"),
                AllOf(HasSubstr("coordinator.toml:4"), HasSubstr("htp_port")));
    EXPECT_THAT(error_of(std::string(kSmallest) + "[chain]\nrcp = \"x\"\n"),
                AllOf(HasSubstr("coordinator.toml:5"), HasSubstr("rcp")));
}

TEST_F(ConfigFile, NamesAMissingKeyAWrongTypeAndARange) {
    EXPECT_THAT(error_of("data = \"d\"\nkeys = \"k\"\n"), HasSubstr("manifest"));
    EXPECT_THAT(error_of(std::string(kSmallest) + "http_port = \"x\"\n"), HasSubstr("http_port"));
    EXPECT_THAT(error_of(std::string(kSmallest) + "http_port = 70000\n"),
                AllOf(HasSubstr("http_port"), HasSubstr("65535")));
    EXPECT_THAT(error_of(std::string(kSmallest) + "[tuning]\naggregation_threads = 0\n"),
                HasSubstr("aggregation_threads"));
}

TEST_F(ConfigFile, NamesAMissingFile) {
    const auto config = load_config(dir_ / "nowhere.toml");
    ASSERT_FALSE(config.has_value());
    EXPECT_THAT(config.error().message, HasSubstr("nowhere.toml"));
}

manifest::Manifest runnable() {
    manifest::Manifest manifest;
    manifest.chain.enabled = false;
    manifest.rules.aggregation.rule.name = "trimmed-mean";
    manifest.rules.aggregation.f = 1;
    manifest.rules.schedule.quorum = 3;
    for (std::uint8_t i = 1; i <= 3; ++i) {
        manifest::SiteEntry site;
        site.owner.bytes.fill(i);
        site.trains = true;
        site.audits = i == 1;
        manifest.sites.push_back(site);
    }
    return manifest;
}

TEST(CheckRunnable, AcceptsAFederationThatCanRun) {
    const auto ok = check_runnable({}, runnable());
    EXPECT_TRUE(ok.has_value()) << ok.error().message;
}

TEST(CheckRunnable, SaysWhatIsMissing) {
    auto few = runnable();
    few.sites.pop_back();
    EXPECT_THAT(check_runnable({}, few).error().message,
                AllOf(HasSubstr("2 sites train"), HasSubstr("admit")));
    auto unaudited = runnable();
    unaudited.rules.schedule.auditors_needed = 2;
    EXPECT_THAT(check_runnable({}, unaudited).error().message, HasSubstr("--auditor"));
    auto weak = runnable();
    weak.rules.aggregation.f = 2;
    EXPECT_THAT(check_runnable({}, weak).error().message,
                AllOf(HasSubstr("trimmed-mean"), HasSubstr("quorum")));
    auto undeployed = runnable();
    undeployed.chain.enabled = true;
    EXPECT_THAT(check_runnable({}, undeployed).error().message, HasSubstr("deploy"));
}

class Passphrase : public ::testing::Test {
protected:
    std::filesystem::path write(std::string_view text, std::filesystem::perms mode) {
        const auto path = dir_ / "passphrase";
        std::ofstream(path) << text;
        std::filesystem::permissions(path, mode);
        return path;
    }
    fedstake::testing::TempDir dir_;
    static constexpr auto kPrivate =
        std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
};

TEST_F(Passphrase, IsTheFirstLineOfTheFile) {
    const auto file = write("secret words\nsecond line\n", kPrivate);
    EXPECT_EQ(read_passphrase({.file = file}).value(), "secret words");
}

TEST_F(Passphrase, IsRefusedWhenOthersMayReadIt) {
    const auto file = write("secret\n", kPrivate | std::filesystem::perms::group_read);
    const auto result = read_passphrase({.file = file});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Errc::kUnauthorized);
    EXPECT_THAT(result.error().message, HasSubstr("chmod 600"));
}

TEST_F(Passphrase, IsRefusedWhenEmptyOrMissing) {
    EXPECT_EQ(read_passphrase({.file = write("\n", kPrivate)}).error().code, Errc::kInvalidInput);
    EXPECT_EQ(read_passphrase({.file = dir_ / "none"}).error().code, Errc::kNotFound);
}

TEST_F(Passphrase, WrongOneIsNamed) {
    const auto made = make_keys(dir_ / "keys", "right", crypto::kLightKeystoreCost);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(make_keys(dir_ / "keys", "right", crypto::kLightKeystoreCost).error().code,
              Errc::kConflict)
        << "keys are never overwritten";
    const auto keys = read_keys(dir_ / "keys", "right");
    ASSERT_TRUE(keys.has_value()) << keys.error().message;
    EXPECT_EQ(keys->signer.address(), made->signer);
    EXPECT_EQ(transport::curve_public_key(keys->curve), made->curve);
    const auto wrong = read_keys(dir_ / "keys", "wrong");
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().code, Errc::kUnauthorized);
}

}  // namespace
}  // namespace fedstake::coordinator
