/* omni_plugin.h: the binary interface of compiled strategies, version 1.0.
 *
 * A plugin is a shared library that exports
 *
 *     const omni_plugin *omni_plugin_entry(void);
 *
 * The engine makes a strategy by `create`, calls it on its own thread in the order of events, and never two calls at
 * once. A callback returns 0; anything else, after `omni_fail` with the reason, stops the strategy: its orders are
 * cancelled and it is called no more. Nothing may unwind out of a callback: no C++ exception, no longjmp, no panic.
 *
 * Prices count an instrument's price unit, quantities its quantity unit, times nanoseconds since 1970 in UTC.
 *
 * What stands here is frozen. A later version appends to structures, which their `size` tells, and raises the minor
 * version; the engine takes plugins of its own major version and of minor versions up to its own.
 *
 * Apache-2.0. */
#ifndef OMNI_PLUGIN_H
#define OMNI_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OMNI_MAGIC 0x494E4D4Fu
#define OMNI_ABI_MAJOR 1
#define OMNI_ABI_MINOR 0

#if defined(_WIN32)
#define OMNI_EXPORT __declspec(dllexport)
#else
#define OMNI_EXPORT __attribute__((visibility("default")))
#endif

/* Every instrument, for `cancel_all`; none, from `find`. */
#define OMNI_NO_INSTRUMENT UINT32_MAX

/* Capabilities: what the engine can do. A plugin names those that it can't do without in `required`; `query` tells how
 * much there is of one, 0 where it isn't there. */
#define OMNI_CAN_AMEND ((uint64_t)1 << 0)
#define OMNI_CAN_POST_ONLY ((uint64_t)1 << 1)
#define OMNI_CAN_TIME ((uint64_t)1 << 2)
#define OMNI_CAN_SHOW_BOOK ((uint64_t)1 << 3) /* how much: levels of each side */
#define OMNI_CAN_KEEP_STATE ((uint64_t)1 << 4)

enum { OMNI_NUMBER = 0, OMNI_WHOLE = 1, OMNI_TEXT = 2 };
enum { OMNI_BUY = 0, OMNI_SELL = 1 };
enum { OMNI_MARKET = 0, OMNI_LIMIT = 1 };
enum { OMNI_DAY = 0, OMNI_GTC = 1, OMNI_IOC = 2, OMNI_FOK = 3 };
enum {
    OMNI_EXEC_NEW = 0,
    OMNI_EXEC_TRADE = 1,
    OMNI_EXEC_CANCELLED = 2,
    OMNI_EXEC_REPLACED = 3,
    OMNI_EXEC_REJECTED = 4,
    OMNI_EXEC_EXPIRED = 5,
    OMNI_EXEC_CANCEL_REJECTED = 6
};
enum {
    OMNI_STATUS_NEW = 0,
    OMNI_STATUS_PARTIALLY_FILLED = 1,
    OMNI_STATUS_FILLED = 2,
    OMNI_STATUS_CANCELLED = 3,
    OMNI_STATUS_REJECTED = 4,
    OMNI_STATUS_EXPIRED = 5
};
enum { OMNI_NO_LIQUIDITY = 0, OMNI_MAKER = 1, OMNI_TAKER = 2 };
enum { OMNI_OPEN = 0, OMNI_HALTED = 1, OMNI_CLOSED = 2 };

/* Who wrote a table, for which version, and how long it is. */
typedef struct omni_header {
    uint32_t magic; /* OMNI_MAGIC */
    uint16_t abi_major;
    uint16_t abi_minor;
    uint32_t size; /* bytes of the structure that begins with this header */
    uint32_t reserved;
} omni_header;

#define OMNI_HEADER(type) {OMNI_MAGIC, OMNI_ABI_MAJOR, OMNI_ABI_MINOR, (uint32_t)sizeof(type), 0}

/* A parameter as the plugin declares it. */
typedef struct omni_parameter_info {
    uint32_t size; /* bytes of this structure, and the distance to the next */
    uint32_t kind; /* OMNI_NUMBER, OMNI_WHOLE or OMNI_TEXT */
    const char *name;
    const char *meaning; /* with its unit */
    double default_number;
    const char *default_text; /* of a text; else NULL */
    double least;
    double most;
} omni_parameter_info;

/* A parameter's value; never longer than this. */
typedef struct omni_parameter {
    const char *name;
    const char *text; /* of a text; else NULL */
    double number;
} omni_parameter;

/* mantissa x 10^exponent */
typedef struct omni_decimal {
    int64_t mantissa;
    int32_t exponent;
    int32_t reserved;
} omni_decimal;

