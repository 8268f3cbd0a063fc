// The coroutine vocabulary of the hosts: one name for a task, and how its errors come back.
//
// g++ 12 destroys aggregate and capturing-lambda temporaries of a co_await expression twice:
// bind them to a named local first, and std::move it into the call.
#pragma once

#include <utility>  // before Boost: 1.81's awaitable.hpp uses std::exchange without including it

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace fedstake::async {

template <class T = void>
using Task = boost::asio::awaitable<T>;

// Completion token: `auto [error, value] = co_await timer.async_wait(kTuple);` never throws.
inline constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace fedstake::async
