"""`oncall config`: where settings come from, changing them, and that nothing typed or kept is lost by it."""

import os
import sys
import tomllib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.app import App
from secops_oncall.cli.boundary import run
from secops_oncall.config import KEYS
from secops_oncall.streams import Streams
from tests.cli.conftest import Oncall, Ran, Screen, two_lines

FILE = """# by hand
[pages]
ack_minutes = 10
[gitlab]
groups = ["acme", "acme-two"]
[people."ana.b@mail.example.com"]
gitlab = "ana"
[profile.staging.gitlab]
url = "https://gitlab.example"
"""


class Config:
    """`config("get", "gitlab.url")` is the command on a file of its own."""

    def __init__(self, oncall: Oncall, file: Path) -> None:
        self._oncall, self.file = oncall, file

    def __call__(self, *arguments: str, **environ: str) -> Ran:
        world: dict[str, Any] = {"ONCALL_SANDBOX": "", "ONCALL_CONFIG": str(self.file), **environ}
        ran = self._oncall("config", *arguments, **world)
        assert ran.log is None, "nothing is asked"
        return ran

    @property
    def held(self) -> dict[str, Any]:
        return tomllib.loads(self.file.read_text("utf-8"))


@pytest.fixture
def config(oncall: Oncall, tmp_path: Path) -> Config:
    file = tmp_path / "config.toml"
    file.write_text(FILE, "utf-8")
    return Config(oncall, file)


def test_the_list_says_where_each_value_comes_from(config: Config) -> None:
    environ = {"ONCALL_PAGES_ASSIGN_ISSUE": "yes", "GITLAB_TOKEN": "glpat-secret-of-mine"}
    ran = config("list", "-p", "staging", "--json", **environ)
    found = {each["key"]: (each["value"], each["source"]) for each in ran.json}
    assert list(ran.json[0]) == ["key", "value", "source"]
    assert found.keys() >= KEYS.keys()
    assert found["gitlab.groups"] == (["acme", "acme-two"], "file")
    assert found["gitlab.url"] == ("https://gitlab.example", "profile staging")
    assert found["pages.assign_issue"] == (True, "ONCALL_PAGES_ASSIGN_ISSUE")
    assert found["issues.label"] == ("oncall", "default")
    assert found["backlog.board"] == (None, "default")
    assert found["people.ana.b@mail.example.com.gitlab"] == ("ana", "file")
    assert found["gitlab.token"] == ("[token]", "GITLAB_TOKEN")
    assert "secret" not in ran.out
    lines = config("list").out.splitlines()
    assert "gitlab.groups\tacme,acme-two\tfile" in lines
    assert "gitlab.url\thttps://gitlab.com\tdefault" in lines


def test_a_token_that_somebody_put_into_the_file_is_not_shown(config: Config) -> None:
    config.file.write_text('[issues]\nlabel = "glpat-secret-of-mine"\n[gitlab]\ngroups = ["xoxb-1-secret"]\n', "utf-8")
    for arguments in (["list"], ["get", "issues.label"], ["get", "gitlab.groups", "--json"]):
        ran = config(*arguments)
        assert "[token]" in ran.out
        assert "secret" not in ran.out + ran.err


def test_one_value_is_printed_alone(config: Config) -> None:
    assert config("get", "gitlab.groups").out == "acme\nacme-two\n"
    assert config("get", "pages.assign_issue").out == "false\n"
    assert config("get", 'people."ana.b@mail.example.com".gitlab').out == "ana\n"
    assert config("get", "gitlab.url", "-p", "staging", "--json").json["source"] == "profile staging"
    for key in ("backlog.board", "people.ben@example.com.slack"):
        ran = config("get", key)
        assert (ran.code, ran.out, ran.err) == (0, "", f"{key} is not set\n")
    ran = config("get", "gitlab.group")
    assert (ran.code, two_lines(ran.err)) == (2, True)
    assert "gitlab.groups" in ran.err


