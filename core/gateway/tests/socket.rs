//! The control socket from outside: what clients see, and that none of them can hold the engine up.

#![allow(clippy::unwrap_used, reason = "the helpers of a test are test code too")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::Shutdown,
    os::unix::{
        fs::PermissionsExt,
        net::{UnixListener, UnixStream},
    },
    path::PathBuf,
    process,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use omni_gateway::{
    Archive, Archived, BarsView, ClockView, Command, ControlError, ControlServer, DepthView, FillsView, Hub, OrderView,
    Series,
};
use omni_types::{
    AccountId, AssetClass, ClientOrderId, ContractTerms, Currency, Decimal, Instrument, InstrumentId, InstrumentSpec,
    Mic, OrderId, OrderType, Price, Qty, SessionId, Side, Symbol, Time, TimeInForce, TradingState,
};
use serde_json::{Value, json};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("omni-gateway-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn socket(&self) -> PathBuf {
        self.0.join("control.sock")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Client(BufReader<UnixStream>);

impl Client {
    fn new(folder: &Folder) -> Self {
        let stream = UnixStream::connect(folder.socket()).unwrap();
        // What never comes fails the test, rather than hold it up for good.
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        Self(BufReader::new(stream))
    }

    fn send(&mut self, line: &str) {
        self.0.get_mut().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    fn ask(&mut self, line: &str) -> Value {
        self.send(line);
        self.read()
    }
}

fn publish(hub: &Hub, seq: u64, orders: usize) -> bool {
    let mut view = hub.take_buffer();
    view.clock = ClockView { seq, ..ClockView::default() };
    view.orders.extend((0..orders).map(|id| OrderView {
        session: SessionId(1),
        account: AccountId(1),
        client_order_id: ClientOrderId(seq + id as u64),
        order_id: OrderId(1),
        instrument: InstrumentId(0),
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        price: Some(Price(1)),
        quantity: Qty(1),
        leaves: Qty(1),
        time: Time(0),
    }));
    hub.publish(view)
}

fn await_command(hub: &Hub) -> omni_gateway::Request {
    loop {
        if let Some(request) = hub.try_command() {
            return request;
        }
        thread::yield_now();
    }
}

fn publish_when_wanted(hub: &Hub, seq: u64) {
    while !hub.view_wanted() {
        thread::yield_now();
    }
    assert!(publish(hub, seq, 0));
}

fn serve() -> (Folder, Arc<Hub>, ControlServer) {
    let folder = Folder::new();
    let hub = Arc::new(Hub::new());
    let server = ControlServer::start(folder.socket(), Arc::clone(&hub)).unwrap();
    (folder, hub, server)
}

#[test]
fn only_the_user_may_connect_and_nothing_is_left_behind() {
    let (folder, _hub, server) = serve();
    assert_eq!(fs::metadata(folder.socket()).unwrap().permissions().mode() & 0o777, 0o600);
    let names: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["control.sock"]);
    drop(server);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
}

#[test]
fn a_dead_socket_is_replaced_and_a_live_one_is_not() {
    let folder = Folder::new();
    drop(UnixListener::bind(folder.socket()).unwrap());
    let first = ControlServer::start(folder.socket(), Arc::new(Hub::new())).unwrap();
    let error = ControlServer::start(folder.socket(), Arc::new(Hub::new())).unwrap_err();
    assert!(matches!(error, ControlError::InUse(_)), "{error}");
    assert!(error.to_string().contains("another node is running"));
    let mut client = Client::new(&folder);
    assert_eq!(client.ask(r#"{"id":1,"verb":"watch","instruments":[]}"#)["ok"], true);
    drop(first);
    ControlServer::start(folder.socket(), Arc::new(Hub::new())).unwrap();
}

#[test]
fn bad_places_are_refused_with_reasons() {
    let folder = Folder::new();
    fs::write(folder.socket(), "precious").unwrap();
    let error = ControlServer::start(folder.socket(), Arc::new(Hub::new())).unwrap_err();
    assert!(error.to_string().contains("is not a socket"), "{error}");
    assert_eq!(fs::read_to_string(folder.socket()).unwrap(), "precious");
    let long = folder.0.join("x".repeat(120));
    let error = ControlServer::start(&long, Arc::new(Hub::new())).unwrap_err();
    assert!(error.to_string().contains("the system allows 107"), "{error}");
    let error = ControlServer::start(folder.0.join("no/control.sock"), Arc::new(Hub::new())).unwrap_err();
    assert!(error.to_string().contains("No such file"), "{error}");
    let hub = Arc::new(Hub::new());
    let _server = ControlServer::start(folder.0.join("a"), Arc::clone(&hub)).unwrap();
    let error = ControlServer::start(folder.0.join("b"), hub).unwrap_err();
    assert!(matches!(error, ControlError::Served));
    assert!(!folder.0.join("b").exists());
}

#[test]
fn a_kill_reaches_the_engine_and_its_answer_comes_back() {
    let (folder, hub, _server) = serve();
    let engine = thread::spawn(move || {
        let request = await_command(&hub);
        assert_eq!(request.command, Command::Kill { reason: "wrong prices".into() });
        request.done(Ok(1_841));
        await_command(&hub).done(Err("the kill switch is not on".to_owned()));
        hub.close(Archive::default());
    });
    let mut client = Client::new(&folder);
    let answer = client.ask(r#"{"id":5,"verb":"kill","reason":"wrong prices"}"#);
    assert_eq!(answer, json!({"id": 5, "ok": true, "result": {"seq": 1841}}));
    let answer = client.ask(r#"{"id":6,"verb":"resume","reason":"fixed"}"#);
    assert_eq!(answer, json!({"id": 6, "ok": false, "error": "the kill switch is not on"}));
    engine.join().unwrap();
    assert!(client.ask(r#"{"id":7,"verb":"stop"}"#)["error"].as_str().unwrap().contains("run is over"));
}

#[test]
fn status_brings_a_fresh_view_and_an_old_one_when_the_engine_hangs() {
    let (folder, hub, _server) = serve();
    let mut client = Client::new(&folder);
    assert!(client.ask(r#"{"id":1,"verb":"status"}"#)["error"].as_str().unwrap().contains("no state yet"));
    let (hang, hangs) = mpsc::channel::<()>();
    let engine = thread::spawn(move || {
        let mut seq = 0;
        while hangs.try_recv().is_err() {
            if hub.view_wanted() {
                seq += 1;
                assert!(publish(&hub, seq, 0));
            }
            thread::yield_now();
        }
        seq
    });
    // The first view answers a question that nobody waits for any more; the next ones are asked for by this client.
    let mut answer = client.ask(r#"{"id":2,"verb":"status"}"#);
    while answer["result"]["clock"]["seq"].as_u64().unwrap() < 2 {
        answer = client.ask(r#"{"id":2,"verb":"status"}"#);
    }
    assert!(answer["result"].get("orders").is_none() && answer["result"]["age_ms"].is_u64());
    hang.send(()).unwrap();
    let last = engine.join().unwrap();
    let late = client.ask(r#"{"id":3,"verb":"view"}"#);
    assert_eq!(late["result"]["clock"]["seq"], last);
    assert!(late["result"]["orders"].is_array() && late["result"]["age_ms"].as_u64().unwrap() > 0);
}

#[test]
fn two_clients_follow_the_same_run() {
    let (folder, hub, server) = serve();
    let mut clients = [Client::new(&folder), Client::new(&folder)];
    for client in &mut clients {
        assert_eq!(client.ask(r#"{"id":1,"verb":"subscribe","hz":50}"#)["result"]["hz"], 50);
    }
    publish_when_wanted(&hub, 1);
    for client in &mut clients {
        let snapshot = client.read();
        assert_eq!((&snapshot["type"], &snapshot["view"]["clock"]["seq"]), (&json!("snapshot"), &json!(1)));
    }
    publish_when_wanted(&hub, 2);
    for client in &mut clients {
        let delta = client.read();
        assert_eq!(delta["changed"]["clock"]["seq"], 2);
        assert!(delta["changed"].get("orders").is_none());
    }
    assert!(publish(&hub, 3, 0));
    drop(server);
    for client in &mut clients {
        assert_eq!(client.read()["changed"]["clock"]["seq"], 3, "the last view is sent before the end");
        assert_eq!(client.0.read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn a_client_that_does_not_read_holds_nobody_up() {
    let (folder, hub, _server) = serve();
    let mut slow = Client::new(&folder);
    slow.ask(r#"{"id":1,"verb":"subscribe","hz":50}"#);
    let mut quick = Client::new(&folder);
    quick.ask(r#"{"id":1,"verb":"subscribe","hz":50}"#);
    let mut seq = 0;
    // Each view is far larger than the socket's buffer, so the slow client's writer stands still.
    while seq < 20 {
        if hub.view_wanted() && publish(&hub, seq + 1, 5_000) {
            seq += 1;
            let message = quick.read();
            let view = if seq == 1 { &message["view"] } else { &message["changed"] };
            assert_eq!(view["clock"]["seq"], seq);
        }
    }
    let (told, heard) = mpsc::channel();
    thread::spawn(move || {
        slow.read();
        let newest = slow.read();
        told.send(newest["changed"]["clock"]["seq"].as_u64()).unwrap();
    });
    publish_when_wanted(&hub, 21);
    // It wakes up to the newest view, and finds no queue of old ones.
    assert!(heard.recv().unwrap() >= Some(20));
}

#[test]
fn nonsense_is_answered_and_the_connection_goes_on() {
    let (folder, hub, _server) = serve();
    let mut client = Client::new(&folder);
    let cases = [
        ("{", "not a JSON object"),
        ("\u{0}\u{1}", "not a JSON object"),
        (r#"{"id":1,"verb":"kil"}"#, "did you mean \"kill\"?"),
        (r#"{"id":1,"verb":"kill","reson":"x"}"#, "did you mean \"reason\"?"),
        (r#"{"id":1,"verb":"resume","reason":""}"#, "needs a reason"),
    ];
    for (line, part) in cases {
        let answer = client.ask(line);
        assert!(answer["error"].as_str().unwrap().contains(part), "{line}: {answer}");
    }
    let answer = client.ask(&format!(r#"{{"id":1,"verb":"kill","reason":"{}"}}"#, "x".repeat(70_000)));
    assert!(answer["error"].as_str().unwrap().contains("more than 65536 bytes"), "{answer}");
    let deep = client.ask(&"[".repeat(60_000));
    assert_eq!(deep["ok"], false);
    client.0.get_mut().write_all(b"\xff\xfe\n\n\r\n").unwrap();
    assert_eq!(client.read()["ok"], false);
    assert!(!hub.pending());
    assert_eq!(client.ask(r#"{"id":2,"verb":"watch","instruments":[]}"#)["id"], 2);
}

#[test]
fn watching_ends_with_the_connection() {
    let (folder, hub, _server) = serve();
    let mut client = Client::new(&folder);
    let answer = client.ask(r#"{"id":1,"verb":"watch","instruments":[7,3]}"#);
    assert_eq!(answer["result"]["instruments"], json!([3, 7]));
    assert_eq!(hub.watched().iter().flatten().count(), 2);
    let answer = client.ask(r#"{"id":2,"verb":"watch","instruments":[1,2,3,4,5,6,7,8,9]}"#);
    assert!(answer["error"].as_str().unwrap().contains("at most 8"), "{answer}");
    drop(client);
    while hub.watched().iter().flatten().count() > 0 {
        thread::yield_now();
    }
}

fn listed(id: u32) -> Instrument {
    let spec = InstrumentSpec {
        symbol: Symbol::new("SIM").unwrap(),
        venue: Mic::new("XOMN").unwrap(),
        asset_class: AssetClass::Equity,
        currency: Currency::new("USD").unwrap(),
        price_unit: Decimal::new(1, -2),
        quantity_unit: Decimal::ONE,
        multiplier: Decimal::ONE,
        tick: 1,
        lot: Qty(1),
        price_min: Price(1),
        price_max: Price(10_000),
        quantity_max: Qty(10_000),
        terms: ContractTerms::NONE,
    };
    Instrument::new(InstrumentId(id), spec).unwrap()
}

fn archived(id: u32) -> Archived {
    let instrument = InstrumentId(id);
    let bar = omni_types::Bar {
        time: Time(60),
        instrument,
        interval_ns: 60,
        open: Price(1),
        high: Price(1),
        low: Price(1),
        close: Price(i64::from(id)),
        volume: Qty(1),
    };
    Archived {
        bars: BarsView { instrument, interval_ns: 60, bars: Series { first: 0, items: vec![bar] } },
        fills: FillsView { instrument, fills: Series::default() },
        depth: DepthView {
            instrument,
            time: Time(60),
            state: TradingState::Closed,
            last_price: Some(Price(i64::from(id))),
            bids: Vec::new(),
            asks: Vec::new(),
        },
    }
}

/// Reads up to the message that shows these instruments.
fn read_watched(client: &mut Client, ids: &[&str]) -> Value {
    loop {
        let message = client.read();
        if let Some(depth) = message["changed"]["depth"].as_object()
            && depth.keys().eq(ids)
        {
            return message["changed"].clone();
        }
    }
}

#[test]
fn after_the_end_whoever_is_there_can_watch_what_the_engine_left() {
    let (folder, hub, mut server) = serve();
    let mut client = Client::new(&folder);
    client.ask(r#"{"id":1,"verb":"subscribe","hz":50}"#);
    while !hub.view_wanted() {
        thread::yield_now();
    }
    let mut view = hub.take_buffer();
    view.instruments = [3, 7, 9].map(listed).into();
    assert!(hub.publish(view));
    assert_eq!(client.read()["type"], "snapshot");
    // It begins to watch while nobody fills views any more, and has not been told of the end.
    let mut watcher = Client::new(&folder);
    watcher.ask(r#"{"id":1,"verb":"watch","instruments":[7]}"#);
    let mut archive = Archive::default();
    assert!([3, 7].into_iter().all(|id| archive.keep(archived(id))));
    hub.close(archive);
    server.retire();
    let shown = read_watched(&mut client, &["7"]);
    assert_eq!(shown["bars"]["7"]["items"][0]["close"], 7);
    assert_eq!(shown["watched_fills"]["7"]["items"], json!([]));
    // Seven and three are there; nobody ever kept nine.
    watcher.ask(r#"{"id":2,"verb":"watch","instruments":[3,9]}"#);
    let shown = read_watched(&mut client, &["3"]);
    assert_eq!((&shown["bars"]["3"]["items"][0]["close"], &shown["bars"]["7"]), (&json!(3), &Value::Null));
    assert_eq!(watcher.ask(r#"{"id":3,"verb":"view"}"#)["result"]["depth"]["3"]["last_price"], 3);
    assert!(UnixStream::connect(folder.socket()).is_err(), "nobody new is let in");
    assert!(!folder.socket().exists());
}

#[test]
fn an_archive_takes_no_more_than_has_room() {
    let mut archive = Archive::default();
    let mut kept = 0;
    let large = |id: u32| {
        let mut one = archived(id);
        one.bars.bars.items = vec![one.bars.bars.items[0]; 90_000];
        one
    };
    while archive.keep(large(kept)) {
        kept += 1;
    }
    assert_eq!(kept as usize, omni_gateway::ARCHIVE_ROWS_MAX / 90_000);
    assert!(archive.of(InstrumentId(kept - 1)).is_some() && archive.of(InstrumentId(kept)).is_none());
}

#[test]
fn an_answer_comes_though_the_client_has_said_all() {
    let (folder, hub, _server) = serve();
    let mut client = Client::new(&folder);
    client.0.get_mut().write_all(br#"{"id":1,"verb":"kill"}"#).unwrap();
    client.0.get_mut().shutdown(Shutdown::Write).unwrap();
    await_command(&hub).done(Ok(9));
    assert_eq!(client.read()["result"]["seq"], 9);
    assert_eq!(client.0.read(&mut [0]).unwrap(), 0);
}

#[test]
fn one_client_too_many_is_told_so() {
    let (folder, _hub, _server) = serve();
    let mut clients: Vec<_> = (0..32).map(|_| Client::new(&folder)).collect();
    for client in &mut clients {
        client.ask(r#"{"id":1,"verb":"watch","instruments":[]}"#);
    }
    let answer = Client::new(&folder).read();
    assert!(answer["error"].as_str().unwrap().contains("32 clients"), "{answer}");
    clients.clear();
    // Their places become free as their threads end.
    loop {
        let mut client = Client::new(&folder);
        // One that is refused may find its socket closed before it has asked.
        let asked = client.0.get_mut().write_all(b"{\"id\":1,\"verb\":\"watch\",\"instruments\":[]}\n");
        if asked.is_ok() && client.read()["ok"] == true {
            break;
        }
    }
}