typedef struct omni_instrument {
    uint32_t size; /* who asks sets it */
    uint32_t id;
    char symbol[32];
    char venue[8];     /* ISO 10383 */
    char currency[16]; /* ISO 4217 */
    omni_decimal price_unit;
    omni_decimal quantity_unit;
    omni_decimal multiplier; /* value of one share or contract per whole unit of price */
    int64_t tick;            /* in price units */
    uint64_t lot;            /* in quantity units */
    int64_t price_min;
    int64_t price_max;
    uint64_t quantity_max;
    uint8_t asset_class; /* 0 equity, 1 future, 2 option, 3 foreign exchange, 4 bond, 5 crypto */
    uint8_t reserved[7];
} omni_instrument;

/* What is wanted of a new order. */
typedef struct omni_ticket {
    uint32_t size;
    uint32_t instrument;
    uint64_t quantity;
    int64_t price;         /* not read of a market order */
    uint8_t limit;         /* 1 with a limit, 0 at the market */
    uint8_t time_in_force; /* OMNI_DAY, OMNI_GTC, OMNI_IOC or OMNI_FOK */
    uint8_t post_only;     /* 1 is refused rather than traded on arrival */
    uint8_t self_trade;    /* where it meets an own order: 0 cancels the newest, 1 the oldest, 2 both, 3 takes the smaller off both */
    uint8_t reserved[4];
} omni_ticket;

/* An own order that isn't done. */
typedef struct omni_order {
    uint32_t size; /* who asks sets it */
    uint32_t instrument;
    uint64_t id;
    int64_t price; /* 0 for a market order */
    uint64_t leaves;
    uint64_t filled;
    uint8_t side;
    uint8_t accepted; /* 1 once the venue has it */
    uint8_t reserved[6];
} omni_order;

typedef struct omni_quote {
    uint32_t size;
    uint32_t instrument;
    int64_t time;
    int64_t bid; /* 0 where there is none, as its quantity */
    uint64_t bid_quantity;
    int64_t ask;
    uint64_t ask_quantity;
    uint8_t has_bid;
    uint8_t has_ask;
    uint8_t reserved[6];
} omni_quote;

typedef struct omni_trade {
    uint32_t size;
    uint32_t instrument;
    int64_t time;
    int64_t price;
    uint64_t quantity;
    int8_t aggressor; /* 1 a buyer came, -1 a seller, 0 not known */
    uint8_t reserved[7];
} omni_trade;

typedef struct omni_bar {
    uint32_t size;
    uint32_t instrument;
    int64_t time; /* the close of its interval */
    int64_t interval_ns;
    int64_t open;
    int64_t high;
    int64_t low;
    int64_t close;
    uint64_t volume;
} omni_bar;

/* One price of a book; never longer than this. */
typedef struct omni_level {
    int64_t price;
    uint64_t quantity;
    uint32_t orders; /* 0 where the venue doesn't tell */
} omni_level;

/* The first levels of a book, best first; the levels are valid while the callback runs. */
typedef struct omni_book {
    uint32_t size;
    uint32_t instrument;
    int64_t time;
    const omni_level *bids;
    const omni_level *asks;
    uint32_t bid_count;
    uint32_t ask_count;
} omni_book;

/* What happened to an own order. */
typedef struct omni_report {
    uint32_t size;
    uint32_t instrument;
    int64_t time;
    uint64_t order;       /* what `buy` or `sell` returned; 0 for a timer that was refused */
    uint64_t venue_order; /* 0 where the order never reached the venue */
    uint64_t trade;       /* 0 unless this is a fill */
    int64_t price;
    uint64_t quantity;
    uint64_t leaves;
    uint64_t filled;
    int64_t last_price;     /* 0 unless this is a fill */
    uint64_t last_quantity; /* 0 unless this is a fill */
    uint8_t side;
    uint8_t order_type;
    uint8_t time_in_force;
    uint8_t exec_type;
    uint8_t status;
    uint8_t reason; /* the code of a refusal; 0 otherwise */
    uint8_t liquidity;
    uint8_t reserved;
} omni_report;

typedef struct omni_timer {
    uint32_t size;
    uint32_t timer; /* what `set_timer` got */
    int64_t time;
} omni_timer;

typedef struct omni_status {
    uint32_t size;
    uint32_t instrument;
    int64_t time;
    uint8_t state;
    uint8_t reserved[7];
} omni_status;

typedef struct omni_host omni_host;

/* From where a strategy trades; the engine lends it for the time of one call. What follows `host` is the engine's. */
typedef struct omni_desk {
    const omni_host *host;
} omni_desk;

