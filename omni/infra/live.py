"""Who may start: live trading needs the same thing said in several places."""

from omni.infra.config import Loaded
from omni.infra.schema import keys
from omni.model.error import RefusedError


def admit(loaded: Loaded, account: str | None) -> None:
    """Let a run start, or refuse it.

    Parameters
    ----------
    loaded
        The configuration.
    account
        What `--live ACCOUNT` names, or None without that flag.

    Raises
    ------
    RefusedError
        For any mismatch between mode, file and flag; and for live mode altogether, as long as there is no venue that
        trades real money.
    """
    if loaded.config.run.mode != "live":
        if account is not None:
            raise RefusedError(f'--live {account} was given, but run.mode is "{loaded.config.run.mode}"')
        return
    why = "live trading is refused: this version has no venue that trades real money; use sim or paper"
    missing = [f"  {text}" for text in _missing(loaded, account)]
    raise RefusedError("\n".join([why, *(["with one it would be refused too:"] if missing else []), *missing]))


def _missing(loaded: Loaded, account: str | None) -> list[str]:
    run, provenance = loaded.config.run, loaded.provenance
    texts: list[str] = []
    if provenance["run.mode"].kind != "file":
        texts.append(f'run.mode = "live" must stand in the configuration file, not come from {provenance["run.mode"]}')
    if not run.account:
        texts.append("run.account must name the account in the configuration file")
    if account is None:
        texts.append("the command line must confirm the account: --live ACCOUNT")
    elif run.account and account != run.account:
        texts.append(f'--live names "{account}", the configuration file names "{run.account}"')
    implicit = [name for name in keys() if name.startswith("risk.") and provenance[name].kind != "file"]
    if implicit:
        texts.append(f"limits must be explicit in the configuration file; these aren't: {', '.join(implicit)}")
    return texts
