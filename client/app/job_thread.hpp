// One named thread that runs jobs one after another and hands back what they return.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "client/session/session_events.hpp"

namespace fedstake::client {

// A job runs on the thread; the event that it returns is picked up by poll().
class JobThread {
public:
    using Job = std::function<session::Event()>;

    JobThread();
    // Lets the running job end; jobs that wait are dropped.
    ~JobThread();
    JobThread(const JobThread&) = delete;
    JobThread& operator=(const JobThread&) = delete;

    void submit(Job job);
    [[nodiscard]] std::optional<session::Event> poll();
    // Whether nothing waits, runs, or is to be picked up.
    [[nodiscard]] bool idle();

private:
    void work();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> waiting_;
    std::deque<session::Event> done_;
    bool running_ = false;
    bool stop_ = false;
    std::thread thread_;  // last: started when everything else is there
};

}  // namespace fedstake::client
