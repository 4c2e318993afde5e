"""What Prometheus does with a file of ours: it reads the jobs, and asks each target for its metrics."""

from pathlib import Path
from urllib.request import Request, urlopen

import yaml
from prometheus_client.parser import text_string_to_metric_families


def scrape(text):
    """Return the names of the metrics that every target of a configuration answers with.

    A key that isn't one of Prometheus's here is refused, as Prometheus does.
    """
    (jobs,) = _fields(yaml.safe_load(text), "scrape_configs")
    answers = [set(_metrics(token, target)) for job in jobs for token, targets in [_job(job)] for target in targets]
    assert answers, "no target"
    return set.intersection(*answers)


def _job(job):
    name, authorization, groups = _fields(job, "job_name", "authorization", "static_configs")
    assert name
    (file,) = _fields(authorization, "credentials_file")
    targets = [target for group in groups for (listed,) in [_fields(group, "targets")] for target in listed]
    return Path(file).read_text().strip(), targets


def _metrics(token, target):
    request = Request(f"http://{target}/metrics", headers={"Authorization": f"Bearer {token}"})
    with urlopen(request) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain")
        return [family.name for family in text_string_to_metric_families(answer.read().decode())]


def _fields(table, *names):
    assert set(table) == set(names), f"expected {names}, found {tuple(table)}"
    return [table[name] for name in names]
