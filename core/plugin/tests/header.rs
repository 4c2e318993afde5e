//! `omni_plugin.h` is what the Rust side is: every size, place and number, compared by the C compiler.

mod support;

use core::fmt::Write;
use core::mem::offset_of;

use omni_plugin::abi;
use omni_types::{AssetClass, ExecType, Liquidity, OrdStatus, OrderType, Side, TimeInForce, TradingState};

fn field_size<T, F>(_: fn(&T) -> &F) -> usize {
    size_of::<F>()
}

/// A structure by its C name: its size, and of each field the name, place and size.
type Layout = (&'static str, usize, Vec<(&'static str, usize, usize)>);

macro_rules! layouts {
    ($($c:ident = $rust:ident { $($field:ident)* })*) => {
        vec![$((
            stringify!($c),
            size_of::<abi::$rust>(),
            vec![$((
                stringify!($field),
                offset_of!(abi::$rust, $field),
                field_size(|whole: &abi::$rust| &whole.$field),
            )),*],
        )),*]
    };
}

fn layouts() -> Vec<Layout> {
    layouts! {
        omni_header = Header { magic abi_major abi_minor size reserved }
        omni_parameter_info = ParameterInfo { size kind name meaning default_number default_text least most }
        omni_parameter = Parameter { name text number }
        omni_decimal = Decimal { mantissa exponent reserved }
        omni_instrument = Instrument {
            size id symbol venue currency price_unit quantity_unit multiplier tick lot price_min price_max quantity_max
            asset_class reserved
        }
        omni_ticket = Ticket { size instrument quantity price limit time_in_force post_only self_trade reserved }
        omni_order = Order { size instrument id price leaves filled side accepted reserved }
        omni_quote = Quote { size instrument time bid bid_quantity ask ask_quantity has_bid has_ask reserved }
        omni_trade = Trade { size instrument time price quantity aggressor reserved }
        omni_bar = Bar { size instrument time interval_ns open high low close volume }
        omni_level = Level { price quantity orders }
        omni_book = Book { size instrument time bids asks bid_count ask_count }
        omni_report = Report {
            size instrument time order venue_order trade price quantity leaves filled last_price last_quantity side
            order_type time_in_force exec_type status reason liquidity reserved
        }
        omni_timer = Timer { size timer time }
        omni_status = Status { size instrument time state reserved }
        omni_desk = Desk { host }
        omni_host = Host {
            header capabilities query buy sell amend cancel cancel_all set_timer time position mark top order_count
            order_after instrument_count instrument find fail
        }
        omni_plugin = Plugin {
            header name version required parameters parameter_count create destroy on_start on_recover on_stop on_book
            on_quote on_trade on_bar on_timer on_report on_status save restore
        }
    }
}

