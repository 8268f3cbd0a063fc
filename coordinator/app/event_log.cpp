// One JSON object a line, one write a line.
#include "coordinator/app/event_log.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <mutex>

#include <nlohmann/json.hpp>

#include "proto/base/log.hpp"

namespace fedstake::coordinator {

struct EventLog::Impl {
    std::mutex mutex;
    int fd = -1;
    bool owned = false;
    bool failed = false;

    ~Impl() {
        if (owned && fd >= 0) {
            ::close(fd);
        }
    }
};

EventLog::EventLog() = default;
EventLog::EventLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventLog::~EventLog() = default;
EventLog::EventLog(EventLog&&) noexcept = default;
EventLog& EventLog::operator=(EventLog&&) noexcept = default;

Result<EventLog> EventLog::open(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) {
        return fail(Errc::kUnavailable,
                    path.string() + ": event log cannot be opened: " + std::strerror(errno));
    }
    auto impl = std::make_unique<Impl>();
    impl->fd = fd;
    impl->owned = true;
    return EventLog(std::move(impl));
}

EventLog EventLog::standard_output() {
    auto impl = std::make_unique<Impl>();
    impl->fd = STDOUT_FILENO;
    return EventLog(std::move(impl));
}

void EventLog::write(Timestamp now, const char* event, const nlohmann::json& fields) {
    if (!impl_) {
        return;
    }
    nlohmann::ordered_json line;
    line["event"] = event;
    line["at_ms"] = now.ms;
    for (const auto& [key, value] : fields.items()) {
        line[key] = value;
    }
    const std::string text =
        line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    const std::lock_guard lock(impl_->mutex);
    if (impl_->failed) {
        return;
    }
    const ssize_t written = ::write(impl_->fd, text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size())) {
        impl_->failed = true;
        FS_LOG(kWarn, "events", "event log cannot be written any more error={}",
               std::strerror(errno));
    }
}

}  // namespace fedstake::coordinator
