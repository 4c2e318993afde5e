//! Files that are no plugin, or not of this version or machine, are refused in words; wrong calls are faults.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};

use omni_plugin::{Library, PluginError, Value};
use omni_port::{Strategy, StrategyFault};
use omni_types::{Bar, Event, InstrumentId, Price, Qty, Time};
use support::{build, desk, folder};

/// A plugin whose table and calls the tests change by defines.
const SOURCE: &str = r#"
#include "omni_plugin.h"
#ifndef MAJOR
#define MAJOR OMNI_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR OMNI_ABI_MINOR
#endif
#ifndef SIZE
#define SIZE sizeof(omni_plugin)
#endif
#ifndef REQUIRED
#define REQUIRED 0
#endif
#ifndef CALL
#define CALL return 0
#endif
#ifndef CREATE
#define CREATE return &seen
#endif
#ifndef SAVE
#define SAVE save
#endif
static uint64_t seen;
static const omni_parameter_info parameters[] = {
    {sizeof(omni_parameter_info), OMNI_WHOLE, "levels", "levels", 3, NULL, 1, 10},
    {sizeof(omni_parameter_info), OMNI_TEXT, "side", "buy or sell", 0, "buy", 0, 0},
};
static void *create(omni_desk *desk, const omni_parameter *values, uint64_t count) {
    (void)desk; (void)count;
    seen = (uint64_t)values[0].number;
    CREATE;
}
static void destroy(void *self) { (void)self; }
static int32_t on_bar(void *self, omni_desk *desk, const omni_bar *bar) {
    (void)self; (void)desk; (void)bar;
    CALL;
}
static uint64_t save(void *self, uint8_t *into, uint64_t capacity) {
    if (capacity >= sizeof(seen)) *(uint64_t *)into = *(uint64_t *)self;
    return sizeof(seen);
}
static int32_t restore(void *self, omni_desk *desk, const uint8_t *from, uint64_t length) {
    if (length != sizeof(seen)) return omni_fail(desk, "another state");
    *(uint64_t *)self = *(const uint64_t *)from;
    return 0;
}
static const omni_plugin plugin = {
    {OMNI_MAGIC, MAJOR, MINOR, SIZE, 0}, "test", "1.2.3", REQUIRED, parameters, 2, create, destroy,
    NULL, NULL, NULL, NULL, NULL, NULL, on_bar, NULL, NULL, NULL, SAVE, restore,
};
const omni_plugin *omni_plugin_entry(void) { return &plugin; }
"#;

fn made(name: &str, defines: &[&str]) -> PathBuf {
    build(&folder(name), "plugin", SOURCE, defines)
}

fn refusal(path: &Path) -> String {
    Library::open(path).expect_err("it is refused").to_string()
}

/// Calls `on_bar` of a plugin whose body is `call`.
fn called(name: &str, call: &str) -> (Result<(), StrategyFault>, usize) {
    let path = made(name, &[&format!("-DCALL={call}")]);
    let mut desk = desk();
    let mut strategy = Library::open(&path).unwrap().strategy(&[], &mut desk).unwrap();
    let price = Price(10_000);
    let (open, high, low, close) = (price, price, price, price);
    let bar =
        Bar { time: Time(5), instrument: InstrumentId(0), interval_ns: 1, open, high, low, close, volume: Qty(1) };
    let result = strategy.on_events(&[Event::Bar(bar)], &mut desk);
    (result, desk.take_commands().count())
}

#[test]
fn a_plugin_tells_what_it_is() {
    let library = Library::open(&made("good", &[])).unwrap();
    assert_eq!((library.name(), library.version()), ("test", "1.2.3"));
    let names: Vec<&str> = library.parameters().iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["levels", "side"]);
    let mut desk = desk();
    let strategy = library.strategy(&[("levels".to_owned(), Value::Number(4.0))], &mut desk).unwrap();
    assert!(strategy.feeds().bar && !strategy.feeds().quote);
}

#[test]
fn another_version_is_refused_with_both_named() {
    for (name, define, theirs) in
        [("major", "-DMAJOR=2", "2.0"), ("old", "-DMAJOR=0", "0.0"), ("minor", "-DMINOR=7", "1.7")]
    {
        let said = refusal(&made(name, &[define]));
        let both = format!("was built for plugin ABI {theirs}, and this engine has 1.0");
        assert!(said.contains(&both), "{said}");
    }
}

