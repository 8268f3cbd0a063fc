// The round thread's inbox, and the thread that does its heavy work.
#include "coordinator/app/event_loop.hpp"

#include <chrono>
#include <deque>
#include <thread>
#include <utility>

namespace fedstake::coordinator {

void EventLoop::post(Task task) {
    {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    ready_.notify_one();
}

void EventLoop::wake() noexcept {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    ready_.notify_one();
}

void EventLoop::stop() noexcept {
    stopped_.store(true);
    wake();
}

std::vector<EventLoop::Task> EventLoop::wait(Duration longest) {
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, std::chrono::milliseconds(longest.ms),
                    [this] { return woken_ || !tasks_.empty(); });
    woken_ = false;
    return std::exchange(tasks_, {});
}

struct Worker::Impl {
    mutable std::mutex mutex;
    std::condition_variable ready;
    std::deque<std::function<void()>> jobs;
    bool stopping = false;
    std::thread thread;

    void run() {
        std::unique_lock lock(mutex);
        for (;;) {
            ready.wait(lock, [this] { return stopping || !jobs.empty(); });
            if (stopping) {
                return;
            }
            const std::function<void()> job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job();
            lock.lock();
        }
    }
};

Worker::Worker() : impl_(std::make_unique<Impl>()) {
    impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Worker::~Worker() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->ready.notify_one();
    impl_->thread.join();
}

void Worker::order(std::function<void()> job) {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->jobs.push_back(std::move(job));
    }
    impl_->ready.notify_one();
}

std::size_t Worker::waiting() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->jobs.size();
}

}  // namespace fedstake::coordinator
