# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""A taker that follows the book: buys at the ask when bids outweigh asks, sells at the bid when asks do, and leaves
after a while.

What runs at import may use Python, as the table of parameters below. The callbacks run on the engine's thread without
Python's lock: `noexcept nogil`, and no object of Python in them.
"""

from libc.math cimport fabs
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from omni_plugin cimport *

# The parameters, in the order in which their values come to `create`.
cdef enum:
    THRESHOLD
    LEVELS
    QUANTITY
    HOLD
    PARAMETERS

cdef struct strategy:
    double threshold
    uint32_t levels
    uint64_t quantity
    int64_t hold_ns
    uint8_t *held  # whether it has entered, by instrument

cdef omni_parameter_info[PARAMETERS] parameters
cdef omni_plugin table


cdef void *create(omni_desk *desk, const omni_parameter *values, uint64_t count) noexcept nogil:
    cdef strategy *self = <strategy *>malloc(sizeof(strategy))
    cdef uint8_t *held = <uint8_t *>calloc(desk.host.instrument_count(desk) + 1, 1)
    if self == NULL or held == NULL:
        free(self)
        free(held)
        omni_fail(desk, "out of memory")
        return NULL
    self.threshold = values[THRESHOLD].number
    self.levels = <uint32_t>values[LEVELS].number
    self.quantity = <uint64_t>values[QUANTITY].number
    self.hold_ns = <int64_t>(values[HOLD].number * 1e9)
    self.held = held
    return self


cdef void destroy(void *this) noexcept nogil:
    free((<strategy *>this).held)
    free(this)


cdef double weight(const omni_level *levels, uint32_t count, uint32_t most) noexcept nogil:
    cdef double total = 0
    cdef uint32_t at
    for at in range(min(count, most)):
        total += <double>levels[at].quantity
    return total


cdef double imbalance(const omni_book *book, uint32_t levels) noexcept nogil:
    """Return (bids - asks) / (bids + asks) of the quantities in the first levels."""
    cdef double bids = weight(book.bids, book.bid_count, levels)
    cdef double asks = weight(book.asks, book.ask_count, levels)
    return (bids - asks) / (bids + asks) if bids + asks > 0 else 0


cdef int32_t on_book(void *this, omni_desk *desk, const omni_book *book) noexcept nogil:
    cdef strategy *self = <strategy *>this
    cdef double lean
    if self.held[book.instrument]:
        return 0
    lean = imbalance(book, self.levels)
    if fabs(lean) < self.threshold or book.bid_count == 0 or book.ask_count == 0:
        return 0
    self.held[book.instrument] = 1
    if lean > 0:
        omni_buy(desk, omni_limit(book.instrument, self.quantity, book.asks[0].price, OMNI_IOC))
    else:
        omni_sell(desk, omni_limit(book.instrument, self.quantity, book.bids[0].price, OMNI_IOC))
    desk.host.set_timer(desk, book.instrument, book.time + self.hold_ns)
    return 0


cdef int32_t on_timer(void *this, omni_desk *desk, const omni_timer *timer) noexcept nogil:
    cdef strategy *self = <strategy *>this
    cdef int64_t position = desk.host.position(desk, timer.timer)
    if position > 0:
        omni_sell(desk, omni_market(timer.timer, <uint64_t>position))
    elif position < 0:
        omni_buy(desk, omni_market(timer.timer, <uint64_t>-position))
    self.held[timer.timer] = 0
    return 0


cdef public const omni_plugin *omni_plugin_entry() noexcept nogil:
    return &table


cdef omni_parameter_info declared(const char *name, const char *meaning, uint32_t kind, double default, tuple bounds):
    cdef omni_parameter_info info
    memset(&info, 0, sizeof(info))
    info.size = sizeof(omni_parameter_info)
    info.kind, info.name, info.meaning, info.default_number = kind, name, meaning, default
    info.least, info.most = bounds
    return info


memset(&table, 0, sizeof(table))
parameters[THRESHOLD] = declared("threshold", "imbalance from which it trades, 0 to 1", OMNI_NUMBER, 0.6, (0, 1))
parameters[LEVELS] = declared("levels", "levels of each side that are weighed", OMNI_WHOLE, 3, (1, 10))
parameters[QUANTITY] = declared("quantity", "size of an entry, in quantity units", OMNI_WHOLE, 100, (1, 1e15))
parameters[HOLD] = declared("hold_s", "how long a position is held, in seconds", OMNI_NUMBER, 30, (0.001, 1e6))
table.header.magic = OMNI_MAGIC
table.header.abi_major = OMNI_ABI_MAJOR
table.header.abi_minor = OMNI_ABI_MINOR
table.header.size = sizeof(omni_plugin)
table.name = "leaning"
table.version = "0.1.0"
table.required = OMNI_CAN_SHOW_BOOK | OMNI_CAN_TIME
table.parameters = parameters
table.parameter_count = PARAMETERS
table.create = create
table.destroy = destroy
table.on_book = on_book
table.on_timer = on_timer
