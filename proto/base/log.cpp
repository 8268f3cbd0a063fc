// spdlog behind the logging facade.
#include "proto/base/log.hpp"

#include <memory>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace fedstake {

namespace {

bool g_json = false;

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::kDebug: return spdlog::level::debug;
        case LogLevel::kInfo: return spdlog::level::info;
        case LogLevel::kWarn: return spdlog::level::warn;
        case LogLevel::kError: return spdlog::level::err;
    }
    return spdlog::level::info;
}

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = [] {
        auto made = spdlog::stderr_color_mt("fedstake");
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
        return made;
    }();
    return *instance;
}

std::string json_escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace

void configure_log(const LogOptions& options) {
    g_json = options.json;
    logger().set_level(to_spdlog(options.level));
    if (options.json) {
        logger().set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e","level":"%l",%v})");
    }
}

bool log_enabled(LogLevel level) noexcept {
    return logger().should_log(to_spdlog(level));
}

void log_line(LogLevel level, std::string_view module, std::string_view message) {
    if (g_json) {
        logger().log(to_spdlog(level), "{}",
                     fmt::format(R"("module":"{}","event":"{}")", module, json_escape(message)));
    } else {
        logger().log(to_spdlog(level), "{}", fmt::format("[{}] {}", module, message));
    }
}

}  // namespace fedstake
