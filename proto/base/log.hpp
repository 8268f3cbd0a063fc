// Logging facade: FS_LOG(kInfo, "round", "update accepted round={} site={}", round, site.hex());
//
// Module, past-tense event, key=value pairs. Never tensors, keys or patient data, and a peer must
// not be able to repeat an info line: log what peers can trigger at kDebug or count it in a metric.
#pragma once

#include <string>
#include <string_view>

#include <fmt/core.h>

namespace fedstake {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

// Where lines go: standard error, as text or as one JSON object a line.
struct LogOptions {
    LogLevel level = LogLevel::kInfo;
    bool json = false;
};

// Call once at start, before threads. Default: info, text.
void configure_log(const LogOptions& options);
[[nodiscard]] bool log_enabled(LogLevel level) noexcept;
void log_line(LogLevel level, std::string_view module, std::string_view message);

}  // namespace fedstake

#define FS_LOG(level, module, ...)                                                                 \
    do {                                                                                           \
        if (::fedstake::log_enabled(::fedstake::LogLevel::level)) {                                \
            ::fedstake::log_line(::fedstake::LogLevel::level, module, ::fmt::format(__VA_ARGS__)); \
        }                                                                                          \
    } while (false)
