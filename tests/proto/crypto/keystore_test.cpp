// Key files: the vectors of the Web3 Secret Storage definition, round trips, and hostile files.
#include "proto/crypto/keystore.hpp"

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "proto/crypto/random.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::crypto {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::string_view kPassphrase = "testpassword";
constexpr std::string_view kSecret =
    "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

// Test vectors of the definition (same secret, same passphrase).
constexpr std::string_view kScryptVector = R"({
  "crypto": {
    "cipher": "aes-128-ctr",
    "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
    "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
    "kdf": "scrypt",
    "kdfparams": {"dklen": 32, "n": 262144, "r": 1, "p": 8,
      "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
    "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"
  },
  "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  "version": 3
})";
constexpr std::string_view kPbkdf2Vector = R"({
  "crypto": {
    "cipher": "aes-128-ctr",
    "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
    "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    "kdf": "pbkdf2",
    "kdfparams": {"c": 262144, "dklen": 32, "prf": "hmac-sha256",
      "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
    "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
  },
  "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  "version": 3
})";

// Runs a program with its output in a file. RETURNS its exit status, -1 if it did not exit.
int run(std::vector<std::string> words, const fs::path& output) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT,
                                     0600);
    pid_t child = 0;
    const int spawned =
        posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    if (spawned != 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

class Keystore : public ::testing::Test {
protected:
    fs::path put(std::string_view text, fs::perms mode = fs::perms(0600)) {
        const fs::path path = folder_ / ("given" + std::to_string(++files_) + ".json");
        std::ofstream(path) << text;
        fs::permissions(path, mode);
        return path;
    }

    static json load(const fs::path& path) { return json::parse(std::ifstream(path)); }

    // A light key file, changed by `edit`, written again.
    fs::path edited(const std::function<void(json&)>& edit) {
        if (light_.is_null()) {
            const fs::path path = folder_ / "light.json";
            EXPECT_TRUE(write_keystore(path, key_, kPassphrase, kLightKeystoreCost));
            light_ = load(path);
        }
        json file = light_;
        edit(file);
        return put(file.dump());
    }

    static Errc refusal(const fs::path& path, std::string_view passphrase = kPassphrase) {
        const auto key = read_keystore(path, passphrase);
        EXPECT_FALSE(key) << path;
        if (key) return Errc::kInternal;
        EXPECT_NE(key.error().message.find(path.string()), std::string::npos)
            << key.error().message;
        return key.error().code;
    }

    static mode_t mode_of(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return status.st_mode & 07777U;
    }

    testing::TempDir folder_;
    SigningKey key_ = *SigningKey::from_hex(kSecret);
    json light_;
    int files_ = 0;
};

TEST_F(Keystore, ReadsTheVectorsOfTheDefinition) {
    for (const std::string_view vector : {kScryptVector, kPbkdf2Vector}) {
        const auto key = read_keystore(put(vector), kPassphrase);
        ASSERT_TRUE(key) << key.error().message;
        EXPECT_EQ(to_hex(key->secret()), kSecret);
    }
}

TEST_F(Keystore, RoundTripsAtTheDefaultCost) {
    const fs::path path = folder_ / "key.json";
    ASSERT_TRUE(write_keystore(path, key_, "päss phrase"));
    EXPECT_EQ(read_keystore(path, "päss phrase").value().address(), key_.address());
    EXPECT_EQ(mode_of(path), 0600U);
    const json file = load(path);
    EXPECT_EQ(file["version"], 3);
    EXPECT_EQ(file["crypto"]["kdfparams"]["n"], 262144);
    EXPECT_EQ(file["address"], to_hex(key_.address().bytes));
    EXPECT_EQ(file["id"].get<std::string>().size(), 36U);
    EXPECT_EQ(file.dump().find(kSecret), std::string::npos);
}

TEST_F(Keystore, TwoFilesOfOneKeyShareNothingSecret) {
    ASSERT_TRUE(write_keystore(folder_ / "a", key_, kPassphrase, kLightKeystoreCost));
    ASSERT_TRUE(write_keystore(folder_ / "b", key_, kPassphrase, kLightKeystoreCost));
    const json a = load(folder_ / "a");
    const json b = load(folder_ / "b");
    EXPECT_NE(a["crypto"]["kdfparams"]["salt"], b["crypto"]["kdfparams"]["salt"]);
    EXPECT_NE(a["crypto"]["cipherparams"]["iv"], b["crypto"]["cipherparams"]["iv"]);
    EXPECT_NE(a["crypto"]["ciphertext"], b["crypto"]["ciphertext"]);
}

TEST_F(Keystore, RawSecretsAndSigningKeysAreNotMixedUp) {
    std::array<std::uint8_t, 32> secret{};
    random_bytes(secret);
    const fs::path raw = folder_ / "curve.json";
    ASSERT_TRUE(write_secret(raw, secret, kPassphrase, kLightKeystoreCost));
    EXPECT_EQ(mode_of(raw), 0600U);
    EXPECT_EQ(read_secret(raw, kPassphrase).value(), secret);
    EXPECT_EQ(read_secret(raw, "wrong").error().code, Errc::kUnauthorized);
    EXPECT_EQ(refusal(raw), Errc::kCorrupt);

    const fs::path signer = folder_ / "signer.json";
    ASSERT_TRUE(write_keystore(signer, key_, kPassphrase, kLightKeystoreCost));
    EXPECT_EQ(read_secret(signer, kPassphrase).error().code, Errc::kCorrupt);
}

TEST_F(Keystore, NeverOverwrites) {
    const fs::path path = put("precious");
    const auto written = write_keystore(path, key_, kPassphrase, kLightKeystoreCost);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::kConflict);
    std::string text;
    std::getline(std::ifstream(path) >> std::ws, text);
    EXPECT_EQ(text, "precious");
    // Not through a dangling link either.
    fs::create_symlink(folder_ / "target", folder_ / "link");
    EXPECT_EQ(write_keystore(folder_ / "link", key_, kPassphrase, kLightKeystoreCost).error().code,
              Errc::kConflict);
    EXPECT_FALSE(fs::exists(folder_ / "target"));
}

