// The command line of the verbs about stake, cases, models and accusations.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "client/app/owner_commands.hpp"
#include "client/app/record_commands.hpp"

namespace fedstake::client {

class ChainVerbs {
public:
    // Adds the verbs. This outlives the app's parsing.
    void add_to(CLI::App& app);
    // The verb that was given; nothing when it is none of these.
    [[nodiscard]] std::optional<Result<ExitCode>> run(const CLI::App& app,
                                                      const std::atomic<bool>& stop) const;

private:
    void add_owner_verbs(CLI::App& app);
    void add_record_verbs(CLI::App& app);
    [[nodiscard]] Result<ExitCode> run_exit(const std::atomic<bool>& stop) const;

    OwnerOptions exit_;
    std::string exit_amount_;
    OwnerOptions withdraw_;
    AppealOptions appeal_;
    RotateOptions rotate_;
    ModelVerifyOptions model_;
    FingerprintOptions fingerprint_;
    SignAccusationOptions accusation_;
};

}  // namespace fedstake::client
