// Civil dates by std::chrono.
#include "contracts/cpp/utc_text.hpp"

#include <chrono>

#include <fmt/format.h>

namespace fedstake::chain {

namespace {

constexpr std::uint64_t kTimeMax = 253'402'300'799;  // end of the year 9999

}  // namespace

std::string utc_text(std::uint64_t seconds) {
    if (seconds > kTimeMax) return std::to_string(seconds);
    namespace chr = std::chrono;
    const chr::sys_seconds at{chr::seconds(seconds)};
    const auto day = chr::floor<chr::days>(at);
    const chr::year_month_day date(day);
    const chr::hh_mm_ss clock(at - day);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace fedstake::chain
