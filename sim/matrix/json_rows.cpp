// A streaming reader: events of the JSON parser in, rows out.
#include "sim/matrix/json_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <istream>
#include <optional>
#include <span>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "proto/base/limits.hpp"

namespace fedstake::sim {
namespace {

using nlohmann::json;

constexpr std::size_t kTextBytes = std::size_t{1} << 16U;
constexpr std::size_t kNumbersHeld = 8192;
constexpr int kOutOfRange = 406;  // the parser's number for what no double can hold

// Text of a store, a piece at a time. A failing disk ends the text; status() says so.
class StoreBuffer final : public std::streambuf {
public:
    explicit StoreBuffer(const ByteStore& store) : store_(store), piece_(kTextBytes) {}
    [[nodiscard]] const Status& status() const noexcept { return status_; }

protected:
    int_type underflow() override {
        const auto count = static_cast<std::size_t>(
            std::min<std::uint64_t>(store_.size() - place_, piece_.size()));
        if (count == 0 || !status_) {
            return traits_type::eof();
        }
        status_ =
            store_.read(place_, std::span(reinterpret_cast<std::uint8_t*>(piece_.data()), count));
        if (!status_) {
            return traits_type::eof();
        }
        place_ += count;
        setg(piece_.data(), piece_.data(), piece_.data() + count);
        return traits_type::to_int_type(piece_.front());
    }

private:
    const ByteStore& store_;
    std::vector<char> piece_;
    std::uint64_t place_ = 0;
    Status status_;
};

// Takes the parser's events; each handler returns false to stop it, with error() set.
class RowReader {
public:
    bool null() { return other("null"); }
    bool boolean(bool value) { return other(value ? "true" : "false"); }
    bool number_integer(std::int64_t value) { return number(static_cast<double>(value)); }
    bool number_unsigned(std::uint64_t value) { return number(static_cast<double>(value)); }
    bool number_float(double value, const std::string& /*text*/) { return number(value); }
    bool string(std::string& /*value*/) { return other("text"); }
    bool binary(std::vector<std::uint8_t>& /*value*/) { return other("binary data"); }
    bool start_object(std::size_t /*size*/) {
        if (place_ == Place::kStart) {
            place_ = Place::kObject;
            return true;
        }
        return open("an object");
    }
    bool key(std::string& name) {
        if (place_ != Place::kObject) {
            return true;
        }
        wanted_ = name == "input";
        if (wanted_ && found_) {
            return stop("\"input\" is given twice");
        }
        return true;
    }
    bool end_object() { return close(); }
    bool start_array(std::size_t /*size*/) {
        if (place_ == Place::kStart || (place_ == Place::kObject && wanted_)) {
            bare_ = place_ == Place::kStart;
            found_ = true;
            place_ = Place::kMatrix;
            return true;
        }
        if (place_ == Place::kMatrix) {
            if (row_ == limits::kSitesMax) {
                return stop(fmt::format("more than {} rows, which are the most that are possible",
                                        limits::kSitesMax));
            }
            place_ = Place::kRow;
            column_ = 0;
            return true;
        }
        return open("a list");
    }
    bool end_array() {
        if (place_ == Place::kRow) {
            return end_row();
        }
        if (place_ == Place::kMatrix) {
            place_ = bare_ ? Place::kDone : Place::kObject;
            return true;
        }
        return close();
    }
    bool parse_error(std::size_t /*position*/, const std::string& token,
                     const nlohmann::detail::exception& exception) {
        // The token may begin with the one before it.
        std::string_view word = token;
        word.remove_prefix(word.find_last_of(",[ \t\r\n") + 1);
        word.remove_prefix(word.starts_with('-') ? 1 : 0);
        const bool not_finite = exception.id == kOutOfRange || word.starts_with('N') ||
                                word.starts_with('I') || word.starts_with('i') ||
                                word.starts_with("na");
        if (place_ == Place::kRow && not_finite) {
            return stop(here() + " is not a finite number");
        }
        std::string_view what = exception.what();
        what.remove_prefix(std::min(what.find("] ") + 2, what.size()));
        return stop("not JSON: " + std::string(what.substr(0, what.find("; last read"))));
    }