def test_a_value_is_set_and_what_was_there_before_is_kept(config: Config) -> None:
    ran = config("set", "gitlab.groups", "acme", "acme-three")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (f"✓ set gitlab.groups in {config.file}\n  what it held before is in {config.file}.bak\n")
    assert config.held["gitlab"]["groups"] == ["acme", "acme-three"]
    assert config("set", "gitlab.groups", "acme,acme-three").err.startswith("✓ already so: ")
    config("set", "people.ben@example.com.gitlab", "@ben")
    assert config.held["people"]["ben@example.com"] == {"gitlab": "ben"}
    assert Path(f"{config.file}.bak").read_text("utf-8") == FILE


def test_a_new_profile_and_a_new_file_are_made(config: Config, tmp_path: Path) -> None:
    assert config("set", "-p", "edr", "issues.label", "edr").code == 0
    assert config("get", "-p", "edr", "issues.label").out == "edr\n"
    assert config("get", "issues.label").out == "oncall\n"
    assert config("get", "-p", "none", "issues.label").code == 3
    new = tmp_path / "made" / "config.toml"
    assert config("path", ONCALL_CONFIG=str(new)).out == f"{new}\n"
    assert config("list", ONCALL_CONFIG=str(new)).code == 3
    assert config("set", "issues.label", "x", ONCALL_CONFIG=str(new)).code == 0
    assert new.read_text("utf-8") == '[issues]\nlabel = "x"\n'


@pytest.mark.parametrize(
    "arguments",
    [
        "set pages.ack_minutes soon",
        "set pages.ack_minute 3",
        "set gitlab.token 3",
        "set people.ana@example.com ana",
        "set issues.label glpat-secret-of-mine",
        "set issues.label secret",
        "unset pages.ack_minute",
        "edit",
    ],
)
def test_what_can_not_be_is_refused_and_changes_nothing(config: Config, arguments: str) -> None:
    ran = config(*arguments.split(), ONCALL_SLACK_TOKEN="secret")
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
    assert "secret" not in ran.err
    assert config.file.read_text("utf-8") == FILE


def test_a_file_without_a_name_is_none(oncall: Oncall) -> None:
    ran = oncall("config", "set", "issues.label", "x", "--config", "", ONCALL_SANDBOX="")
    assert (ran.code, two_lines(ran.err)) == (3, True)


def test_a_value_is_taken_out(config: Config) -> None:
    assert "✓ took gitlab.groups out of" in config("unset", "gitlab.groups").err
    assert "gitlab" not in config.held
    assert config("unset", "gitlab.groups").err == f"✓ already so: {config.file} has no gitlab.groups\n"
    assert "profile staging has no pages.ack_minutes" in config("unset", "-p", "staging", "pages.ack_minutes").err
    assert config("unset", "people.ana.b@mail.example.com").code == 0
    assert "people" not in config.held


def test_what_nobody_reads_can_be_taken_out(config: Config) -> None:
    config.file.write_text("odd = 1\n[pages]\nack_minute = 3\nack_minutes = 4\n", "utf-8")
    assert [config("unset", key).code for key in ("odd", "pages.ack_minute", "pages")] == [0, 0, 2]
    assert config.held == {"pages": {"ack_minutes": 4}}


def test_a_variable_that_still_counts_is_named(config: Config) -> None:
    for arguments in (["set", "pages.ack_minutes", "20"], ["unset", "pages.ack_minutes"]):
        ran = config(*arguments, ONCALL_PAGES_ACK_MINUTES="5")
        assert "! ONCALL_PAGES_ACK_MINUTES is set, and counts instead" in ran.err


def test_a_file_with_a_wrong_value_can_be_mended(config: Config) -> None:
    config.file.write_text('[pages]\nack_minutes = "soon"\n[cache]\ncontacts = 3\n', "utf-8")
    assert config("list").code == 3
    ran = config("set", "pages.ack_minutes", "10")
    assert (ran.code, "the file still can't be used" in ran.err, "cache.contacts" in ran.err) == (0, True, True)
    assert "still" not in config("unset", "cache.contacts").err
    config.file.write_text("[pages", "utf-8")
    assert config("path").code == 0
    ran = config("set", "pages.ack_minutes", "10")
    assert (ran.code, two_lines(ran.err), "config.toml:1:7" in ran.err) == (3, True, True)
    assert config.file.read_text("utf-8") == "[pages"