TEST_F(Keystore, LeavesNoTemporaryFiles) {
    ASSERT_TRUE(write_keystore(folder_ / "key", key_, kPassphrase, kLightKeystoreCost));
    ASSERT_FALSE(write_keystore(folder_ / "key", key_, kPassphrase, kLightKeystoreCost));
    const fs::directory_iterator entries(folder_.path());
    EXPECT_EQ(std::distance(fs::begin(entries), fs::end(entries)), 1);
}

TEST_F(Keystore, NamesAMissingFolder) {
    const auto written =
        write_keystore(folder_ / "no" / "key", key_, kPassphrase, kLightKeystoreCost);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::kNotFound);
    EXPECT_EQ(refusal(folder_ / "missing.json"), Errc::kNotFound);
}

TEST_F(Keystore, RefusesFilesThatOthersMayAccess) {
    for (const unsigned mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0601U, 0644U, 0666U}) {
        const fs::path path = put(kScryptVector, fs::perms(mode));
        const auto key = read_keystore(path, kPassphrase);
        ASSERT_FALSE(key) << mode;
        EXPECT_EQ(key.error().code, Errc::kUnauthorized);
        EXPECT_NE(key.error().message.find("chmod 600 " + path.string()), std::string::npos);
    }
}

TEST_F(Keystore, RefusesLinksFoldersAndPipes) {
    const fs::path real = put(kScryptVector);
    fs::create_symlink(real, folder_ / "link");
    EXPECT_EQ(refusal(folder_ / "link"), Errc::kUnauthorized);
    EXPECT_EQ(refusal(folder_.path()), Errc::kInvalidInput);
    const fs::path pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(refusal(pipe), Errc::kInvalidInput);
}

