// The command line of the verbs about the chain's records: model, stake, accuse.
#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "coordinator/app/record_commands.hpp"

namespace fedstake::coordinator {

class RecordVerbs {
public:
    // Adds the verbs. This outlives the app's parsing.
    void add_to(CLI::App& app);
    // The verb that was given; nothing when it is none of these.
    [[nodiscard]] std::optional<Result<ExitCode>> run(const CLI::App& app) const;

private:
    void add_model(CLI::App& app);
    void add_model_status(const char* name, const char* help, ModelStatusOptions& options);
    void add_stake(CLI::App& app);
    void add_accuse(CLI::App& app);
    [[nodiscard]] Result<ExitCode> run_model() const;
    [[nodiscard]] Result<ExitCode> run_stake() const;

    CLI::App* model_ = nullptr;
    ModelPublishOptions publish_;
    ModelOptions show_;
    ModelOptions verify_;
    ModelStatusOptions deprecate_;
    ModelStatusOptions revoke_;
    CoordinatorStakeOptions stake_;
    std::string stake_amount_;
    AccuseOptions accuse_;
};

}  // namespace fedstake::coordinator
