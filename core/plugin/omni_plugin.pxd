# omni_plugin.pxd: omni_plugin.h for Cython. Every field and function may be used without the GIL.
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef extern from "omni_plugin.h" nogil:
    const uint32_t OMNI_MAGIC
    const uint16_t OMNI_ABI_MAJOR
    const uint16_t OMNI_ABI_MINOR
    const uint32_t OMNI_NO_INSTRUMENT
    const uint64_t OMNI_CAN_AMEND
    const uint64_t OMNI_CAN_POST_ONLY
    const uint64_t OMNI_CAN_TIME
    const uint64_t OMNI_CAN_SHOW_BOOK
    const uint64_t OMNI_CAN_KEEP_STATE

    enum: OMNI_NUMBER, OMNI_WHOLE, OMNI_TEXT
    enum: OMNI_BUY, OMNI_SELL
    enum: OMNI_MARKET, OMNI_LIMIT
    enum: OMNI_DAY, OMNI_GTC, OMNI_IOC, OMNI_FOK
    enum:
        OMNI_EXEC_NEW
        OMNI_EXEC_TRADE
        OMNI_EXEC_CANCELLED
        OMNI_EXEC_REPLACED
        OMNI_EXEC_REJECTED
        OMNI_EXEC_EXPIRED
        OMNI_EXEC_CANCEL_REJECTED
    enum:
        OMNI_STATUS_NEW
        OMNI_STATUS_PARTIALLY_FILLED
        OMNI_STATUS_FILLED
        OMNI_STATUS_CANCELLED
        OMNI_STATUS_REJECTED
        OMNI_STATUS_EXPIRED
    enum: OMNI_NO_LIQUIDITY, OMNI_MAKER, OMNI_TAKER
    enum: OMNI_OPEN, OMNI_HALTED, OMNI_CLOSED

    ctypedef struct omni_header:
        uint32_t magic
        uint16_t abi_major
        uint16_t abi_minor
        uint32_t size

    ctypedef struct omni_parameter_info:
        uint32_t size
        uint32_t kind
        const char *name
        const char *meaning
        double default_number
        const char *default_text
        double least
        double most

    ctypedef struct omni_parameter:
        const char *name
        const char *text
        double number

    ctypedef struct omni_decimal:
        int64_t mantissa
        int32_t exponent

    ctypedef struct omni_instrument:
        uint32_t size
        uint32_t id
        char[32] symbol
        char[8] venue
        char[16] currency
        omni_decimal price_unit
        omni_decimal quantity_unit
        omni_decimal multiplier
        int64_t tick
        uint64_t lot
        int64_t price_min
        int64_t price_max
        uint64_t quantity_max
        uint8_t asset_class

    ctypedef struct omni_ticket:
        uint32_t size
        uint32_t instrument
        uint64_t quantity
        int64_t price
        uint8_t limit
        uint8_t time_in_force
        uint8_t post_only
        uint8_t self_trade

    ctypedef struct omni_order:
        uint32_t size
        uint32_t instrument
        uint64_t id
        int64_t price
        uint64_t leaves
        uint64_t filled
        uint8_t side
        uint8_t accepted

    ctypedef struct omni_quote:
        uint32_t size
        uint32_t instrument
        int64_t time
        int64_t bid
        uint64_t bid_quantity
        int64_t ask
        uint64_t ask_quantity
        uint8_t has_bid
        uint8_t has_ask

    ctypedef struct omni_trade:
        uint32_t size
        uint32_t instrument
        int64_t time
        int64_t price
        uint64_t quantity
        int8_t aggressor

    ctypedef struct omni_bar:
        uint32_t size
        uint32_t instrument
        int64_t time
        int64_t interval_ns
        int64_t open
        int64_t high
        int64_t low
        int64_t close
        uint64_t volume

    ctypedef struct omni_level:
        int64_t price
        uint64_t quantity
        uint32_t orders

    ctypedef struct omni_book:
        uint32_t size
        uint32_t instrument
        int64_t time
        const omni_level *bids
        const omni_level *asks
        uint32_t bid_count
        uint32_t ask_count

    ctypedef struct omni_report:
        uint32_t size
        uint32_t instrument
        int64_t time
        uint64_t order
        uint64_t venue_order
        uint64_t trade
        int64_t price
        uint64_t quantity
        uint64_t leaves
        uint64_t filled
        int64_t last_price
        uint64_t last_quantity
        uint8_t side
        uint8_t order_type
        uint8_t time_in_force
        uint8_t exec_type
        uint8_t status
        uint8_t reason
        uint8_t liquidity

    ctypedef struct omni_timer:
        uint32_t size
        uint32_t timer
        int64_t time

    ctypedef struct omni_status:
        uint32_t size
        uint32_t instrument
        int64_t time
        uint8_t state

    ctypedef struct omni_desk:
        const omni_host *host

    ctypedef struct omni_host:
        omni_header header
        uint64_t capabilities
        uint64_t (*query)(omni_desk *desk, uint64_t capability) noexcept nogil
        uint64_t (*buy)(omni_desk *desk, const omni_ticket *ticket) noexcept nogil
        uint64_t (*sell)(omni_desk *desk, const omni_ticket *ticket) noexcept nogil
        void (*amend)(omni_desk *desk, uint64_t order, int64_t price, uint64_t quantity) noexcept nogil
        void (*cancel)(omni_desk *desk, uint64_t order) noexcept nogil
        void (*cancel_all)(omni_desk *desk, uint32_t instrument) noexcept nogil
        void (*set_timer)(omni_desk *desk, uint32_t timer, int64_t at) noexcept nogil
        int64_t (*time)(omni_desk *desk) noexcept nogil
        int64_t (*position)(omni_desk *desk, uint32_t instrument) noexcept nogil
        int32_t (*mark)(omni_desk *desk, uint32_t instrument, int64_t *price) noexcept nogil
        int32_t (*top)(omni_desk *desk, uint32_t instrument, omni_quote *quote) noexcept nogil
        uint64_t (*order_count)(omni_desk *desk) noexcept nogil
        int32_t (*order_after)(omni_desk *desk, uint64_t id, omni_order *order) noexcept nogil
        uint32_t (*instrument_count)(omni_desk *desk) noexcept nogil
        int32_t (*instrument)(omni_desk *desk, uint32_t id, omni_instrument *instrument) noexcept nogil
        uint32_t (*find)(omni_desk *desk, const char *symbol) noexcept nogil
        void (*fail)(omni_desk *desk, const char *message) noexcept nogil

    ctypedef struct omni_plugin:
        omni_header header
        const char *name
        const char *version
        uint64_t required
        const omni_parameter_info *parameters
        uint64_t parameter_count
        void *(*create)(omni_desk *desk, const omni_parameter *values, uint64_t count) noexcept nogil
        void (*destroy)(void *self) noexcept nogil
        int32_t (*on_start)(void *self, omni_desk *desk) noexcept nogil
        int32_t (*on_recover)(void *self, omni_desk *desk) noexcept nogil
        int32_t (*on_stop)(void *self, omni_desk *desk) noexcept nogil
        int32_t (*on_book)(void *self, omni_desk *desk, const omni_book *book) noexcept nogil
        int32_t (*on_quote)(void *self, omni_desk *desk, const omni_quote *quote) noexcept nogil
        int32_t (*on_trade)(void *self, omni_desk *desk, const omni_trade *trade) noexcept nogil
        int32_t (*on_bar)(void *self, omni_desk *desk, const omni_bar *bar) noexcept nogil
        int32_t (*on_timer)(void *self, omni_desk *desk, const omni_timer *timer) noexcept nogil
        int32_t (*on_report)(void *self, omni_desk *desk, const omni_report *report) noexcept nogil
        int32_t (*on_status)(void *self, omni_desk *desk, const omni_status *status) noexcept nogil
        uint64_t (*save)(void *self, uint8_t *into, uint64_t capacity) noexcept nogil
        int32_t (*restore)(void *self, omni_desk *desk, const uint8_t *data, uint64_t length) noexcept nogil

    omni_ticket omni_limit(uint32_t instrument, uint64_t quantity, int64_t price, uint8_t time_in_force) noexcept
    omni_ticket omni_market(uint32_t instrument, uint64_t quantity) noexcept
    uint64_t omni_buy(omni_desk *desk, omni_ticket ticket) noexcept
    uint64_t omni_sell(omni_desk *desk, omni_ticket ticket) noexcept
    int32_t omni_fail(omni_desk *desk, const char *message) noexcept
