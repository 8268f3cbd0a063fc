// A bounded set of coroutines that start together, stop together, and are waited for.
//
// Lives on one strand or one-threaded io_context: every method is called from there, and every
// task runs there. Destroy it only after join() returned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "proto/asio/asio_coro.hpp"
#include "proto/base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

namespace fedstake::async {

class TaskGroup {
public:
    // on_failure is told the name and the words of an exception that left a task; tasks that end
    // because stop() cancelled them are no failure.
    using OnFailure = std::function<void(const std::string& name, const std::string& what)>;

    TaskGroup(boost::asio::any_io_executor executor, std::size_t tasks_max, OnFailure on_failure);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    // Starts make_task() and keeps make_task (and its captures) alive until the task ends.
    // RETURNS kLimitExceeded when tasks_max are running, kNotNow after stop().
    [[nodiscard]] Status spawn(std::string name, std::function<Task<>()> make_task);

    // Cancels every running task (terminal cancellation) and refuses new ones. Idempotent.
    void stop();
    // Returns when no task runs. Call stop() first unless the tasks end by themselves.
    [[nodiscard]] Task<> join();

    [[nodiscard]] std::size_t running() const noexcept { return running_.size(); }
    [[nodiscard]] bool stopping() const noexcept { return stopping_; }

private:
    struct Running;
    void on_done(std::list<std::shared_ptr<Running>>::iterator place, std::exception_ptr error);

    boost::asio::any_io_executor executor_;
    std::size_t tasks_max_;
    OnFailure on_failure_;
    std::list<std::shared_ptr<Running>> running_;
    boost::asio::steady_timer idle_;  // never expires; cancelled when the last task ends
    bool stopping_ = false;
};

}  // namespace fedstake::async