def test_the_sandbox_s_settings_are_shown_and_fixed(oncall: Oncall, tmp_path: Path) -> None:
    found = {each["key"]: each["source"] for each in oncall("config", "list", "--json").json}
    assert (found["gitlab.groups"], found["issues.label"]) == ("sandbox", "default")
    assert any(key.startswith("people.ana") and source == "sandbox" for key, source in found.items())
    for arguments in ("set issues.label x", "unset issues.label", "edit"):
        ran = oncall("config", *arguments.split(), screen=True)
        assert (ran.code, two_lines(ran.err), "fixed" in ran.err) == (2, True, True)


class Asked(Streams):
    """Streams on which somebody answers one question after the other."""

    answers: list[bool]

    def confirm(self, question: str) -> bool:
        return self.answers.pop(0)


@pytest.fixture
def edit(config: Config, oncall: Oncall, tmp_path: Path) -> Any:
    """`edit("text = …", …)` is the command in an editor that does one thing after the other, each again if asked."""

    def start(*bodies: str, again: tuple[bool, ...] = (), **environ: str) -> Ran:
        script, steps = tmp_path / "editor.py", tmp_path / "steps"
        steps.write_text("0")
        lines = [
            "import sys",
            "from pathlib import Path",
            f"steps = Path({str(steps)!r})",
            "step = int(steps.read_text())",
        ]
        lines += ["steps.write_text(str(step + 1))", "file = Path(sys.argv[1])", "text = file.read_text()"]
        lines += [f"if step == {n}:\n    {body}" for n, body in enumerate(bodies)]
        script.write_text("\n".join([*lines, "file.write_text(text)"]), "utf-8")
        world = {**os.environ, "ONCALL_STATE_DIR": str(oncall.state), "ONCALL_CONFIG": str(config.file)}
        world |= {"TERM": "xterm", "EDITOR": f"{sys.executable} '{script}'", "COLUMNS": "300", **environ}
        out, err = Screen(), StringIO()
        streams = Asked(out, err, Screen(), environ=world)
        streams.answers = list(again)
        return Ran(
            run(["config", "edit"], App(world, streams, lambda: oncall.now)), out.getvalue(), err.getvalue(), None
        )

    return start


def drafts(oncall: Oncall) -> list[Path]:
    return [path for path in (oncall.state / "drafts").rglob("*") if path.is_file()]


on_posix = pytest.mark.skipif(os.name != "posix", reason="the editor's line is read as a shell's")


@on_posix
def test_the_file_is_edited_as_it_is_comments_included(edit: Any, config: Config, oncall: Oncall) -> None:
    ran = edit("text = text.replace('= 10', '= 11')")
    assert (ran.code, ran.err.splitlines()[0]) == (0, f"✓ saved {config.file}")
    assert config.file.read_text("utf-8") == FILE.replace("= 10", "= 11")
    assert Path(f"{config.file}.bak").read_text("utf-8") == FILE
    assert edit("pass").err == f"✓ nothing changed in {config.file}\n"
    assert drafts(oncall) == []


@on_posix
def test_a_broken_file_is_mended(edit: Any, config: Config) -> None:
    config.file.write_text("[pages", "utf-8")
    assert edit("text = '[pages]\\nack_minutes = 3'").code == 0
    assert config.held == {"pages": {"ack_minutes": 3}}


@on_posix
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[pages", ":1:7: "),
        ("[pages]\nack_minutes = 'x'", "pages.ack_minutes must be a whole number"),
        ("[profile.edr.pages]\nack_minutes = 'x'", "pages.ack_minutes must be a whole number"),
        ("[shift]\ntime_zone = 'Berlin'", "`shift.time_zone` is no time zone: 'Berlin'"),
        ("[issues]\nlabel = 'on\\ncall'".replace("'", '"'), "the value of issues.label holds a line end"),
    ],
)
def test_what_can_not_be_used_is_not_saved_and_is_kept_as_a_draft(
    edit: Any, config: Config, oncall: Oncall, text: str, said: str
) -> None:
    ran = edit(f"text = {text!r}", TERM="dumb")
    assert (ran.code, two_lines(ran.err), said in ran.err) == (3, True, True)
    (draft,) = drafts(oncall)
    assert (draft.suffix, draft.read_text("utf-8")) == (".toml", text)
    assert f"kept in {draft}" in ran.err
    assert config.file.read_text("utf-8") == FILE


