// The coordinator: builds the parts, wires them, runs the rounds, stops.
//
// Threads: "round" (the caller of run(): machine, journal, desks, reporter), "zmq" (RouterServer),
// "worker" (durable uploads, aggregation), "chain" (LedgerPoster), "http". Others hand work to the
// round thread through the EventLoop.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "coordinator/app/aggregation_job.hpp"
#include "coordinator/app/config.hpp"
#include "coordinator/app/keys.hpp"
#include "proto/base/exit_code.hpp"
#include "proto/manifest/manifest.hpp"

namespace fedstake::coordinator {

struct RunOptions {
    std::optional<std::uint64_t> rounds;   // the round after which to finish; none: never
    bool serve_only = false;               // answer auditors and sites; no round goes on
    Duration settle_timeout{300'000};      // for the chain, after the last round
    Duration chain_start_timeout{60'000};  // for the first stakes, before the first round
    Duration report_timeout{5'000};        // for the sites' figures of the last model
    bool json = false;                     // events on standard output instead of trees
    std::filesystem::path events;          // event log file; empty: none
    // How a frozen round becomes its result, and what is kept and served of an attested one (empty:
    // the record as it is). Tests with a lying coordinator give others.
    Aggregator aggregate = aggregate_round;
    std::function<round::RecordResult(round::RecordResult)> keep;
};

class Coordinator {
public:
    // Takes the data folder, opens the ports, replays the journal.
    [[nodiscard]] static Result<std::unique_ptr<Coordinator>> open(Config config,
                                                                   manifest::Manifest manifest,
                                                                   Keys keys, RunOptions options);
    ~Coordinator();

    // Until all rounds are done and settled (kSuccess), the chain took too long for it (kNotNow), a
    // round used up its attempts (kRoundsFailed), or stop() (kInterrupted). An Error is the host's:
    // disk, database. Call once.
    [[nodiscard]] Result<ExitCode> run();
    // From any thread.
    void stop() noexcept;

    [[nodiscard]] std::uint16_t site_port() const noexcept;
    [[nodiscard]] std::uint16_t http_port() const noexcept;

private:
    class Impl;
    explicit Coordinator(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace fedstake::coordinator