TEST_F(Keystore, RefusesAWrongPassphrase) {
    const fs::path path = edited([](json&) {});
    for (const std::string_view wrong : {"", "Testpassword", "testpassword ", "testpasswor"}) {
        EXPECT_EQ(refusal(path, wrong), Errc::kUnauthorized) << wrong;
    }
    EXPECT_TRUE(read_keystore(path, kPassphrase));
}

TEST_F(Keystore, RefusesAlteredFiles) {
    const auto flip = [](json& text) {
        auto value = text.get<std::string>();
        value[0] = value[0] == '0' ? '1' : '0';
        text = value;
    };
    EXPECT_EQ(refusal(edited([&](json& f) { flip(f["crypto"]["ciphertext"]); })),
              Errc::kUnauthorized);
    EXPECT_EQ(refusal(edited([&](json& f) { flip(f["crypto"]["mac"]); })), Errc::kUnauthorized);
    EXPECT_EQ(refusal(edited([&](json& f) { flip(f["crypto"]["kdfparams"]["salt"]); })),
              Errc::kUnauthorized);
    EXPECT_EQ(refusal(edited([](json& f) { f["crypto"]["kdfparams"]["n"] = 8192; })),
              Errc::kUnauthorized);
    // The MAC of the format does not cover the iv: the stated address does.
    EXPECT_EQ(refusal(edited([&](json& f) { flip(f["crypto"]["cipherparams"]["iv"]); })),
              Errc::kCorrupt);
    EXPECT_EQ(refusal(edited([&](json& f) { flip(f["address"]); })), Errc::kCorrupt);
}

