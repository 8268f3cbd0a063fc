// Hands out indices from an atomic counter and waits for the last worker.
#include "aggregation/worker_pool.hpp"

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
    results_.assign(count, Status{});
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
    {
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return busy_ == 0; });
    }
    for (Status& result : results_) {
        FS_TRY(std::move(result));
    }
    return {};
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
    for (std::size_t index = next_.fetch_add(1); index < count; index = next_.fetch_add(1)) {
        results_[index] = task(worker, index);
    }
}

}  // namespace fedstake::aggregation