#[test]
fn a_longer_table_is_read_as_far_as_it_is_known_and_a_shorter_one_refused() {
    assert!(Library::open(&made("longer", &["-DSIZE=sizeof(omni_plugin)+64"])).is_ok());
    assert!(refusal(&made("shorter", &["-DSIZE=64"])).contains("says 64 bytes, shorter"));
}

#[test]
fn what_is_no_plugin_is_refused_in_words() {
    let folder = folder("no-plugin");
    let text = folder.join("notes.so");
    std::fs::write(&text, "not a library, though it is long enough to be read").unwrap();
    assert!(refusal(&text).contains("is not a shared library: it doesn't begin as an ELF file does"));
    assert!(refusal(&folder.join("absent.so")).contains("absent.so: No such file"));
    let plain = build(&folder, "plain", "int answer(void);\nint answer(void) { return 42; }\n", &[]);
    assert!(refusal(&plain).contains("is no plugin: it exports no omni_plugin_entry"));
    let null = "#include \"omni_plugin.h\"\nconst omni_plugin *omni_plugin_entry(void) { return NULL; }\n";
    assert!(refusal(&build(&folder, "null", null, &[])).contains("returns no omni_plugin"));
    let object = folder.join("object.o");
    support::cc(&["-c", "-o", object.to_str().unwrap(), folder.join("plain.c").to_str().unwrap()]);
    assert!(refusal(&object).contains("link it with -shared"));
}

#[test]
fn a_missing_symbol_is_named() {
    let code = format!(
        "extern int nowhere(void);\n{SOURCE}\n__attribute__((constructor)) static void on_load(void) {{ seen = (uint64_t)nowhere(); }}\n"
    );
    let said = refusal(&build(&folder("missing"), "missing", &code, &[]));
    assert!(said.contains("can't be loaded") && said.contains("undefined symbol: nowhere"), "{said}");
}

#[test]
fn another_machine_is_named() {
    let path = made("machine", &[]);
    let mut bytes = std::fs::read(&path).unwrap();
    let other = if cfg!(target_arch = "aarch64") { (62_u16, "x86_64") } else { (183, "aarch64") };
    bytes[18..20].copy_from_slice(&other.0.to_le_bytes());
    std::fs::write(&path, bytes).unwrap();
    let said = refusal(&path);
    assert!(said.contains(&format!("was built for {}, and this is {}", other.1, std::env::consts::ARCH)), "{said}");
}

#[test]
fn what_the_engine_cannot_do_is_named() {
    assert!(Library::open(&made("can", &["-DREQUIRED=OMNI_CAN_AMEND|OMNI_CAN_TIME"])).is_ok());
    let said = refusal(&made("lacks", &["-DREQUIRED=OMNI_CAN_AMEND|(1u<<20)"]));
    assert!(said.contains("needs what this engine can't do: unknown bits 0x100000"), "{said}");
}

#[test]
fn parameters_are_held_to_what_is_declared() {
    let library = Library::open(&made("parameters", &[])).unwrap();
    let mut desk = desk();
    let mut said = |name: &str, value| {
        library.strategy(&[(name.to_owned(), value)], &mut desk).expect_err("it is refused").to_string()
    };
    assert_eq!(said("depth", Value::Number(1.0)), "test: it has no parameter depth; it has levels, side");
    assert!(said("levels", Value::Number(0.0)).contains("expected a value from 1 to 10, found 0"));
    assert!(said("side", Value::Number(0.0)).contains("expected a text, found 0"));
}

#[test]
fn a_plugin_that_makes_no_strategy_says_why() {
    let path = made("no-strategy", &["-DCREATE=omni_fail(desk,\"no licence\");return NULL"]);
    let error = Library::open(&path).unwrap().strategy(&[], &mut desk()).unwrap_err();
    assert_eq!(error, PluginError::Create("test".to_owned(), "no licence".to_owned()));
    let early = made("early", &["-DCREATE=omni_buy(desk,omni_market(0,1));return &seen"]);
    let error = Library::open(&early).unwrap().strategy(&[], &mut desk()).unwrap_err();
    assert!(error.to_string().contains("orders and timers can't be sent from create"));
}