TEST_F(Keystore, RefusesWhatIsNotAKeyFile) {
    for (const std::string_view text :
         {"", "{", "[]", "3", "null", "{}", "\"text\"", "{\"version\":3}",
          "{\"version\":3,\"crypto\":[]}", "{\"version\":3,\"crypto\":7}"}) {
        EXPECT_EQ(refusal(put(text)), Errc::kCorrupt) << text;
    }
    EXPECT_EQ(refusal(put(std::string(100'000, ' '))), Errc::kCorrupt);
}

TEST_F(Keystore, RefusesEveryMissingOrMistypedField) {
    const std::vector<json::json_pointer> fields = {
        "/version"_json_pointer,
        "/crypto"_json_pointer,
        "/crypto/cipher"_json_pointer,
        "/crypto/cipherparams"_json_pointer,
        "/crypto/cipherparams/iv"_json_pointer,
        "/crypto/ciphertext"_json_pointer,
        "/crypto/kdf"_json_pointer,
        "/crypto/kdfparams"_json_pointer,
        "/crypto/kdfparams/dklen"_json_pointer,
        "/crypto/kdfparams/n"_json_pointer,
        "/crypto/kdfparams/p"_json_pointer,
        "/crypto/kdfparams/r"_json_pointer,
        "/crypto/kdfparams/salt"_json_pointer,
        "/crypto/mac"_json_pointer,
    };
    for (const auto& field : fields) {
        for (const json& bad : {json(nullptr), json(-1), json(1.5), json("zz"), json("ab"),
                                json::array(), json(std::uint64_t{1} << 40U)}) {
            if (field.back() == "salt" && bad == "ab") continue;  // a short salt is only unwise
            if (field.back() == "n" && bad.is_number_unsigned()) continue;  // a limit, see below
            EXPECT_EQ(refusal(edited([&](json& f) { f[field] = bad; })), Errc::kCorrupt)
                << field << " " << bad;
        }
        EXPECT_EQ(refusal(edited([&](json& f) { f[field.parent_pointer()].erase(field.back()); })),
                  Errc::kCorrupt)
            << field;
    }
}

TEST_F(Keystore, RefusesAbsurdCostsBeforeSpendingThem) {
    const auto with_cost = [this](std::uint64_t n, std::uint64_t r, std::uint64_t p) {
        return refusal(edited([&](json& f) {
            f["crypto"]["kdfparams"]["n"] = n;
            f["crypto"]["kdfparams"]["r"] = r;
            f["crypto"]["kdfparams"]["p"] = p;
        }));
    };
    EXPECT_EQ(with_cost(std::uint64_t{1} << 40U, 8, 1), Errc::kLimitExceeded);
    EXPECT_EQ(with_cost(std::uint64_t{1} << 63U, 8, 1), Errc::kLimitExceeded);
    EXPECT_EQ(with_cost(std::uint64_t{1} << 20U, 8, 1), Errc::kLimitExceeded);
    EXPECT_EQ(with_cost(2, 0xffffffffU, 1), Errc::kLimitExceeded);
    EXPECT_EQ(with_cost(4096, 8, 0xffffffffU), Errc::kLimitExceeded);
    EXPECT_EQ(with_cost(4096, 0, 1), Errc::kCorrupt);
    EXPECT_EQ(with_cost(4096, 8, 0), Errc::kCorrupt);
    EXPECT_EQ(with_cost(4095, 8, 1), Errc::kCorrupt);
    EXPECT_EQ(with_cost(1, 8, 1), Errc::kCorrupt);
    EXPECT_EQ(with_cost(0, 8, 1), Errc::kCorrupt);

    json pbkdf2 = json::parse(kPbkdf2Vector);
    pbkdf2["crypto"]["kdfparams"]["c"] = 4'000'000'000U;
    EXPECT_EQ(refusal(put(pbkdf2.dump())), Errc::kLimitExceeded);
    pbkdf2["crypto"]["kdfparams"]["c"] = 0;
    EXPECT_EQ(refusal(put(pbkdf2.dump())), Errc::kCorrupt);
    pbkdf2 = json::parse(kPbkdf2Vector);
    pbkdf2["crypto"]["kdfparams"]["prf"] = "hmac-sha1";
    EXPECT_EQ(refusal(put(pbkdf2.dump())), Errc::kCorrupt);
}

TEST_F(Keystore, RefusesAnotherKeyLength) {
    for (const int bytes : {0, 16, 31, 33, 64}) {
        EXPECT_EQ(refusal(edited([&](json& f) { f["crypto"]["kdfparams"]["dklen"] = bytes; })),
                  Errc::kCorrupt)
            << bytes;
    }
}

TEST_F(Keystore, RefusesToWriteAnInvalidCost) {
    const fs::path path = folder_ / "key";
    EXPECT_EQ(write_keystore(path, key_, kPassphrase, {.n = 1000}).error().code,
              Errc::kInvalidInput);
    EXPECT_EQ(write_keystore(path, key_, kPassphrase, {.n = std::uint64_t{1} << 30U}).error().code,
              Errc::kLimitExceeded);
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(Keystore, AcceptsOtherWritersForms) {
    // geth capitalises nothing, older writers write "Crypto"; addresses may carry 0x or be absent.
    const fs::path capital = edited([](json& f) {
        f["Crypto"] = f["crypto"];
        f.erase("crypto");
        f["x-ethers"] = {{"client", "another"}};
    });
    EXPECT_TRUE(read_keystore(capital, kPassphrase));
    const fs::path prefixed =
        edited([](json& f) { f["address"] = "0x" + f["address"].get<std::string>(); });
    EXPECT_TRUE(read_keystore(prefixed, kPassphrase));
    EXPECT_TRUE(read_keystore(edited([](json& f) { f.erase("address"); }), kPassphrase));
}

TEST_F(Keystore, CastReadsIt) {
    const std::string cast = FEDSTAKE_CAST;
    if (!fs::exists(cast)) GTEST_SKIP() << "needs cast (npm ci in contracts/)";
    ASSERT_TRUE(write_keystore(folder_ / "key", key_, kPassphrase, kLightKeystoreCost));
    std::ofstream(folder_ / "passphrase") << kPassphrase;
    const fs::path answer = folder_ / "answer";
    ASSERT_EQ(run({cast, "wallet", "address", "--keystore", (folder_ / "key").string(),
                   "--password-file", (folder_ / "passphrase").string()},
                  answer),
              0);
    std::string address;
    std::ifstream(answer) >> address;
    EXPECT_EQ(Address::parse(address).value(), key_.address());
}

}  // namespace
}  // namespace fedstake::crypto
