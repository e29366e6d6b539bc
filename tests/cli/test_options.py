"""Global options before and after the command, what a group hands on, and the formats."""

import csv
import io
import json

import pytest

from tests.cli.conftest import Oncall, Ran, Served, two_lines

SINGLE = ["status", "show 4112", "handoff", "ack 4117", "resolve 4112", "backlog pick acme-security/operations#40"]
named = pytest.mark.parametrize


@named("line", ["--sandbox pages -o ids", "pages --sandbox -o ids", "pages -o ids --sandbox", "pages -oids --sandbox"])
def test_the_sandbox_is_chosen_before_or_after_the_command(oncall: Oncall, line: str) -> None:
    ran = oncall(*line.split(), ONCALL_SANDBOX="")
    assert (ran.code, len(ran.out.split()), ran.err) == (0, 9, "")


@named("value", ["1", "true", "YES", "on"])
def test_or_by_the_environment(oncall: Oncall, value: str) -> None:
    assert oncall("who", ONCALL_SANDBOX=value).code == 0


@named("value", ["", "0", "false", "no"])
def test_which_can_say_no(oncall: Oncall, value: str) -> None:
    assert oncall("who", ONCALL_SANDBOX=value).code == 3


@named(
    "line", ["-v pages -o ids", "pages -vo ids", "pages -o ids --verbose", "pages -o ids -vq", "backlog pick -v x#1"]
)
def test_verbose_is_a_line_a_request(oncall: Oncall, line: str) -> None:
    oncall("status")  # from then on the journal knows my shift: nothing is on its way beside a command when that ends
    ran = oncall(*line.split(), "--no-cache")
    lines = [seen for seen in ran.err.splitlines() if seen.startswith("GET http://127.0.0.1:")]
    quiet = "q" in line.split()[-1]
    assert len(lines) == (0 if quiet or ran.log is None else len(ran.asked))
    assert all(seen.endswith(" ms") and " 200 " in seen for seen in lines)


def test_a_profile_and_a_file_are_chosen_before_or_after(oncall: Oncall, served: Served, tmp_path: object) -> None:
    file = f"{tmp_path}/config.toml"
    environ = served.environ(ONCALL_ISSUES_LABEL="")
    with open(file, "w", encoding="utf-8") as config:
        config.write('[issues]\nlabel = "runbook"\n[profile.edr.issues]\nlabel = "edr"\n')
    labels = {}
    for line in ("--config {0} issues --json", "issues --json --config={0}", "issues -p edr --json --config {0}"):
        found = oncall(*line.format(file).split(), **environ).json
        labels[line] = set.intersection(*(set(issue["labels"]) for issue in found)) & {"runbook", "edr"}
    assert list(labels.values()) == [{"runbook"}, {"runbook"}, {"edr"}]
    unknown = oncall("-p", "nope", "issues", "--config", file, **environ)
    assert (unknown.code, unknown.out, two_lines(unknown.err)) == (3, "", True)
    assert "edr" in unknown.err


def test_a_flag_beats_the_environment_which_beats_the_file(oncall: Oncall, served: Served, tmp_path: object) -> None:
    file = f"{tmp_path}/config.toml"
    with open(file, "w", encoding="utf-8") as config:
        config.write('[issues]\nlabel = "runbook"\n')

    def labels(*arguments: str, **more: str) -> set[str]:
        found = oncall("issues", "--json", *arguments, **served.environ(ONCALL_CONFIG=file, **more)).json
        return set.intersection(*(set(issue["labels"]) for issue in found))

    assert "runbook" in labels()
    assert "edr" in labels(ONCALL_ISSUES_LABEL="edr")
    assert "identity" in labels("--label", "identity", ONCALL_ISSUES_LABEL="edr")


def test_what_is_given_to_a_group_reaches_its_subcommand_or_is_refused(oncall: Oncall) -> None:
    pick = ["pick", "acme-security/operations#40", "-n"]
    for line in (["backlog", "--json", *pick], ["backlog", *pick, "--json"], ["backlog", "-o", "json", *pick]):
        assert oncall(*line).json[0]["result"] == "planned"
    for line in (["backlog", "-L", "3", *pick], ["backlog", "-o", "csv", *pick]):
        ran = oncall(*line)
        assert (ran.code, ran.out, two_lines(ran.err), ran.log) == (2, "", True, None)


@named("verb", ["ack", "resolve", "show", "pages", "status", "who", "handoff", "backlog"])
def test_formats_that_contradict_each_other_are_refused_before_anything_is_changed(oncall: Oncall, verb: str) -> None:
    other = {"pages": "csv", "who": "csv", "backlog": "csv", "handoff": "markdown"}.get(verb, "text")
    page = ["4117"] if verb in ("ack", "resolve", "show") else []
    ran = oncall(verb, *page, "--json", "-o", other)
    assert (ran.code, ran.out, two_lines(ran.err), ran.writes) == (2, "", True, [])