#[test]
fn a_failing_callback_is_a_fault_with_its_message() {
    assert_eq!(called("fails", "return omni_fail(desk,\"out of tune\")").0.unwrap_err().message, "on_bar: out of tune");
    let silent = called("silent", "return 3").0.unwrap_err().message;
    assert_eq!(silent, "on_bar: it returned 3 without saying why");
}

#[test]
fn a_wrong_call_is_a_fault_though_the_callback_returns_well() {
    let calls = [
        ("unlisted", "omni_buy(desk,omni_market(9,1));return 0", "no instrument 9 is listed in this run; there are 1"),
        ("force", "omni_ticket t=omni_limit(0,1,5,9);desk->host->buy(desk,&t);return 0", "time_in_force is 9"),
        ("size", "omni_ticket t=omni_market(0,1);t.size=8;desk->host->sell(desk,&t);return 0", "size is 8, too few"),
        ("huge", "omni_buy(desk,omni_market(0,UINT64_MAX));return 0", "above 9223372036854775807"),
        ("all", "desk->host->cancel_all(desk,7);return 0", "no instrument 7"),
    ];
    for (name, call, says) in calls {
        let (result, commands) = called(name, call);
        let said = result.unwrap_err().message;
        assert!(said.contains(says), "{said}");
        assert_eq!(commands, 0);
    }
}

#[test]
fn every_verb_becomes_a_command() {
    let call = "uint64_t id=omni_buy(desk,omni_limit(0,5,9990,OMNI_DAY));desk->host->amend(desk,id,9980,4);\
                desk->host->cancel(desk,id);desk->host->cancel_all(desk,OMNI_NO_INSTRUMENT);\
                desk->host->set_timer(desk,7,desk->host->time(desk)+1);\
                return id==1&&desk->host->order_count(desk)==1?0:9";
    assert_eq!(called("verbs", call), (Ok(()), 5));
}

#[test]
fn what_is_read_is_what_the_desk_has_and_no_more_than_there_is_room_for() {
    let call = "omni_instrument i;i.size=sizeof i;int64_t mark=0;omni_quote q;q.size=16;q.bid=77;\
                int ok=desk->host->find(desk,\"AAPL.XNAS\")==0&&desk->host->find(desk,\"X\")==OMNI_NO_INSTRUMENT\
                &&desk->host->instrument(desk,0,&i)==1&&i.symbol[3]=='L'&&i.price_unit.exponent==-2&&i.quantity_max==10000000\
                &&desk->host->instrument(desk,1,&i)==0&&desk->host->instrument_count(desk)==1\
                &&desk->host->mark(desk,0,&mark)==1&&mark==10000&&desk->host->mark(desk,3,&mark)==0\
                &&desk->host->position(desk,0)==0&&desk->host->time(desk)==bar->time&&bar->close==10000\
                &&desk->host->top(desk,0,&q)==1&&q.bid==77\
                &&desk->host->query(desk,OMNI_CAN_SHOW_BOOK)==10&&desk->host->query(desk,1ull<<40)==0;return ok?0:9";
    assert_eq!(called("reads", call), (Ok(()), 0));
}

#[test]
fn state_is_saved_and_given_back() {
    let library = Library::open(&made("state", &[])).unwrap();
    let mut desk = desk();
    let mut one = library.strategy(&[("levels".to_owned(), Value::Number(4.0))], &mut desk).unwrap();
    let state = one.save().unwrap().unwrap();
    drop(one);
    let mut other = library.strategy(&[("levels".to_owned(), Value::Number(9.0))], &mut desk).unwrap();
    other.restore(&state, &mut desk).unwrap();
    other.on_recover(&mut desk).unwrap();
    assert_eq!(other.save().unwrap().unwrap(), state);
    assert_eq!(other.restore(&[1], &mut desk).unwrap_err().message, "restore: another state");
    assert!(refusal(&made("half", &["-DSAVE=NULL", "-Wno-unused-function"])).contains("one of save and restore"));
}
