// A few threads that share the independent pieces of one computation.
//
// Which thread takes which piece is left to chance; callers make results independent of it by
// writing to their own piece or by adding integers.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "proto/base/result.hpp"

namespace fedstake::aggregation {

class WorkerPool {
public:
    // threads includes the caller's: 1 starts none.
    explicit WorkerPool(unsigned threads);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    [[nodiscard]] std::size_t workers() const noexcept { return threads_.size() + 1; }

    // Calls task(worker, index) for every index below count, worker < workers(), and waits for all.
    // RETURNS the error of the lowest failing index; indices above one that failed may be left out.
    // One caller at a time. Memory does not depend on count.
    using Task = std::function<Status(std::size_t worker, std::size_t index)>;
    [[nodiscard]] Status for_each(std::size_t count, const Task& task);

private:
    void serve(std::size_t worker);
    void drain(std::size_t worker, const Task& task, std::size_t count);
    void record(std::size_t index, Status failure);

    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable done_;
    const Task* task_ = nullptr;
    std::size_t count_ = 0;
    std::uint64_t generation_ = 0;
    std::size_t busy_ = 0;
    bool stop_ = false;
    std::atomic<std::size_t> next_{0};
    std::atomic<std::size_t> failed_{0};  // the lowest failing index so far, or count_
    Status failure_;                      // of that index; guarded by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace fedstake::aggregation