@named(("command", "count"), {"pages": 9, "issues": 32, "backlog": 8, "who": 3, "notes": 1}.items())
def test_every_list_has_every_format(oncall: Oncall, command: str, count: int) -> None:
    oncall("note", "one")
    ids = oncall(command, "-o", "ids").out.split()
    assert len(ids) == count
    as_json = oncall(command, "-o", "json", "--verbose")
    assert [thing["ref" if command in ("issues", "backlog") else "id"] for thing in as_json.json] == ids
    tsv = [line.split("\t") for line in oncall(command, "-o", "tsv").out.splitlines()]
    header, *rows = csv.reader(io.StringIO(oncall(command, "-o", "csv").out))
    assert [row[0] for row in tsv] == [row[0] for row in rows] == ids
    assert {len(row) for row in (*tsv, header, *rows)} == {len(header)}
    assert len(oncall(command, "-o", "table").out.splitlines()) >= count


@named("command", SINGLE)
def test_every_single_thing_is_text_or_json(oncall: Oncall, command: str) -> None:
    as_json = oncall(*command.split(), "--json", *(["-n"] if command[0] in "arb" else []))
    assert as_json.code == 0
    assert isinstance(json.loads(as_json.out), list if command[0] in "arb" else dict)
    text = oncall(*command.split())
    assert text.code == 0
    assert not text.out.startswith(("{", "["))


def told(ran: Ran) -> tuple[int, str]:
    return ran.code, ran.out


def test_a_list_is_a_table_on_a_terminal_and_tsv_in_a_pipe(oncall: Oncall) -> None:
    assert oncall("pages", screen=True).out.startswith("page  status ")
    assert oncall("pages").out.startswith("Q1CANARYTOKEN01\t4117\t")
    assert told(oncall("pages", "-o", "tsv", screen=True)) == told(oncall("pages"))
    table = oncall("pages", screen=True, COLUMNS="80").out.splitlines()
    assert max(map(len, table)) <= 80
    assert len(oncall("pages", "-o", "table").out.splitlines()) == len(table)


def test_colour_is_for_terminals_that_want_it(oncall: Oncall) -> None:
    coloured = oncall("pages", screen=True, NO_COLOR="").out
    assert "\x1b[" in coloured
    for ran in (
        oncall("pages", screen=True),
        oncall("pages", "--no-color", screen=True, NO_COLOR=""),
        oncall("--no-color", "pages", screen=True, NO_COLOR=""),
        oncall("pages", screen=True, NO_COLOR="", TERM="dumb"),
        oncall("pages", "-o", "table", NO_COLOR=""),
    ):
        assert "\x1b" not in ran.out
    assert "\x1b[" in oncall("pages", "-o", "table", NO_COLOR="", FORCE_COLOR="1").out


def test_quiet_leaves_the_answer_and_errors(oncall: Oncall) -> None:
    assert oncall("note", "x", "-q").err == ""
    assert oncall("pages", "-L", "1", "--quiet").err == ""
    assert two_lines(oncall("-q", "show", "99999").err)


def test_no_cache_asks_anew(oncall: Oncall) -> None:
    oncall("pages")
    assert "GET /pagerduty/users/me" not in oncall("pages").asked
    assert "GET /pagerduty/users/me" in oncall("pages", "--no-cache").asked


@named("line", ["--version", "pages --version", "--version ack 4117", "backlog pick --version"])
def test_the_version_wherever_it_stands(oncall: Oncall, line: str) -> None:
    from secops_oncall import __version__

    ran = oncall(*line.split())
    assert (ran.code, ran.out, ran.err, ran.log) == (0, f"oncall {__version__}\n", "", None)


ONE_PAGE = [
    "show -",
    "snooze - --for 1h",
    "escalate -",
    "open - --print",
    "note seen --page -",
    "escalate - --to backup -n",
]


@named("line", ONE_PAGE)
def test_a_page_is_read_from_a_pipe(oncall: Oncall, line: str) -> None:
    """What another command lists: the first field of a line."""
    ran = oncall(*line.split(), "-q", stdin="Q1LEAKEDKEY0005\t4112\tacknowledged\n\n")
    assert (ran.code, ran.err) == (0, "")
    if line.startswith(("show", "snooze", "escalate - --to")):
        assert "4112" in ran.out
    if line.startswith("note"):
        assert oncall("notes", "--json").json[0]["page"] == "Q1LEAKEDKEY0005"


@named("line", ONE_PAGE)
@named(("stdin", "said"), [("4117\n4112\n", "2 things"), ("\n", "nothing"), ("", "nothing")])
def test_a_pipe_that_names_none_or_several_is_refused_and_nothing_is_asked(
    oncall: Oncall, line: str, stdin: str, said: str
) -> None:
    ran = oncall(*line.split(), stdin=stdin)
    assert (ran.code, ran.out, ran.log, two_lines(ran.err)) == (2, "", None, True)
    assert ran.err.startswith(
        f"oncall: standard input names {said}, and one is needed\n  hint: oncall {line.split()[0]} "
    )


def test_one_command_s_pages_are_another_s_page(oncall: Oncall) -> None:
    listed = oncall("pages", "--search", "Leaked key").out
    assert oncall("show", "-", stdin=listed).out.startswith("4112 Leaked key")
