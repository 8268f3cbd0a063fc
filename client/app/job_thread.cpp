// Queue in, queue out.
#include "client/app/job_thread.hpp"

#include <utility>

namespace fedstake::client {

JobThread::JobThread() : thread_([this] { work(); }) {}

JobThread::~JobThread() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
        waiting_.clear();
    }
    changed_.notify_all();
    thread_.join();
}

void JobThread::submit(Job job) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(job));
    }
    changed_.notify_one();
}

std::optional<session::Event> JobThread::poll() {
    const std::lock_guard lock(mutex_);
    if (done_.empty()) return std::nullopt;
    session::Event event = std::move(done_.front());
    done_.pop_front();
    return event;
}

bool JobThread::idle() {
    const std::lock_guard lock(mutex_);
    return waiting_.empty() && done_.empty() && !running_;
}

void JobThread::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
        if (stop_) return;
        const Job job = std::move(waiting_.front());
        waiting_.pop_front();
        running_ = true;
        lock.unlock();
        session::Event event = job();
        lock.lock();
        running_ = false;
        done_.push_back(std::move(event));
    }
}

}  // namespace fedstake::client
