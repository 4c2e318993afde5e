"""A package of a reader's, installed beside the files of its modules as an installer would do it."""

import tomllib


def install(text, folder):
    """Write the metadata of the package that a `pyproject.toml` describes; return its entry points for strategies."""
    project = tomllib.loads(text)["project"]
    groups = project["entry-points"]
    name = project["name"].replace("-", "_")
    metadata = folder / f"{name}-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in own.items()) for group, own in groups.items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    return groups["omni.strategies"]