    [[nodiscard]] Result<NumberRows> finish() {
        if (error_) {
            return tl::unexpected(*error_);
        }
        if (!found_) {
            return fail(Errc::kInvalidInput, "the object has no \"input\"");
        }
        FS_TRY(flush());
        FS_TRY(check_matrix_size(row_, columns_));
        std::vector<StoredRow> rows;
        for (std::size_t i = 0; i < row_; ++i) {
            rows.push_back(
                {.offset = i * columns_ * sizeof(double), .type = ElementType::kFloat64});
        }
        return NumberRows(std::move(numbers_), std::move(rows), columns_);
    }

private:
    enum class Place : std::uint8_t { kStart, kObject, kSkipped, kMatrix, kRow, kDone };

    [[nodiscard]] std::string here() const {
        return fmt::format("row {}, column {}", row_, column_);
    }
    bool stop(std::string message) {
        error_ = Error{Errc::kInvalidInput, std::move(message)};
        return false;
    }
    bool stop(const Error& error) {
        error_ = error;
        return false;
    }
    // A value that is neither a number nor a list where rows or numbers are wanted.
    bool other(std::string_view what) {
        switch (place_) {
            case Place::kRow: return stop(fmt::format("{} is {}, not a number", here(), what));
            case Place::kMatrix:
                return stop(fmt::format("row {} is {}, not a list of numbers", row_, what));
            case Place::kObject:
                return wanted_ ? stop(fmt::format("\"input\" is {}, not a list of rows", what))
                               : true;
            case Place::kStart:
                return stop(
                    fmt::format("it is {}, not a list of rows or an object with one under "
                                "\"input\"",
                                what));
            case Place::kSkipped:
            case Place::kDone: break;
        }
        return true;
    }
    bool open(std::string_view what) {
        if (place_ == Place::kSkipped || (place_ == Place::kObject && !wanted_)) {
            place_ = Place::kSkipped;
            ++depth_;
            return true;
        }
        return other(what);
    }
    bool close() {
        if (place_ == Place::kSkipped) {
            place_ = --depth_ == 0 ? Place::kObject : Place::kSkipped;
        } else {
            place_ = Place::kDone;
        }
        return true;
    }
    bool number(double value) {
        if (place_ != Place::kRow) {
            return other("a number");
        }
        if (column_ == (row_ == 0 ? limits::kCoordinatesMax : columns_)) {
            return row_ == 0
                       ? stop(fmt::format("row 0 has more than {} values", limits::kCoordinatesMax))
                       : stop(fmt::format("row {} has more values than row 0, which has {}", row_,
                                          columns_));
        }
        ++column_;
        held_.push_back(value);
        if (held_.size() == kNumbersHeld) {
            if (const Status status = flush(); !status) {
                return stop(status.error());
            }
        }
        return true;
    }
    bool end_row() {
        if (column_ == 0) {
            return stop(fmt::format("row {} is empty", row_));
        }
        if (row_ > 0 && column_ != columns_) {
            return stop(fmt::format("row {} has {} values, row 0 has {}", row_, column_, columns_));
        }
        columns_ = column_;
        ++row_;
        place_ = Place::kMatrix;
        return true;
    }
    [[nodiscard]] Status flush() {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(held_.data());
        const Status status = numbers_->append({bytes, held_.size() * sizeof(double)});
        held_.clear();
        return status;
    }

    Place place_ = Place::kStart;
    bool bare_ = false;    // the list of rows is the whole text
    bool wanted_ = false;  // the last key was "input"
    bool found_ = false;
    std::size_t depth_ = 0;     // of what is passed over
    std::uint64_t row_ = 0;     // finished rows
    std::uint64_t column_ = 0;  // finished numbers of this row
    std::uint64_t columns_ = 0;
    std::vector<double> held_;
    std::shared_ptr<Spool> numbers_ = std::make_shared<Spool>();
    std::optional<Error> error_;
};

}  // namespace

Result<NumberRows> read_json_rows(const ByteStore& text) {
    StoreBuffer buffer(text);
    std::istream stream(&buffer);
    RowReader reader;
    json::sax_parse(stream, &reader);
    FS_TRY(buffer.status());
    return reader.finish();
}

}  // namespace fedstake::sim
