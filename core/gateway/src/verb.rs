//! The verbs of the control socket and their fields.

/// A verb's name and the fields that it has besides `id` and `verb`.
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [&'static str],
}

/// All verbs.
pub(crate) const VERBS: [Verb; 10] = [
    Verb { name: "status", fields: &[] },
    Verb { name: "view", fields: &[] },
    Verb { name: "subscribe", fields: &["hz"] },
    Verb { name: "watch", fields: &["instruments"] },
    Verb { name: "kill", fields: &["reason"] },
    Verb { name: "resume", fields: &["reason"] },
    Verb { name: "stop", fields: &[] },
    Verb { name: "strategy.stop", fields: &["session"] },
    Verb { name: "strategy.start", fields: &["session"] },
    Verb { name: "speed", fields: &["multiple"] },
];

/// Returns the verb of this name.
///
/// # Errors
/// What to tell the client, with the verb it probably meant.
pub(crate) fn find(name: &str) -> Result<&'static Verb, String> {
    VERBS.iter().find(|verb| verb.name == name).ok_or_else(|| {
        let names: Vec<_> = VERBS.iter().map(|verb| verb.name).collect();
        format!("unknown verb {}{}; verbs are {}", quoted(name), meant(name, &names), names.join(", "))
    })
}

impl Verb {
    /// Checks that a request has no field that the verb doesn't.
    ///
    /// # Errors
    /// What to tell the client, with the field it probably meant.
    pub(crate) fn check<'a>(&self, fields: impl Iterator<Item = &'a str>) -> Result<(), String> {
        for field in fields {
            if field != "id" && field != "verb" && !self.fields.contains(&field) {
                let known = match self.fields {
                    [] => "it has none".to_owned(),
                    fields => format!("it has {}", fields.join(", ")),
                };
                let hint = meant(field, self.fields);
                return Err(format!("{} has no field {}{hint}; {known}", self.name, quoted(field)));
            }
        }
        Ok(())
    }
}

/// Quotes what a client sent, cut to a length that a person reads.
pub(crate) fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(40).collect();
    if cut.len() < text.len() { format!("{cut:?}…") } else { format!("{cut:?}") }
}

fn meant(given: &str, known: &[&str]) -> String {
    // A name of a few letters is a slip of at most a third of them.
    let near = known.iter().map(|name| (distance(given, name), name)).min();
    match near {
        Some((slips, name)) if slips <= 1 + name.len() / 3 => format!(": did you mean {name:?}?"),
        _ => String::new(),
    }
}

/// Returns how many letters must be put in, taken out or changed to turn `a` into `b` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_verb_was_probably_meant() {
        for (given, meant) in
            [("kil", "kill"), ("subscibe", "subscribe"), ("strategy.stpo", "strategy.stop"), ("Status", "status")]
        {
            let error = find(given).err().unwrap();
            assert!(error.contains(&format!("did you mean \"{meant}\"?")), "{error}");
        }
        assert!(!find("frobnicate").err().unwrap().contains("did you mean"));
    }

    #[test]
    fn says_which_field_was_probably_meant() {
        let error = find("kill").unwrap().check(["id", "verb", "reson"].into_iter()).unwrap_err();
        assert_eq!(error, "kill has no field \"reson\": did you mean \"reason\"?; it has reason");
        assert_eq!(
            find("stop").unwrap().check(["now"].into_iter()).unwrap_err(),
            "stop has no field \"now\"; it has none"
        );
    }
}
