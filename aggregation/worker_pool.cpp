// Hands out indices from an atomic counter and waits for the last worker.
#include "aggregation/worker_pool.hpp"

#include <utility>

namespace fedstake::aggregation {

WorkerPool::WorkerPool(unsigned threads) {
    for (unsigned worker = 1; worker < threads; ++worker) {
        threads_.emplace_back([this, worker] { serve(worker); });
    }
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

Status WorkerPool::for_each(std::size_t count, const Task& task) {
    failure_ = {};
    failed_.store(count);
    next_.store(0);
    if (!threads_.empty() && count > 1) {
        const std::lock_guard lock(mutex_);
        task_ = &task;
        count_ = count;
        ++generation_;
        busy_ = threads_.size();
        wake_.notify_all();
    }
    drain(0, task, count);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
    return std::move(failure_);
}

void WorkerPool::serve(std::size_t worker) {
    std::uint64_t seen = 0;
    while (true) {
        const Task* task = nullptr;
        std::size_t count = 0;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return stop_ || generation_ != seen; });
            if (stop_) {
                return;
            }
            seen = generation_;
            task = task_;
            count = count_;
        }
        drain(worker, *task, count);
        const std::lock_guard lock(mutex_);
        if (--busy_ == 0) {
            done_.notify_one();
        }
    }
}

void WorkerPool::drain(std::size_t worker, const Task& task, std::size_t count) {
    // Indices are handed out in order, so every one below a failing one has been taken already.
    for (std::size_t index = next_.fetch_add(1); index < count && index < failed_.load();
         index = next_.fetch_add(1)) {
        if (Status status = task(worker, index); !status) {
            record(index, std::move(status));
        }
    }
}

void WorkerPool::record(std::size_t index, Status failure) {
    const std::lock_guard lock(mutex_);
    if (index < failed_.load()) {
        failed_.store(index);
        failure_ = std::move(failure);
    }
}

}  // namespace fedstake::aggregation
