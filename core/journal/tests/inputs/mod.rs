//! Inputs of every kind, and folders to journal them in.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use omni_journal::{Mode, Options, RunHeader};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, Action, Adjust, AmendOrder, AssetClass, Bar, Body, BookAction, BookDelta,
    CancelOrder, ClientOrderId, ContractTerms, Currency, Decimal, Display, Exercise, Fault, Input, Instrument,
    InstrumentId, InstrumentSpec, MassCancel, Mic, Minimum, Money, NewOrder, OptionRight, OptionTerms, OrderType, Peg,
    Price, Qty, Quote, Rate, Ratio, Scope, SelfTrade, SessionId, SetTimer, Side, SpecialOrder, Symbol, Terms, Throttle,
    TickRow, TickTable, Time, TimeInForce, TimerId, TopOfBook, TradeTick, TradingState, Trigger,
};
use proptest::prelude::*;

/// The smallest segment, so that tests see many.
pub const SMALL: u64 = 40_960;

/// A folder of its own, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("omni-journal-{name}-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn segment(&self, number: u32) -> PathBuf {
        self.0.join(format!("segment-{number:08}.journal"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn header() -> RunHeader {
    RunHeader {
        run_id: "20251103-101500-ab12".to_owned(),
        seed: 42,
        config_hash: [7; 32],
        code_version: "0.1.0".to_owned(),
        created: Time(1_762_164_900_000_000_000),
    }
}

pub fn options(mode: Mode) -> Options {
    Options { mode, segment_bytes: SMALL, header: header() }
}

/// The order that every run sends as its input number `seq`; every seventh is a cancel.
pub fn input(seq: u64) -> Input {
    let session = SessionId((seq % 5) as u16);
    let body = if seq.is_multiple_of(7) {
        Body::Cancel(CancelOrder { session, client_order_id: ClientOrderId(seq - 1) })
    } else {
        Body::New(NewOrder {
            session,
            client_order_id: ClientOrderId(seq),
            account: AccountId(3),
            instrument: InstrumentId((seq % 1000) as u32),
            side: if seq.is_multiple_of(2) { Side::Buy } else { Side::Sell },
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Gtc,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            price: Price(10_000 - (seq % 100) as i64),
            quantity: Qty(1 + seq % 10),
        })
    };
    Input { seq, time: Time(1_000 * seq as i64), cause: seq.saturating_sub(3), body }
}

fn side() -> impl Strategy<Value = Side> {
    prop::sample::select(Side::BOTH.to_vec())
}

fn level() -> impl Strategy<Value = Option<(Price, Qty)>> {
    prop::option::of(any::<(i64, u64)>().prop_map(|(price, quantity)| (Price(price), Qty(quantity))))
}

fn currency() -> impl Strategy<Value = Currency> {
    "[A-Z]{3,8}".prop_map(|text| Currency::new(&text).unwrap())
}

fn symbol() -> impl Strategy<Value = Symbol> {
    "[!-~]{1,24}".prop_map(|text| Symbol::new(&text).unwrap())
}

fn times_in_force() -> Vec<TimeInForce> {
    use TimeInForce::{AtClose, AtOpen, Day, Fok, Gtc, Gtd, Ioc};
    vec![Day, Gtc, Ioc, Fok, Gtd, AtOpen, AtClose]
}

fn terms() -> impl Strategy<Value = Terms> {
    let enums = (
        prop::sample::select(Trigger::ALL.to_vec()),
        prop::sample::select(Peg::ALL.to_vec()),
        prop::sample::select(Display::ALL.to_vec()),
        prop::sample::select(Minimum::ALL.to_vec()),
        any::<bool>(),
    );
    (any::<(i64, u64, i64)>(), enums).prop_map(|(n, (trigger, peg, display, minimum, to_limit))| Terms {
        trigger,
        peg,
        display,
        minimum,
        to_limit,
        price: Price(n.0),
        size: Qty(n.1),
        expire: Time(n.2),
    })
}

fn scope() -> impl Strategy<Value = Scope> {
    let id = || any::<u32>().prop_map(InstrumentId);
    prop_oneof![
        Just(Scope::Session),
        Just(Scope::Account),
        id().prop_map(Scope::Instrument),
        (id(), side()).prop_map(|(id, side)| Scope::Side(id, side)),
    ]
}

fn order() -> impl Strategy<Value = NewOrder> {
    let enums = (
        side(),
        prop::sample::select(vec![OrderType::Market, OrderType::Limit]),
        prop::sample::select(times_in_force()),
        any::<bool>(),
        prop::sample::select(SelfTrade::ALL.to_vec()),
    );
    (any::<(u16, u64, u32, u32, i64, u64)>(), enums).prop_map(|(n, e)| NewOrder {
        session: SessionId(n.0),
        client_order_id: ClientOrderId(n.1),
        account: AccountId(n.2),
        instrument: InstrumentId(n.3),
        side: e.0,
        order_type: e.1,
        time_in_force: e.2,
        post_only: e.3,
        self_trade: e.4,
        price: Price(n.4),
        quantity: Qty(n.5),
    })
}

fn book() -> impl Strategy<Value = BookDelta> {
    use BookAction::{Add, Clear, Delete, Execute, Modify, Reduce, Trade};
    let action = prop::sample::select(vec![Add, Modify, Reduce, Delete, Execute, Clear, Trade]);
    (any::<(u32, bool, u64, i64, u64)>(), action, side()).prop_map(|(n, action, side)| BookDelta {
        instrument: InstrumentId(n.0),
        action,
        side,
        last: n.1,
        reference: n.2,
        price: Price(n.3),
        quantity: Qty(n.4),
    })
}

/// ContractTerms of a class, with and without each part that it may lack.
fn contract_terms(class: AssetClass) -> impl Strategy<Value = ContractTerms> {
    let right = prop::sample::select(vec![OptionRight::Put, OptionRight::Call]);
    let exercise = prop::sample::select(vec![Exercise::European, Exercise::American, Exercise::Bermudan]);
    let option = (-1_i64 << 61..1 << 61, right, exercise).prop_map(|(strike, right, exercise)| OptionTerms {
        strike: Price(strike),
        right,
        exercise,
    });
    (any::<bool>(), any::<i64>(), option, prop::option::of(any::<u32>()), any::<bool>()).prop_map(
        move |(some, expiry, option, underlying, ends)| {
            let (expiry, underlying) = (Some(Time(expiry)), underlying.map(InstrumentId));
            match class {
                AssetClass::Option if some => ContractTerms { expiry, underlying, option: Some(option) },
                AssetClass::Future if some => {
                    ContractTerms { expiry: expiry.filter(|_| ends), underlying, option: None }
                }
                AssetClass::Bond if some => ContractTerms { expiry, ..ContractTerms::NONE },
                _ => ContractTerms::NONE,
            }
        },
    )
}

fn instrument() -> impl Strategy<Value = Instrument> {
    use AssetClass::{Bond, Crypto, Equity, Future, Fx, Option};
    let class = prop::sample::select(vec![Equity, Future, Option, Fx, Bond, Crypto])
        .prop_flat_map(|class| (Just(class), contract_terms(class)));
    let names = (symbol(), "[A-Z]{4}", currency(), class);
    let units = (1_i64..1000, -8_i8..-2, 1_i64..100, -6_i8..-2, 1_i64..100, -2_i8..2);
    (any::<u32>(), names, units, (1_i64..50, 1_u64..100, -1000_i64..0, 0_i64..100_000, 1_u64..1_000_000))
        .prop_filter_map("the numbers fit", |(id, names, units, range)| {
            let spec = InstrumentSpec {
                symbol: names.0,
                venue: Mic::new(&names.1).unwrap(),
                asset_class: names.3.0,
                currency: names.2,
                price_unit: Decimal::new(units.0, units.1),
                quantity_unit: Decimal::new(units.2, units.3),
                multiplier: Decimal::new(units.4, units.5),
                tick: range.0,
                lot: Qty(range.1),
                price_min: Price(range.2),
                price_max: Price(range.3),
                quantity_max: Qty(range.4),
                terms: names.3.1,
            };
            Instrument::new(InstrumentId(id), spec).ok()
        })
}

fn account() -> impl Strategy<Value = AccountSpec> {
    let money = any::<[i128; 5]>();
    (any::<(u32, u64, u32, u64, u32, u32, i64)>(), money, symbol(), currency(), any::<(i32, i32)>()).prop_map(
        |(n, money, name, currency, fees)| AccountSpec {
            account: AccountId(n.0),
            name,
            currency,
            cash: Money(money[0]),
            limits: AccountLimits {
                order_quantity_max: Qty(n.1),
                order_notional_max: Money(money[1]),
                collar_bps: n.2,
                position_max: Qty(n.3),
                gross_exposure_max: Money(money[2]),
                open_orders_max: n.4,
                message_rate: Throttle { count: n.5, window_ns: n.6 },
                drawdown_max: Money(money[3]),
            },
            maker_fee_ppm: fees.0,
            taker_fee_ppm: fees.1,
            unit_fee: Money(money[4]),
        },
    )
}

fn commands() -> impl Strategy<Value = Body> {
    let fault = prop::sample::select(vec![Fault::Operator, Fault::Raised, Fault::Hung, Fault::Crashed]);
    prop_oneof![
        order().prop_map(Body::New),
        any::<(u16, u64)>().prop_map(|(session, id)| Body::Cancel(CancelOrder {
            session: SessionId(session),
            client_order_id: ClientOrderId(id)
        })),
        any::<(u16, u64, i64, u64)>().prop_map(|n| Body::Amend(AmendOrder {
            session: SessionId(n.0),
            client_order_id: ClientOrderId(n.1),
            price: Price(n.2),
            quantity: Qty(n.3)
        })),
        (order(), terms()).prop_map(|(order, terms)| Body::Special(SpecialOrder { order, terms })),
        (any::<u16>(), scope())
            .prop_map(|(session, scope)| Body::MassCancel(MassCancel { session: SessionId(session), scope })),
        any::<(u16, u32, i64)>().prop_map(|n| Body::SetTimer(SetTimer {
            session: SessionId(n.0),
            timer: TimerId(n.1),
            at: Time(n.2)
        })),
        (any::<u16>(), fault).prop_map(|(session, fault)| Body::Stop { session: SessionId(session), fault }),
        any::<u16>().prop_map(|session| Body::Start { session: SessionId(session) }),
    ]
}

fn market() -> impl Strategy<Value = Body> {
    prop_oneof![
        book().prop_map(Body::Book),
        (any::<(i64, u32)>(), level(), level()).prop_map(|(n, bid, ask)| Body::Quote(Quote {
            time: Time(n.0),
            instrument: InstrumentId(n.1),
            top: TopOfBook { bid, ask }
        })),
        (any::<(i64, u32, i64, u64)>(), prop::option::of(side())).prop_map(|(n, aggressor)| Body::Trade(TradeTick {
            time: Time(n.0),
            instrument: InstrumentId(n.1),
            price: Price(n.2),
            quantity: Qty(n.3),
            aggressor
        })),
        any::<(i64, u32, i64, [i64; 4], u64)>().prop_map(|n| Body::Bar(Bar {
            time: Time(n.0),
            instrument: InstrumentId(n.1),
            interval_ns: n.2,
            open: Price(n.3[0]),
            high: Price(n.3[1]),
            low: Price(n.3[2]),
            close: Price(n.3[3]),
            volume: Qty(n.4)
        })),
        Just(Body::Clock),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let split = (1..=Ratio::MOST, 1..=Ratio::MOST).prop_map(|(new, old)| Action::Split(Ratio::new(new, old).unwrap()));
    let dividend = any::<i128>().prop_map(|cash| Action::Dividend { cash: Money(cash) });
    prop_oneof![split, dividend, symbol().prop_map(Action::Rename)]
}

fn definitions() -> impl Strategy<Value = Body> {
    let state = prop::sample::select(TradingState::ALL.to_vec());
    prop_oneof![
        instrument().prop_map(|listed| Body::List(Box::new(listed))),
        account().prop_map(|opened| Body::Account(Box::new(opened))),
        any::<(u16, u32, bool)>().prop_map(|n| Body::Session {
            session: SessionId(n.0),
            account: AccountId(n.1),
            external: n.2
        }),
        (any::<u32>(), state).prop_map(|(id, state)| Body::Status { instrument: InstrumentId(id), state }),
        any::<(u32, u32, bool)>().prop_map(|n| Body::Restrict {
            account: AccountId(n.0),
            instrument: InstrumentId(n.1),
            on: n.2
        }),
        any::<(u32, i64)>().prop_map(|n| Body::Reference { instrument: InstrumentId(n.0), price: Price(n.1) }),
        (currency(), currency(), any::<u64>()).prop_map(|(from, to, numerator)| Body::Rate(Rate {
            from,
            to,
            numerator
        })),
        any::<String>().prop_map(|reason| Body::Kill { reason: reason.into() }),
        any::<String>().prop_map(|reason| Body::Resume { reason: reason.into() }),
        Just(Body::Recover),
        (any::<u32>(), action())
            .prop_map(|(id, action)| { Body::Adjust(Box::new(Adjust { instrument: InstrumentId(id), action })) }),
        (any::<u32>(), prop::collection::vec((1_i64..1 << 20, 1_i64..1 << 20), 1..64)).prop_map(|(id, rows)| {
            let mut from = -1_i64 << 22;
            let rows: Vec<_> = rows
                .into_iter()
                .map(|(width, tick)| {
                    from = (from + width).div_euclid(tick) * tick + tick;
                    TickRow { from: Price(from), tick }
                })
                .collect();
            Body::Ticks { instrument: InstrumentId(id), table: Arc::new(TickTable::new(&rows).unwrap()) }
        }),
    ]
}

/// What any input may say.
pub fn body() -> impl Strategy<Value = Body> {
    prop_oneof![commands(), market(), definitions()]
}

/// Any input, with causes near, far and impossible.
pub fn any_input() -> impl Strategy<Value = Input> {
    let cause = prop_oneof![Just(0), 1_u64..1_000_000, any::<u64>()];
    let seq = prop_oneof![1_u64..1_000_000, any::<u64>()];
    (seq, any::<i64>(), cause, body()).prop_map(|(seq, time, cause, body)| Input { seq, time: Time(time), cause, body })
}