/* What the engine can do for a strategy. */
struct omni_host {
    omni_header header;
    uint64_t capabilities;
    uint64_t (*query)(omni_desk *desk, uint64_t capability);
    /* Orders: the number of the order; 0 where the ticket makes no sense, which is a fault of the strategy. */
    uint64_t (*buy)(omni_desk *desk, const omni_ticket *ticket);
    uint64_t (*sell)(omni_desk *desk, const omni_ticket *ticket);
    void (*amend)(omni_desk *desk, uint64_t order, int64_t price, uint64_t quantity);
    void (*cancel)(omni_desk *desk, uint64_t order);
    void (*cancel_all)(omni_desk *desk, uint32_t instrument);
    void (*set_timer)(omni_desk *desk, uint32_t timer, int64_t at);
    /* What the strategy knows: from what was delivered to it, and nothing else. */
    int64_t (*time)(omni_desk *desk);
    int64_t (*position)(omni_desk *desk, uint32_t instrument);
    int32_t (*mark)(omni_desk *desk, uint32_t instrument, int64_t *price);
    int32_t (*top)(omni_desk *desk, uint32_t instrument, omni_quote *quote);
    uint64_t (*order_count)(omni_desk *desk);
    /* The oldest of them whose number is above `id`; 0 where there is none. */
    int32_t (*order_after)(omni_desk *desk, uint64_t id, omni_order *order);
    uint32_t (*instrument_count)(omni_desk *desk);
    int32_t (*instrument)(omni_desk *desk, uint32_t id, omni_instrument *instrument);
    uint32_t (*find)(omni_desk *desk, const char *symbol); /* SYMBOL or SYMBOL.VENUE */
    void (*fail)(omni_desk *desk, const char *message);
};

/* What a plugin is. It never changes. A callback that is NULL is never called, and market data that no callback takes
 * isn't delivered. */
typedef struct omni_plugin {
    omni_header header;
    const char *name;
    const char *version;
    uint64_t required; /* capabilities that it can't do without */
    const omni_parameter_info *parameters;
    uint64_t parameter_count;
    /* The values are those of `parameters`, in their order. NULL where it can't be made, after `omni_fail`. */
    void *(*create)(omni_desk *desk, const omni_parameter *values, uint64_t count);
    void (*destroy)(void *self);
    int32_t (*on_start)(void *self, omni_desk *desk);
    int32_t (*on_recover)(void *self, omni_desk *desk); /* NULL: on_start */
    int32_t (*on_stop)(void *self, omni_desk *desk);    /* orders sent here are not taken */
    int32_t (*on_book)(void *self, omni_desk *desk, const omni_book *book);
    int32_t (*on_quote)(void *self, omni_desk *desk, const omni_quote *quote);
    int32_t (*on_trade)(void *self, omni_desk *desk, const omni_trade *trade);
    int32_t (*on_bar)(void *self, omni_desk *desk, const omni_bar *bar);
    int32_t (*on_timer)(void *self, omni_desk *desk, const omni_timer *timer);
    int32_t (*on_report)(void *self, omni_desk *desk, const omni_report *report);
    int32_t (*on_status)(void *self, omni_desk *desk, const omni_status *status);
    /* Writes the state if it fits into `capacity` bytes, and returns how long it is. */
    uint64_t (*save)(void *self, uint8_t *into, uint64_t capacity);
    int32_t (*restore)(void *self, omni_desk *desk, const uint8_t *from, uint64_t length);
} omni_plugin;

/* Every plugin defines it. */
OMNI_EXPORT const omni_plugin *omni_plugin_entry(void);

/* Shorter words for the usual calls. */

static inline omni_ticket omni_limit(uint32_t instrument, uint64_t quantity, int64_t price, uint8_t time_in_force) {
    omni_ticket ticket = {(uint32_t)sizeof(omni_ticket), instrument, quantity, price, 1, time_in_force, 0, 0, {0}};
    return ticket;
}

static inline omni_ticket omni_market(uint32_t instrument, uint64_t quantity) {
    omni_ticket ticket = {(uint32_t)sizeof(omni_ticket), instrument, quantity, 0, 0, OMNI_IOC, 0, 0, {0}};
    return ticket;
}

static inline uint64_t omni_buy(omni_desk *desk, omni_ticket ticket) {
    return desk->host->buy(desk, &ticket);
}

static inline uint64_t omni_sell(omni_desk *desk, omni_ticket ticket) {
    return desk->host->sell(desk, &ticket);
}

static inline int32_t omni_fail(omni_desk *desk, const char *message) {
    desk->host->fail(desk, message);
    return 1;
}

#ifdef __cplusplus
}
#endif

#endif
