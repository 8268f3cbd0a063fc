// Starting, cancelling and waiting for the coroutines of a group.
#include "proto/asio/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

#include "proto/base/check.hpp"

namespace fedstake::async {

struct TaskGroup::Running {
    std::string name;
    std::function<Task<>()> make_task;
    boost::asio::cancellation_signal cancel;
};

TaskGroup::TaskGroup(boost::asio::any_io_executor executor, std::size_t tasks_max,
                     OnFailure on_failure)
    : executor_(std::move(executor)),
      tasks_max_(tasks_max),
      on_failure_(std::move(on_failure)),
      idle_(executor_, boost::asio::steady_timer::time_point::max()) {}

TaskGroup::~TaskGroup() {
    FS_CHECK(running_.empty());
}

Status TaskGroup::spawn(std::string name, std::function<Task<>()> make_task) {
    if (stopping_) {
        return fail(Errc::kNotNow, "task " + name + " not started: the group is stopping");
    }
    if (running_.size() >= tasks_max_) {
        return fail(Errc::kLimitExceeded, "task " + name +
                                              " not started: " + std::to_string(running_.size()) +
                                              " tasks are running, which is the limit");
    }
    const auto place = running_.insert(running_.end(), std::make_shared<Running>());
    Running& running = **place;
    running.name = std::move(name);
    running.make_task = std::move(make_task);
    boost::asio::co_spawn(executor_, running.make_task(),
                          boost::asio::bind_cancellation_slot(
                              running.cancel.slot(), [this, place](std::exception_ptr error) {
                                  on_done(place, std::move(error));
                              }));
    return {};
}

void TaskGroup::on_done(std::list<std::shared_ptr<Running>>::iterator place,
                        std::exception_ptr error) {
    const std::shared_ptr<Running> ended = std::move(*place);
    running_.erase(place);
    if (running_.empty()) {
        idle_.cancel();
    }
    if (!error) {
        return;
    }
    try {
        std::rethrow_exception(std::move(error));
    } catch (const boost::system::system_error& failure) {
        if (!stopping_ || failure.code() != boost::asio::error::operation_aborted) {
            on_failure_(ended->name, failure.what());
        }
    } catch (const std::exception& failure) {
        on_failure_(ended->name, failure.what());
    }
}

void TaskGroup::stop() {
    stopping_ = true;
    // Behind the start of each task: Boost 1.83 forgets the completion of a task that is cancelled
    // before it has run, and join() would wait for ever.
    for (const auto& task : running_) {
        boost::asio::post(executor_, [weak = std::weak_ptr<Running>(task)] {
            // Held for the whole of emit(), inside which the task may end.
            if (const std::shared_ptr<Running> running = weak.lock()) {
                running->cancel.emit(boost::asio::cancellation_type::terminal);
            }
        });
    }
}

Task<> TaskGroup::join() {
    while (!running_.empty()) {
        (void)co_await idle_.async_wait(kTuple);
    }
}

}  // namespace fedstake::async
