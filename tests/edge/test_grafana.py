"""Marks on Grafana's graphs: the documented request, the token in its header and nowhere else, plain sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pags_tui.core.errors import BadAnswer, PagsError, Unreachable
from pags_tui.core.ports import Mark
from pags_tui.core.runbook import load
from pags_tui.wiring.services import open_marks, open_services, plain_http
from tests.edge.misbehaving import refusing_url
from tests.grafana import GRAFANA_TOKEN, Grafana

AT = datetime(2026, 11, 24, 22, 15, 0, 250_000, tzinfo=UTC)
HEAD = '[runbook]\nid = "x"\n[[phases]]\nid = "one"\nat = "T+0"\nsteps = ["Look"]\n[services.grafana]\nurl = "${G}"\n'
WITH_TOKEN = f'{HEAD}token = "${{GT}}"\n'


def marks(server: str, text: str = WITH_TOKEN, token: str = GRAFANA_TOKEN):
    """As a live run opens them."""
    found = open_marks(load(text), {"G": server, "GT": token})
    assert found is not None
    return found


def test_a_mark_is_the_documented_request() -> None:
    """Milliseconds, tags, text that is no HTML; an end makes it a region; dashboard and panel where they are set."""
    text = f'{WITH_TOKEN}dashboard = "cutover"\npanel = 4\ntags = ["night"]\nheaders = {{ X-Grafana-Org-Id = "2" }}\n'
    with Grafana() as grafana:
        sender = marks(f"{grafana.url}/", text)
        sender.mark(Mark(AT, "canary <b>10</b> & more", ("pags-tui", "flag")), 5.0)
        sender.mark(Mark(AT, "rolled back", (), AT + timedelta(seconds=4)), 5.0)
    first, second = grafana.made
    assert first == {
        "time": 1795558500250, "text": "canary &lt;b&gt;10&lt;/b&gt; &amp; more", "tags": ["pags-tui", "flag", "night"],
        "dashboardUID": "cutover", "panelId": 4,
    }  # fmt: skip
    assert second["timeEnd"] - second["time"] == 4000
    assert grafana.targets == ["POST /api/annotations"] * 2
    assert {headers["x-grafana-org-id"] for headers in grafana.asked_with} == {"2"}
    assert GRAFANA_TOKEN not in str(grafana.made) + repr(sender) + sender.describe()


@pytest.mark.parametrize(
    ("manner", "kind", "text"),
    [
        (401, BadAnswer, r"refused the token \(401\); it needs the right annotations:create"),
        (403, BadAnswer, "annotations:create"),
        (404, BadAnswer, "status 404"),
        (500, Unreachable, "status 500"),
        (302, BadAnswer, "not followed"),
    ],
)
def test_a_refusal_is_a_sentence(manner: int, kind: type[PagsError], text: str) -> None:
    """Never the token, never the whole address."""
    with Grafana() as grafana:
        grafana.manner = manner
        with pytest.raises(kind, match=text) as caught:
            marks(grafana.url).mark(Mark(AT, "x"), 5.0)
    assert GRAFANA_TOKEN not in str(caught.value)
    with pytest.raises(Unreachable, match=r"^Grafana at 127\.0\.0\.1 refused the connection$"):
        marks(refusing_url()).mark(Mark(AT, "x"), 1.0)


def test_it_is_checked_without_a_mark() -> None:
    """The token, and that the dashboard is there."""
    with Grafana() as grafana:
        marks(grafana.url, f'{WITH_TOKEN}dashboard = "cutover"\n').check(5.0)
        with pytest.raises(BadAnswer, match="has no dashboard 'cutovre'"):
            marks(grafana.url, f'{WITH_TOKEN}dashboard = "cutovre"\n').check(5.0)
        with pytest.raises(BadAnswer, match="annotations:read"):
            marks(grafana.url, token="wrong").check(5.0)
    assert grafana.made == []


def test_only_a_live_run_marks_and_a_token_travels_protected() -> None:
    """A rehearsal and a demo have none. Over plain http a token is refused, or allowed and said on the screen."""
    book = load(WITH_TOKEN)
    env = {"G": "http://grafana.example", "GT": GRAFANA_TOKEN}
    assert open_services(book, env, "rehearsal").marks is None
    assert open_services(book, env, "demo").marks is None
    assert open_marks(load(HEAD.partition("[services")[0]), env) is None
    with pytest.raises(BadAnswer, match=r"services\.grafana"):
        open_marks(book, env)
    allowed = load(f"{WITH_TOKEN}allow_plain_http = true\n")
    assert open_marks(allowed, env) is not None
    assert "grafana" in plain_http(allowed, env)["plain-http-grafana"]


def test_the_runbook_takes_no_secret_and_no_panel_of_nothing() -> None:
    """A literal token and a panel without its dashboard are refused with their line."""
    for text, said in ((f'{HEAD}token = "glsa_x"\n', "a secret may not stand"), (f"{HEAD}panel = 4\n", "needs the")):
        with pytest.raises(PagsError, match=said):
            load(text)
