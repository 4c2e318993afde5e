//! Reads what a client asks.

use omni_types::{InstrumentId, SessionId};
use serde_json::{Map, Value};

use crate::{Command, verb, verb::quoted};

/// Most views a second that a client can subscribe to.
pub(crate) const HZ_MAX: u64 = 50;
const HZ_USUAL: u64 = 20;
/// Longest reason, in bytes.
const REASON_MAX: usize = 256;
/// Largest id, which every JSON reader keeps exactly.
const ID_MAX: u64 = 1 << 53;

/// What a client asks.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    /// The view without its long lists.
    Status,
    /// The whole view.
    View,
    /// A snapshot and deltas, so many a second; 0 ends them.
    Subscribe(u64),
    /// Books and bars of these instruments.
    Watch(Vec<InstrumentId>),
    /// Something of the engine.
    Command(Command),
}

/// A line that is not a request.
#[derive(Clone, PartialEq, Debug)]
pub struct Misread {
    /// Its id, where it has one.
    pub id: Option<u64>,
    /// What to tell the client.
    pub error: String,
}

/// Reads a line and returns the request's id and what it asks.
///
/// # Errors
/// [`Misread`], whatever the bytes are.
pub fn parse(line: &[u8]) -> Result<(u64, Ask), Misread> {
    let nameless = |error: String| Misread { id: None, error };
    let value: Value = serde_json::from_slice(line).map_err(|error| nameless(malformed(&error)))?;
    let Value::Object(fields) = value else {
        return Err(nameless(format!("a request is a JSON object like {EXAMPLE}, found {}", kind(&value))));
    };
    let id = match fields.get("id") {
        Some(id) => id
            .as_u64()
            .filter(|id| *id <= ID_MAX)
            .ok_or_else(|| nameless(format!("id must be a whole number from 0 to 2^53, found {}", kind(id))))?,
        None => return Err(nameless(format!("a request has an id, like {EXAMPLE}"))),
    };
    ask(&fields).map(|ask| (id, ask)).map_err(|error| Misread { id: Some(id), error })
}

const EXAMPLE: &str = r#"{"id": 1, "verb": "status"}"#;

fn malformed(error: &serde_json::Error) -> String {
    format!("not a JSON object on one line ({error}); send one like {EXAMPLE}")
}

fn ask(fields: &Map<String, Value>) -> Result<Ask, String> {
    let name = match fields.get("verb") {
        Some(Value::String(name)) => name.as_str(),
        Some(other) => return Err(format!("verb must be a text like \"status\", found {}", kind(other))),
        None => return Err(format!("a request has a verb, like {EXAMPLE}")),
    };
    let verb = verb::find(name)?;
    verb.check(fields.keys().map(String::as_str))?;
    match verb.name {
        "status" => Ok(Ask::Status),
        "view" => Ok(Ask::View),
        "subscribe" => hz(fields).map(Ask::Subscribe),
        "watch" => instruments(fields).map(Ask::Watch),
        _ => command(verb.name, fields).map(Ask::Command),
    }
}

fn command(verb: &str, fields: &Map<String, Value>) -> Result<Command, String> {
    match verb {
        "kill" => Ok(Command::Kill { reason: reason(fields)?.unwrap_or("no reason given").into() }),
        "resume" => match reason(fields)? {
            Some(reason) => Ok(Command::Resume { reason: reason.into() }),
            None => Err("resume needs a reason: say who resumes trading and why it is safe".to_owned()),
        },
        "strategy.stop" => session(fields).map(Command::StopSession),
        "strategy.start" => session(fields).map(Command::StartSession),
        "speed" => multiple(fields).map(Command::Speed),
        _ => Ok(Command::Stop),
    }
}

fn reason(fields: &Map<String, Value>) -> Result<Option<&str>, String> {
    let reason = match fields.get("reason") {
        Some(Value::String(reason)) => reason.trim(),
        Some(Value::Null) | None => return Ok(None),
        Some(other) => return Err(format!("reason must be a text, found {}", kind(other))),
    };
    if reason.len() > REASON_MAX {
        return Err(format!("reason has {} bytes, and at most {REASON_MAX} are kept; shorten it", reason.len()));
    }
    if let Some(control) = reason.chars().find(|letter| letter.is_control()) {
        return Err(format!("reason has the control character {control:?}; write it on one line of plain text"));
    }
    Ok(Some(reason).filter(|reason| !reason.is_empty()))
}

fn session(fields: &Map<String, Value>) -> Result<SessionId, String> {
    let given = fields.get("session").unwrap_or(&Value::Null);
    let number = given.as_u64().and_then(|number| u16::try_from(number).ok());
    number.map(SessionId).ok_or_else(|| {
        format!("session must be the strategy's session number (`status` lists them), found {}", kind(given))
    })
}

fn multiple(fields: &Map<String, Value>) -> Result<Option<f64>, String> {
    match fields.get("multiple") {
        Some(Value::Null) => Ok(None),
        Some(given) => match given.as_f64().filter(|multiple| multiple.is_finite() && *multiple > 0.0) {
            Some(multiple) => Ok(Some(multiple)),
            None => Err(format!("multiple must be above zero, or null for as fast as possible, found {}", kind(given))),
        },
        None => Err("speed needs multiple: a number above zero, or null for as fast as possible".to_owned()),
    }
}

