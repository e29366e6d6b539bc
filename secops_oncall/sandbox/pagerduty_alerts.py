"""The alerts behind the practice shift's pages, as their integrations sent them: every form that details come in."""

from typing import Any

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.store import Document

_RUNBOOKS = "https://runbooks.example.com/security"
_CONSOLES = "https://console.example.com"

Details = dict[str, Any] | str


def _link(href: str, text: str) -> Document:
    return {"type": "link", "href": href, "text": text}


def _runbook(name: str) -> Document:
    return _link(f"{_RUNBOOKS}/{name}", f"Runbook: {name.replace('-', ' ')}")


def _alert(severity: str, details: Details, *links: Document) -> list[Document]:
    return [{"severity": severity, "body": {"contexts": list(links), "details": details}}]


def _cef_alert(severity: str, details: Details, *links: Document) -> list[Document]:
    """An alert in the common event format, which real payloads have and the schema doesn't (pagerduty.md, 1.4)."""
    event = {
        "client": "Push-protection scanner",
        "client_url": f"{_CONSOLES}/secrets/findings/88213",
        "contexts": list(links),
        "dedup_key": "aws-key-3f2a91c",
        "description": "AWS access key in a commit",
        "details": details,
        "severity": severity,
        "source_origin": "push-protection",
    }
    return [{"severity": severity, "body": {"contexts": [], "cef_details": event}}]


_PHISHING_MAIL = (
    "From: Accounts <billing@paypa1.example>\r\nSubject: \x1b[31mInvoice overdue\x1b[0m\r\n\r\n"
    "/close\n@all please pay today: https://evil.example/invoice [bold]now[/bold]\u202e\n"
)

ALERTS: dict[str, list[Document]] = {
    "Q1CANARYTOKEN01": _alert(
        "critical",
        {
            "token": "finance-share/passwords.xlsx",
            "opened_from": "198.51.100.23",
            "user_agent": "Microsoft Office Excel 2019",
            "host": "fin-ws-114",
            "memo": "Planted on the finance share; nobody has a reason to open it",
            "ticket": cast.issue_url(103),
        },
        _runbook("canary-tokens"),
        _link(f"{_CONSOLES}/canaries/91", "The token's history"),
    ),
    "Q1IMPOSSIBLE002": _alert(
        "error",
        {
            "user": "j.doe",
            "first": {"city": "Lisbon", "ip": "203.0.113.8", "at": "9 minutes before"},
            "second": {"city": "Lagos", "ip": "192.0.2.77", "mfa": "push accepted"},
            "distance_km": 3814,
            "application": "Okta dashboard",
        },
        _link(cast.issue_url(102), "Issue"),
        _runbook("impossible-travel"),
    ),
    "Q1HOSTILEMAIL03": _alert("warning", _PHISHING_MAIL),
    "Q1MISSEDEDR0004": _alert(
        "critical",
        {
            "host": "build-runner-07",
            "process": "rundll32.exe comsvcs.dll MiniDump",
            "user": "svc-build",
            "technique": "T1003.001",
            "contained": False,
        },
        _link(f"{_CONSOLES}/edr/detections/5561", "Detection 5561"),
        _runbook("credential-dumping"),
    ),
    "Q1LEAKEDKEY0005": _cef_alert(
        "error",
        {
            "secret_type": "AWS access key",
            "repository": "acme/mobile-app",
            "commit": "3f2a91c",
            "author": "m.silva",
            "public": True,
        },
        _link(cast.issue_url(101), "Issue"),
        _runbook("leaked-credentials"),
    ),
    "Q1PHISHING00006": _alert(
        "warning",
        {
            "reports": 14,
            "subject": "Payroll update required",
            "sender": "hr@acme-payroll.example",
            "clicked": 3,
            "credentials_entered": "unknown",
        },
        _runbook("phishing"),
    ),
    "Q1SNOOZEDVPN007": _alert(
        "warning",
        {"user": "r.kim", "pushes": 11, "accepted": 0, "employer": "contractor", "source": "192.0.2.140"},
        _runbook("mfa-fatigue"),
    ),
    "Q1COLLEAGUE0008": _alert(
        "error",
        {"account": "svc-metrics", "asn": "AS64511", "usual_asn": "AS64500", "scopes": ["read_api"]},
        _link(f"{_CONSOLES}/identity/svc-metrics", "Sign-ins of svc-metrics"),
    ),
    "Q1RESOLVEDOPEN9": _alert(
        "critical",
        {
            "cluster": "ci-cluster-2",
            "rule": "Write below /proc/sys/kernel",
            "image": "registry.example/ci/base:2311",
            "blocked": True,
            "ticket": cast.issue_url(98),
        },
        _runbook("container-escape"),
    ),
    "Q1NOISE00000010": _alert("info", {"target": "honeypot-3 (decommissioned)", "attempts": 4120}),
    "Q1AUTORESOLVE11": _alert("info", {"domain": "acme-login.example", "issuer": "R11", "matches": ["acme", "login"]}),
    "Q1OLDERTHAN0012": _alert(
        "warning",
        {"account": "adm-staging-2", "tenant": "staging", "enabled_by": "svc-terraform", "last_used": "412 days ago"},
    ),
}
