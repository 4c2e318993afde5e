//! What a market data file holds.

use std::collections::BTreeMap;

use omni_types::Time;
use omni_wire::dbn::{self, Definition, Record};
use omni_wire::file::{Format, Loaded};
use omni_wire::itch::{self, Message};

/// An instrument of a file, as far as the file tells.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listed {
    /// The file's number: an ITCH locate code, a DBN instrument id.
    pub number: u32,
    /// Its symbol.
    pub symbol: String,
    /// Records about it.
    pub records: u64,
    /// The round lot, where told.
    pub lot: Option<u64>,
    /// What its definition says, where there is one.
    pub definition: Option<Defined>,
}

/// What a DBN definition says of an instrument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Defined {
    /// The smallest price step, in 1e-9.
    pub tick: i64,
    /// Currency, ISO 4217.
    pub currency: String,
    /// Venue, ISO 10383; may be empty.
    pub venue: String,
    /// Value of a contract per unit of price, in 1e-9, where told.
    pub multiplier: Option<i64>,
    /// The vendor's letter of the class.
    pub class: char,
}

/// What a file holds: counts, instruments, times, and what is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Survey {
    /// How many records of each type.
    pub counts: BTreeMap<String, u64>,
    /// Instruments, by number.
    pub listed: BTreeMap<u32, Listed>,
    /// The first and last time; in ITCH since midnight.
    pub span: Option<(Time, Time)>,
    /// What is wrong, at which byte, and what was read until then.
    pub fault: Option<String>,
}

/// Reads a whole file once and tells what it holds; never fails, [`Survey::fault`] says what stopped it.
#[must_use]
pub fn survey(loaded: &Loaded) -> Survey {
    let mut survey = Survey::default();
    let ended = match loaded.format {
        Format::Itch50 => survey.itch(&loaded.bytes),
        Format::Dbn { .. } | Format::DbnFragment | Format::Dbz => survey.dbn(&loaded.bytes),
        Format::Unknown => Err("neither ITCH 5.0 nor DBN".to_owned()),
    };
    let fault = match (&loaded.cut, ended) {
        (Some(cut), _) => Some(cut.to_string()),
        (None, Err(fault)) => Some(format!("{}: {fault}", loaded.path.display())),
        (None, Ok(())) => None,
    };
    Survey { fault, ..survey }
}

impl Survey {
    fn count(&mut self, kind: &str, time: Option<Time>) {
        match self.counts.get_mut(kind) {
            Some(count) => *count += 1,
            None => drop(self.counts.insert(kind.to_owned(), 1)),
        }
        if let Some(time) = time {
            let (first, last) = self.span.unwrap_or((time, time));
            self.span = Some((first.min(time), last.max(time)));
        }
    }

    fn of(&mut self, number: u32) -> &mut Listed {
        self.listed.entry(number).or_insert_with(|| Listed { number, ..Listed::default() })
    }

    fn itch(&mut self, bytes: &[u8]) -> Result<(), String> {
        for message in itch::Reader::new(bytes) {
            let message = message.map_err(|error| error.to_string())?;
            self.count(kind_of(&message), Some(Time(message.timestamp() as i64)));
            let number = u32::from(message.locate());
            match &message {
                Message::Directory(entry) => {
                    let listed = self.of(number);
                    listed.symbol = entry.stock.as_str().to_owned();
                    listed.lot = Some(u64::from(entry.round_lot));
                }
                Message::System(_) => continue,
                Message::Add(add) if !self.listed.contains_key(&number) => {
                    self.of(number).symbol = add.stock.as_str().to_owned();
                }
                _ => {}
            }
            if let Some(listed) = self.listed.get_mut(&number) {
                listed.records += 1;
            }
        }
        Ok(())
    }

    fn dbn(&mut self, bytes: &[u8]) -> Result<(), String> {
        let reader = dbn::Reader::new(bytes).map_err(|error| error.to_string())?;
        for mapping in reader.metadata().into_iter().flat_map(|metadata| &metadata.mappings) {
            for number in mapping.intervals.iter().filter_map(|interval| interval.symbol.parse().ok()) {
                self.of(number).symbol.clone_from(&mapping.raw_symbol);
            }
        }
        for record in reader {
            self.record(&record.map_err(|error| error.to_string())?);
        }
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) {
        let (kind, time, number) = match record {
            Record::Mbo(m) => ("mbo", m.received, m.instrument_id),
            Record::Trade(m) => ("trade", m.received, m.header.instrument_id),
            Record::Mbp(m) => ("quote", m.trade.received, m.trade.header.instrument_id),
            Record::Ohlcv(m) => ("bar", m.header.event, m.header.instrument_id),
            Record::Definition(m) => ("definition", m.received, m.header.instrument_id),
            Record::Status(m) => ("status", m.received, m.header.instrument_id),
            Record::Statistic(m) => ("statistic", m.received, m.header.instrument_id),
            Record::Other(header) => return self.count("other", header.event),
        };
        self.count(kind, time);
        let listed = self.of(number);
        listed.records += 1;
        if let Record::Definition(definition) = record {
            listed.define(definition);
        }
    }
}

impl Listed {
    /// Takes a definition whose texts are sound; the reader of others keeps what it has.
    fn define(&mut self, definition: &Definition<'_>) {
        let (Ok(symbol), Ok(currency), Ok(venue), Some(tick)) =
            (definition.raw_symbol(), definition.currency(), definition.exchange(), definition.min_price_increment())
        else {
            return;
        };
        self.symbol = symbol.to_owned();
        let stated = definition.contract_multiplier().map(|count| i64::from(count) * 1_000_000_000);
        self.definition = Some(Defined {
            tick,
            currency: currency.to_owned(),
            venue: venue.to_owned(),
            multiplier: stated.or_else(|| definition.unit_of_measure_qty()),
            class: char::from(definition.instrument_class()),
        });
    }
}

fn kind_of(message: &Message) -> &'static str {
    match message {
        Message::System(_) => "system",
        Message::Directory(_) => "directory",
        Message::TradingAction(_) => "status",
        Message::Add(_) => "add",
        Message::Execute(_) | Message::ExecuteAt(_) => "execute",
        Message::Cancel(_) => "cancel",
        Message::Delete(_) => "delete",
        Message::Replace(_) => "replace",
        Message::Trade(_) | Message::Cross(_) => "trade",
        _ => "notice",
    }
}
