"""What a wheel needs beyond the package: templates and migrations, compiled catalogues, the browser's files."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedFiles(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Prepare a standard wheel; an editable install finds its files in the checkout. Raises SystemExit."""
        if version == "editable":
            return
        for folder in ("templates", "migrations"):
            build_data["force_include"][str(Path(self.root) / folder)] = f"rvc_portal/{folder}"
        package = Path(self.root) / "rvc_portal"
        if not (package / "web/static/vendor/htmx.min.js").is_file():
            raise SystemExit("the front-end files are missing: run ./rvc setup before building the wheel")
        for source in package.glob("translations/*/LC_MESSAGES/*.po"):
            compile_catalogue(source)


def compile_catalogue(source: Path) -> None:
    # Not at the top: an editable install runs this file without Babel.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as text:
        catalogue = read_po(text)
    with source.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, catalogue)
