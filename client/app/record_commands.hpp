// Verbs about what is on record: model verify, fingerprint, sign-accusation.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

#include "proto/base/exit_code.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::client {

struct ModelVerifyOptions {
    std::filesystem::path config;
    std::filesystem::path file;
    bool json = false;
};
// A safetensors file against the registry. RETURNS kVerifyFailed unless it is a release to use.
[[nodiscard]] Result<ExitCode> model_verify(const ModelVerifyOptions& options,
                                            const std::atomic<bool>& stop);

struct FingerprintOptions {
    std::filesystem::path config;
    std::filesystem::path out;
    bool light = false;  // cheap key derivation for the key file, for demonstrations
    bool json = false;
};
// Writes the signed, keyed fingerprint of this site's data set.
[[nodiscard]] Status fingerprint(const FingerprintOptions& options);

struct SignAccusationOptions {
    std::filesystem::path config;
    RoundNumber round = 0;
    std::string site;  // name in the manifest, or address
    std::string kind;  // "poisoning" or "free-riding"
    std::uint16_t bps = 0;
    std::uint64_t deadline = 0;  // Unix seconds; 0: the last moment that the court accepts
    std::filesystem::path out;
    bool json = false;
};
// An auditor's signature under an accusation, for `fedstake-coordinator accuse`.
[[nodiscard]] Status sign_accusation(const SignAccusationOptions& options,
                                     const std::atomic<bool>& stop);

}  // namespace fedstake::client
