"""What a stranger needs to trust it: rules, configuration, hashes, and how to check them."""

import shlex

from omni.reporting.markup import Html, join, tag
from omni.reporting.number import duration, time_element
from omni.reporting.run_data import RunData
from omni.reporting.table import pairs


def provenance(data: RunData) -> Html:
    """Return rules and configuration, and how to verify."""
    return join(
        tag("section", tag("h2", "Rules and configuration"), _rules(data), _configuration(data), id="rules"),
        tag("section", tag("h2", "Verify"), _verify(data), id="verify"),
    )


def _rules(data: RunData) -> Html:
    if not data.rules:
        return tag("p", "No simulation rule was stated.", class_="none")
    return tag("ul", *(tag("li", rule) for rule in data.rules), class_="rules")


def _configuration(data: RunData) -> Html | None:
    if not data.configuration:
        return None
    inner = tag("div", tag("pre", data.configuration), class_="scroll", tabindex="0", role="region", aria_label="TOML")
    return tag("details", tag("summary", tag("strong", "Configuration"), tag("span", "secrets are masked")), inner)


def _verify(data: RunData) -> Html:
    run = shlex.quote(data.run)
    items = (
        ("Mode and environment", f"{data.mode}, {data.environment}"),
        ("Version", data.version),
        ("Seed", "none" if data.seed is None else str(data.seed)),
        ("Started", time_element(data.started_ns)),
        ("Ended", join(time_element(data.ended_ns), f", after {duration(data.ended_ns - data.started_ns)}")),
        ("Digest of inputs and events", tag("code", data.digest, class_="hash")),
        ("Digest of the state", tag("code", data.state_digest, class_="hash")),
    )
    commands = (
        (f"omni verify {run}", "replays the journal with the strategies and compares both digests with these"),
        (f"omni replay {run}", "rebuilds the run from its journal and prints its end state"),
        (f"omni runs show {run}", "shows what the run store knows of it"),
    )
    lines = (tag("li", tag("code", command), tag("span", meaning)) for command, meaning in commands)
    return join(pairs(items), tag("ul", *lines, class_="commands"))