@on_posix
@pytest.mark.parametrize(
    ("text", "secret", "said"),
    [
        ("[gitlab]\ntoken = 'glpat-of-mine'\n[x]\ny = 1", "glpat-of-mine", "'gitlab.token' is no setting"),
        ("[gitlab]\ntoken = 'hunter2'\n[x]\ny = 1", "hunter2", "'gitlab.token' is no setting"),
        ("[gitlab]\ntoken = 4711\n[x]\ny = 1", "4711", "'gitlab.token' is no setting"),
        ('[profile."a b"]\nslack.api_key = "hunter2" # y = 1', "hunter2", "slack.api_key' is no setting"),
        ("[x]\npassword = ['hunter2'\ny = 1", "hunter2", ":3:1: "),
        ("[issues]\nlabel = 'the-slack-one'\n[x]\ny = 1", "the-slack-one", "issues.label looks like a token"),
        ("[issues]\nlabel = 'u+aB3cD4eF5gH6iJ7kL8'\n[x]\ny = 1", "u+aB3cD4eF5gH6iJ7kL8", "looks like a token"),
    ],
)
def test_no_token_is_saved_and_none_is_left_in_the_draft(
    edit: Any, config: Config, oncall: Oncall, text: str, secret: str, said: str
) -> None:
    ran = edit(f"text = {text!r}", TERM="dumb", ONCALL_SLACK_TOKEN="the-slack-one")
    assert (ran.code, two_lines(ran.err), said in ran.err) == (3, True, True), ran.err
    assert secret not in ran.err
    (draft,) = drafts(oncall)
    left = draft.read_text("utf-8")
    assert (secret in left, "[token]" in left) == (False, True)
    assert ("y = 1" in left, "but for tokens" in ran.err) == ("#" not in text, True)
    assert config.file.read_text("utf-8") == FILE


def test_a_token_that_is_in_the_file_is_said_to_be_out_of_place(config: Config) -> None:
    config.file.write_text(FILE + '[slack]\ntoken = "hunter2"\n', "utf-8")
    ran = config("list")
    assert "nobody reads 'slack.token', and no token belongs there: oncall auth login slack, then take it" in ran.err
    assert "hunter2" not in ran.out + ran.err
    assert config("unset", "slack.token").code == 0
    assert "hunter2" not in config.file.read_text("utf-8")


@on_posix
def test_no_token_lies_there_while_somebody_is_asked(
    edit: Any, oncall: Oncall, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def asked(*_: object) -> bool:
        seen.extend(draft.read_text("utf-8") for draft in drafts(oncall))
        raise SystemExit(1)  # as a hang-up is

    monkeypatch.setattr(Asked, "confirm", asked)
    edit("text = '[gitlab]\\ntoken = \"hunter2\"'", again=(False,))
    assert seen == ['[gitlab]\ntoken = "[token]"']


@on_posix
def test_it_is_edited_again_from_what_was_written(edit: Any, config: Config, oncall: Oncall) -> None:
    ran = edit("text = '[pages]\\nack_minutes = 0'", "text = text.replace('0', '7')", again=(True,))
    assert (ran.code, "must be a whole number above 0" in ran.err) == (0, True)
    assert config.held == {"pages": {"ack_minutes": 7}}
    assert drafts(oncall) == []
    ran = edit("text = '[pages'", again=(False,))
    assert (ran.code, len(drafts(oncall))) == (130, 1)


@on_posix
def test_a_change_that_somebody_else_made_meanwhile_is_not_written_over(edit: Any, config: Config) -> None:
    ran = edit(f"Path({str(config.file)!r}).write_text('# theirs'); text += 'x = 1'", TERM="dumb")
    assert (ran.code, "changed by somebody else" in ran.err) == (3, True)
    assert config.file.read_text("utf-8") == "# theirs"


@on_posix
def test_without_a_file_there_is_a_beginning(edit: Any, config: Config) -> None:
    config.file.unlink()
    assert "nothing changed" in edit("pass").err
    assert not config.file.exists()
    assert edit("text += '\\n[pages]\\nack_minutes = 3'").code == 0
    assert config.file.read_text("utf-8").startswith("# The settings of oncall")