fn numbers() -> Vec<(&'static str, u64)> {
    vec![
        ("OMNI_MAGIC", abi::MAGIC.into()),
        ("OMNI_ABI_MAJOR", abi::ABI_MAJOR.into()),
        ("OMNI_ABI_MINOR", abi::ABI_MINOR.into()),
        ("OMNI_NO_INSTRUMENT", abi::NO_INSTRUMENT.into()),
        ("OMNI_CAN_AMEND", abi::CAN_AMEND),
        ("OMNI_CAN_POST_ONLY", abi::CAN_POST_ONLY),
        ("OMNI_CAN_TIME", abi::CAN_TIME),
        ("OMNI_CAN_SHOW_BOOK", abi::CAN_SHOW_BOOK),
        ("OMNI_CAN_KEEP_STATE", abi::CAN_KEEP_STATE),
        ("OMNI_NUMBER", abi::NUMBER.into()),
        ("OMNI_WHOLE", abi::WHOLE.into()),
        ("OMNI_TEXT", abi::TEXT.into()),
        ("OMNI_BUY", Side::Buy as u64),
        ("OMNI_SELL", Side::Sell as u64),
        ("OMNI_MARKET", OrderType::Market as u64),
        ("OMNI_LIMIT", OrderType::Limit as u64),
        ("OMNI_DAY", TimeInForce::Day as u64),
        ("OMNI_GTC", TimeInForce::Gtc as u64),
        ("OMNI_IOC", TimeInForce::Ioc as u64),
        ("OMNI_FOK", TimeInForce::Fok as u64),
        ("OMNI_EXEC_NEW", ExecType::New as u64),
        ("OMNI_EXEC_TRADE", ExecType::Trade as u64),
        ("OMNI_EXEC_CANCELLED", ExecType::Cancelled as u64),
        ("OMNI_EXEC_REPLACED", ExecType::Replaced as u64),
        ("OMNI_EXEC_REJECTED", ExecType::Rejected as u64),
        ("OMNI_EXEC_EXPIRED", ExecType::Expired as u64),
        ("OMNI_EXEC_CANCEL_REJECTED", ExecType::CancelRejected as u64),
        ("OMNI_STATUS_NEW", OrdStatus::New as u64),
        ("OMNI_STATUS_PARTIALLY_FILLED", OrdStatus::PartiallyFilled as u64),
        ("OMNI_STATUS_FILLED", OrdStatus::Filled as u64),
        ("OMNI_STATUS_CANCELLED", OrdStatus::Cancelled as u64),
        ("OMNI_STATUS_REJECTED", OrdStatus::Rejected as u64),
        ("OMNI_STATUS_EXPIRED", OrdStatus::Expired as u64),
        ("OMNI_NO_LIQUIDITY", Liquidity::None as u64),
        ("OMNI_MAKER", Liquidity::Maker as u64),
        ("OMNI_TAKER", Liquidity::Taker as u64),
        ("OMNI_OPEN", TradingState::Open as u64),
        ("OMNI_HALTED", TradingState::Halted as u64),
        ("OMNI_CLOSED", TradingState::Closed as u64),
    ]
}

#[test]
fn the_header_is_what_the_rust_side_is() {
    let mut code = "#include \"omni_plugin.h\"\n".to_owned();
    let mut equal = |what: &str, value: u64| {
        writeln!(code, "_Static_assert(({what}) == {value}u, \"{what} is {value} in Rust\");").unwrap();
    };
    for (name, size, fields) in layouts() {
        equal(&format!("sizeof({name})"), size as u64);
        for (field, at, bytes) in fields {
            equal(&format!("offsetof({name}, {field})"), at as u64);
            equal(&format!("sizeof((({name} *)0)->{field})"), bytes as u64);
        }
    }
    numbers().into_iter().for_each(|(name, value)| equal(name, value));
    let path = support::folder("header").join("layout.c");
    std::fs::write(&path, code).unwrap();
    support::cc(&["-Wpedantic", "-fsyntax-only", path.to_str().unwrap()]);
}

#[test]
fn every_structure_and_field_of_the_header_is_compared() {
    let header = include_str!("../omni_plugin.h");
    let mut structures = 0;
    for (name, _, fields) in layouts() {
        let from = header.find(&format!("struct {name} {{\n")).unwrap_or_else(|| panic!("{name} is not in the header"));
        let body = header[from..].split("\n}").next().unwrap();
        let declared = body
            .lines()
            .skip(1)
            .filter(|line| line.contains(';') && !line.trim().starts_with("/*") && !line.trim().starts_with('*'));
        assert_eq!(declared.count(), fields.len(), "fields of {name}");
        structures += 1;
    }
    let opens = |line: &&str| line.trim_start_matches("typedef ").starts_with("struct ") && line.ends_with('{');
    assert_eq!(header.lines().filter(opens).count(), structures);
}

#[test]
fn kinds_of_instruments_are_those_of_the_comment() {
    let kinds = [
        AssetClass::Equity,
        AssetClass::Future,
        AssetClass::Option,
        AssetClass::Fx,
        AssetClass::Bond,
        AssetClass::Crypto,
    ];
    assert_eq!(kinds.map(|kind| kind as u8), [0, 1, 2, 3, 4, 5]);
}