fn hz(fields: &Map<String, Value>) -> Result<u64, String> {
    match fields.get("hz") {
        None => Ok(HZ_USUAL),
        Some(given) => given
            .as_u64()
            .filter(|hz| *hz <= HZ_MAX)
            .ok_or_else(|| format!("hz must be a whole number from 1 to {HZ_MAX}, or 0 to end, found {}", kind(given))),
    }
}

fn instruments(fields: &Map<String, Value>) -> Result<Vec<InstrumentId>, String> {
    let expected = "instruments must be a list of instrument ids (`view` lists them)";
    let Some(Value::Array(given)) = fields.get("instruments") else {
        return Err(expected.to_owned());
    };
    let id = |value: &Value| {
        let id = value.as_u64().and_then(|id| u32::try_from(id).ok());
        id.map(InstrumentId).ok_or_else(|| format!("{expected}, found {}", kind(value)))
    };
    let mut ids = given.iter().map(id).collect::<Result<Vec<_>, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Names a value for people.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => quoted(text),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(line: &str) -> String {
        parse(line.as_bytes()).unwrap_err().error
    }

    #[test]
    fn reads_every_verb() {
        let cases = [
            (r#"{"id":1,"verb":"status"}"#, Ask::Status),
            (r#"{"id":1,"verb":"view"}"#, Ask::View),
            (r#"{"id":1,"verb":"subscribe"}"#, Ask::Subscribe(20)),
            (r#"{"id":1,"verb":"subscribe","hz":50}"#, Ask::Subscribe(50)),
            (r#"{"id":1,"verb":"watch","instruments":[7,3,7]}"#, Ask::Watch(vec![InstrumentId(3), InstrumentId(7)])),
            (r#"{"id":1,"verb":"kill","reason":" fire "}"#, Ask::Command(Command::Kill { reason: "fire".into() })),
            (r#"{"id":1,"verb":"kill"}"#, Ask::Command(Command::Kill { reason: "no reason given".into() })),
            (r#"{"id":1,"verb":"resume","reason":"ok"}"#, Ask::Command(Command::Resume { reason: "ok".into() })),
            (r#"{"id":1,"verb":"stop"}"#, Ask::Command(Command::Stop)),
            (r#"{"id":1,"verb":"strategy.stop","session":2}"#, Ask::Command(Command::StopSession(SessionId(2)))),
            (r#"{"id":1,"verb":"strategy.start","session":2}"#, Ask::Command(Command::StartSession(SessionId(2)))),
            (r#"{"id":1,"verb":"speed","multiple":2.5}"#, Ask::Command(Command::Speed(Some(2.5)))),
            (r#"{"id":1,"verb":"speed","multiple":null}"#, Ask::Command(Command::Speed(None))),
        ];
        for (line, ask) in cases {
            assert_eq!(parse(line.as_bytes()), Ok((1, ask)), "{line}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let cases = [
            ("", "not a JSON object"),
            ("[1]", "found a list"),
            (r#"{"verb":"status"}"#, "has an id"),
            (r#"{"id":-1,"verb":"status"}"#, "found -1"),
            (r#"{"id":1}"#, "has a verb"),
            (r#"{"id":1,"verb":7}"#, "found 7"),
            (r#"{"id":1,"verb":"resume","reason":"  "}"#, "needs a reason"),
            (r#"{"id":1,"verb":"resume"}"#, "needs a reason"),
            (r#"{"id":1,"verb":"kill","reason":"a\u001bb"}"#, "control character"),
            (r#"{"id":1,"verb":"speed"}"#, "speed needs multiple"),
            (r#"{"id":1,"verb":"speed","multiple":0}"#, "above zero"),
            (r#"{"id":1,"verb":"speed","multiple":1e999}"#, "not a JSON object"),
            (r#"{"id":1,"verb":"subscribe","hz":51}"#, "found 51"),
            (r#"{"id":1,"verb":"strategy.stop","session":65536}"#, "found 65536"),
            (r#"{"id":1,"verb":"strategy.stop"}"#, "found nothing"),
            (r#"{"id":1,"verb":"watch"}"#, "list of instrument ids"),
            (r#"{"id":1,"verb":"watch","instruments":["AAPL"]}"#, "found \"AAPL\""),
        ];
        for (line, part) in cases {
            let error = error(line);
            assert!(error.contains(part), "{line}: {error}");
        }
        assert_eq!(parse(br#"{"id":9,"verb":"kil"}"#).unwrap_err().id, Some(9));
    }

    proptest! {
        #[test]
        fn fuzz_any_bytes_are_read_or_refused(line in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&line);
        }

        #[test]
        fn fuzz_any_fields_are_read_or_refused(verb in prop::sample::select(verb::VERBS.map(|verb| verb.name).to_vec()), field in "id|reason|hz|session|multiple|instruments", value in "-?[0-9]{1,25}|\"[a-z]{0,9}\"|\\[(-?[0-9]{1,12}(,null)?)?\\]|null|\\{\\}|[0-9]e[0-9]{1,3}") {
            let _ = parse(format!(r#"{{"id":1,"verb":"{verb}","{field}":{value}}}"#).as_bytes());
        }
    }
}
