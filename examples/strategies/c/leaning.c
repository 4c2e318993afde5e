/* A taker that follows the book: buys at the ask when bids outweigh asks, sells at the bid when asks do, and leaves
 * after a while. */
#include "omni_plugin.h"

#include <math.h>
#include <stdlib.h>

/* The parameters, in the order in which their values come to `create`. */
enum { THRESHOLD, LEVELS, QUANTITY, HOLD, PARAMETERS };

static const omni_parameter_info parameters[PARAMETERS] = {
    {sizeof(omni_parameter_info), OMNI_NUMBER, "threshold", "imbalance from which it trades, 0 to 1", 0.6, NULL, 0, 1},
    {sizeof(omni_parameter_info), OMNI_WHOLE, "levels", "levels of each side that are weighed", 3, NULL, 1, 10},
    {sizeof(omni_parameter_info), OMNI_WHOLE, "quantity", "size of an entry, in quantity units", 100, NULL, 1, 1e15},
    {sizeof(omni_parameter_info), OMNI_NUMBER, "hold_s", "how long a position is held, in seconds", 30, NULL, 0.001, 1e6},
};

typedef struct strategy {
    double threshold;
    uint32_t levels;
    uint64_t quantity;
    int64_t hold_ns;
    uint8_t *held; /* whether it has entered, by instrument */
} strategy;

static void *create(omni_desk *desk, const omni_parameter *values, uint64_t count) {
    (void)count;
    strategy *self = malloc(sizeof *self);
    uint8_t *held = calloc(desk->host->instrument_count(desk) + 1, 1);
    if (self == NULL || held == NULL) {
        free(self);
        free(held);
        omni_fail(desk, "out of memory");
        return NULL;
    }
    self->threshold = values[THRESHOLD].number;
    self->levels = (uint32_t)values[LEVELS].number;
    self->quantity = (uint64_t)values[QUANTITY].number;
    self->hold_ns = (int64_t)(values[HOLD].number * 1e9);
    self->held = held;
    return self;
}

static void destroy(void *this) {
    free(((strategy *)this)->held);
    free(this);
}

static double weight(const omni_level *levels, uint32_t count, uint32_t most) {
    double total = 0;
    for (uint32_t at = 0; at < count && at < most; at++) {
        total += (double)levels[at].quantity;
    }
    return total;
}

/* (bids - asks) / (bids + asks) of the quantities in the first levels. */
static double imbalance(const omni_book *book, uint32_t levels) {
    double bids = weight(book->bids, book->bid_count, levels);
    double asks = weight(book->asks, book->ask_count, levels);
    return bids + asks > 0 ? (bids - asks) / (bids + asks) : 0;
}

static int32_t on_book(void *this, omni_desk *desk, const omni_book *book) {
    strategy *self = this;
    if (self->held[book->instrument]) {
        return 0;
    }
    double lean = imbalance(book, self->levels);
    if (fabs(lean) < self->threshold || book->bid_count == 0 || book->ask_count == 0) {
        return 0;
    }
    self->held[book->instrument] = 1;
    if (lean > 0) {
        omni_buy(desk, omni_limit(book->instrument, self->quantity, book->asks[0].price, OMNI_IOC));
    } else {
        omni_sell(desk, omni_limit(book->instrument, self->quantity, book->bids[0].price, OMNI_IOC));
    }
    desk->host->set_timer(desk, book->instrument, book->time + self->hold_ns);
    return 0;
}

static int32_t on_timer(void *this, omni_desk *desk, const omni_timer *timer) {
    strategy *self = this;
    int64_t position = desk->host->position(desk, timer->timer);
    if (position > 0) {
        omni_sell(desk, omni_market(timer->timer, (uint64_t)position));
    } else if (position < 0) {
        omni_buy(desk, omni_market(timer->timer, (uint64_t)-position));
    }
    self->held[timer->timer] = 0;
    return 0;
}

static const omni_plugin plugin = {
    .header = OMNI_HEADER(omni_plugin),
    .name = "leaning",
    .version = "0.1.0",
    .required = OMNI_CAN_SHOW_BOOK | OMNI_CAN_TIME,
    .parameters = parameters,
    .parameter_count = PARAMETERS,
    .create = create,
    .destroy = destroy,
    .on_book = on_book,
    .on_timer = on_timer,
};

const omni_plugin *omni_plugin_entry(void) {
    return &plugin;
}
