// The command line of the verbs about the chain's records: model, accuse.
#pragma once

#include <optional>

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
    void add_accuse(CLI::App& app);

    CLI::App* model_ = nullptr;
    ModelPublishOptions publish_;
    ModelOptions show_;
    ModelOptions verify_;
    AccuseOptions accuse_;
};

}  // namespace fedstake::coordinator
