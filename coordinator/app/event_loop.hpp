// What the round thread waits for: tasks of other threads, network input, a deadline.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "proto/base/time.hpp"

namespace fedstake::coordinator {

// Any thread may post, wake and stop; one thread waits. Tasks are results of jobs that this thread
// ordered, so their number is bounded by what it orders.
class EventLoop {
public:
    using Task = std::function<void()>;

    void post(Task task);
    // There is network input.
    void wake() noexcept;
    void stop() noexcept;

    // Returns at the latest after `longest` with the tasks that were posted, in order.
    [[nodiscard]] std::vector<Task> wait(Duration longest);
    [[nodiscard]] bool stopped() const noexcept { return stopped_.load(); }

private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::vector<Task> tasks_;
    bool woken_ = false;
    std::atomic<bool> stopped_{false};
};

// One thread that performs jobs in order.
class Worker {
public:
    Worker();
    ~Worker();  // finishes the job that runs, drops the others
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void order(std::function<void()> job);
    [[nodiscard]] std::size_t waiting() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fedstake::coordinator
