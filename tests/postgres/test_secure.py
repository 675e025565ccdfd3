"""TLS and the usual `PG*` environment, with a real server, certificates and files; and where a password might show.

Each refusal is one sentence that says what to look at, without a traceback and without a secret.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pags_tui.edge.postgres.address import Database
from pags_tui.wiring.journals import open_journal
from tests.edge.authority import Authority
from tests.live import SIX, FlagServer, MetricServer, begun, book_text, called, env_of
from tests.postgres.hosts import Host, hosts
from tests.postgres.secure import SecurePostgres, authority
from tests.postgres.server import ESCAPED, PASSWORD, RealPostgres
from tests.wiring.test_secrets import titles

pytestmark = pytest.mark.postgres
__all__ = ["authority"]

KEY_WORD = "planted-0badcafe"
"""What a client's key is locked with."""
SECRETS = (PASSWORD, ESCAPED, KEY_WORD)


@pytest.fixture(scope="module")
def secure(authority: Authority) -> Iterator[SecurePostgres]:
    """With a journal in it."""
    with SecurePostgres(authority) as found:
        open_journal(Database(found.url())).close()
        yield found


@pytest.fixture(scope="module")
def files(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A client's certificate and key: good, open to all, locked; and another authority."""
    folder = tmp_path_factory.mktemp("client")
    other = folder / "other"
    other.mkdir()
    found = {"ca": authority.trusted, "other": Authority(other).trusted, "cert": authority.file("good")}
    for name, mode in (("key", 0o600), ("open", 0o644)):
        found[name] = folder / f"{name}.pem"
        shutil.copyfile(authority.key, found[name])
        found[name].chmod(mode)
    found["locked"] = folder / "locked.pem"
    command = ["openssl", "pkey", "-in", authority.key, "-aes256", "-passout", f"pass:{KEY_WORD}", "-out"]
    subprocess.run([*command, found["locked"]], check=True, capture_output=True)
    found["locked"].chmod(0o600)
    return found


def runs(url: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`pags-tui runs`, as somebody types it who has set these variables."""
    done = called("runs", "--json", *(["--db", url] if url else []), env=env)
    for secret in SECRETS:
        assert secret not in done.stdout + done.stderr
    return done


def refused(done: subprocess.CompletedProcess[str], *said: str) -> None:
    """Exit 3, one sentence with these words."""
    assert (done.returncode, done.stdout) == (3, "")
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr


def at(server: RealPostgres, user: str = f"owner:{ESCAPED}", host: str = "127.0.0.1", **settings: object) -> str:
    """An address with settings."""
    query = "&".join(f"{key}={value}" for key, value in settings.items())
    return f"postgresql://{user}@{host}:{server.port}/postgres?{query}"


def test_who_answers_is_proven(secure: SecurePostgres, files: dict[str, Path]) -> None:
    """With the authority that signed, by address and by name."""
    for host in ("127.0.0.1", "localhost"):
        done = runs(at(secure, host=host, hostaddr="127.0.0.1", sslmode="verify-full", sslrootcert=files["ca"]))
        assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


DOUBTED: dict[str, tuple[dict[str, Any], str]] = {
    "another authority": ({"sslrootcert": "other"}, "certificate verify failed"),
    "another name": ({"host": "db.example", "hostaddr": "127.0.0.1", "sslrootcert": "ca"}, 'host name "db.example"'),
    "no authority": ({"sslrootcert": "/nowhere/ca.pem"}, "/nowhere/ca.pem"),
}


@pytest.mark.parametrize("name", DOUBTED)
def test_who_cannot_be_proven_is_refused(name: str, secure: SecurePostgres, files: dict[str, Path]) -> None:
    """And no password is sent: the sentence says what to look at."""
    settings, why = DOUBTED[name]
    found = {key: files.get(str(value), value) for key, value in settings.items()}
    refused(runs(at(secure, **{"sslmode": "verify-full", **found})), "does not prove who it is", "sslrootcert", why)


def test_an_expired_certificate_is_refused(secure: SecurePostgres, files: dict[str, Path]) -> None:
    """As a browser does it."""
    with secure.showing("expired"):
        refused(runs(at(secure, sslmode="verify-full", sslrootcert=files["ca"])), "does not prove", "verify failed")


def test_to_another_host_nothing_goes_in_the_clear(database: Database, secure: SecurePostgres) -> None:
    """Without a word about it, TLS is required there; to this machine it is not, unless the server wants it."""
    plain = database.url.replace("127.0.0.1", "db.example") + "?hostaddr=127.0.0.1"
    refused(runs(plain), "SSL", "sslmode=disable")
    assert runs(f"{plain}&sslmode=disable").returncode == 3  # there, but no journal in it yet
    assert "no journal" in runs(f"{plain}&sslmode=disable").stderr
    refused(runs(at(secure, sslmode="disable")), "does not let this user in", "no encryption")
    assert runs(at(secure)).returncode == 0


def test_a_certificate_in_place_of_a_password(secure: SecurePostgres, files: dict[str, Path]) -> None:
    """As that user, with a locked key too; without it, or with a key that everybody can read, a sentence."""
    proven = {"sslmode": "verify-full", "sslrootcert": files["ca"]}
    shown = {**proven, "sslcert": files["cert"]}
    assert runs(at(secure, "loopback", **shown, sslkey=files["key"])).returncode == 0
    assert runs(at(secure, "loopback", **shown, sslkey=files["locked"], sslpassword=KEY_WORD)).returncode == 0
    refused(runs(at(secure, "loopback", **proven)), "does not let this user in", "valid client certificate")
    refused(runs(at(secure, "loopback", **shown, sslkey=files["open"])), "group or world access")
    refused(runs(at(secure, "loopback", **shown, sslkey=files["locked"], sslpassword="no")), "locked.pem")
    refused(runs(at(secure, "owner", **shown, sslkey=files["key"])), "does not let this user in", "no password")


def usual(server: SecurePostgres, files: dict[str, Path], folder: Path) -> dict[str, dict[str, str]]:
    """The ways in which people leave an address to their environment."""
    passwords, services = folder / "pgpass", folder / "services.conf"
    passwords.write_text(f"127.0.0.1:{server.port}:*:owner:" + PASSWORD.replace(":", r"\:") + "\n")
    passwords.chmod(0o600)
    services.write_text(
        f"[night]\nhost=127.0.0.1\nport={server.port}\ndbname=postgres\nuser=owner\n"
        f"sslmode=verify-full\nsslrootcert={files['ca']}\npassfile={passwords}\n"
    )
    where = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGDATABASE": "postgres"}
    proven = {**where, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(files["ca"])}
    return {
        "PGPASSFILE": {**proven, "PGUSER": "owner", "PGPASSFILE": str(passwords)},
        "PGPASSWORD": {**proven, "PGUSER": "owner", "PGPASSWORD": PASSWORD},
        "PGSSLCERT": {**proven, "PGUSER": "loopback", "PGSSLCERT": str(files["cert"]), "PGSSLKEY": str(files["key"])},
        "PGSERVICE": {"PGSERVICE": "night", "PGSERVICEFILE": str(services)},
    }


@pytest.mark.parametrize("way", ["PGPASSFILE", "PGPASSWORD", "PGSSLCERT", "PGSERVICE"])
def test_the_usual_environment(way: str, secure: SecurePostgres, files: dict[str, Path], tmp_path: Path) -> None:
    """Who, where, with what, and whom to trust, in variables alone; each of them counts."""
    env = usual(secure, files, tmp_path)[way]
    for address in ({"PAGS_TUI_DB": "postgresql://"}, {}):
        done = runs("" if address else "postgresql:///", **env, **address)
        assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
    if way == "PGSERVICE":
        refused(runs("postgresql://", **{**env, "PGSERVICE": "day"}), "day")
        return
    refused(runs("postgresql://", **{**env, "PGSSLROOTCERT": str(files["other"])}), "does not prove who it is")
    refused(runs("postgresql://", **{**env, "PGPORT": "1"}), "cannot be reached")
    refused(runs("postgresql://", **{**env, "PGUSER": "nobody"}), "does not let this user in")


def test_a_service_named_in_the_address(secure: SecurePostgres, files: dict[str, Path], tmp_path: Path) -> None:
    """As psql takes it; two services are two journals, also in the names of sockets and files."""
    from pags_tui.wiring.places import name_of

    env = usual(secure, files, tmp_path)["PGSERVICE"]
    done = runs("postgresql:///?service=night", PGSERVICEFILE=env["PGSERVICEFILE"])
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
    one, two = (name_of(Database(f"postgresql:///?service={name}&password=x")) for name in ("night", "day"))
    assert one != two
    assert "password" not in one


@pytest.mark.parametrize("way", ["PGPASSWORD", "PGSSLCERT"])
def test_a_guard_by_the_environment(
    way: str, secure: SecurePostgres, files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is started, asked and stopped; its line is encrypted; and no secret shows on the way."""
    (tmp_path / "env").mkdir()
    address, env = Database("postgresql://"), usual(secure, files, tmp_path / "env")[way]
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with FlagServer(SIX) as flags, MetricServer(errors=1.0) as metrics:
        run = begun(address, book_text(flags, metrics))
        with hosts(tmp_path, address, {**env_of(flags, metrics), **env}, "anna") as (one,):
            said = _worked(one, run)
            shown = titles()
            lines = secure.sql(
                "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'pags-tui'"
            )
            said.append(one.pags("guard", "--run", run, "--stop"))
    assert [done.returncode for done in said] == [0] * len(said), [done.stderr for done in said]
    assert lines
    assert set(lines) == {(True,)}
    found = {"titles": shown, "said": "".join(done.stdout + done.stderr for done in said)}
    for file in (path for path in (tmp_path / "anna").rglob("*") if path.is_file()):
        found[str(file)] = file.read_bytes().decode(errors="replace")
    for table in ("runs", "events", "leases", "asks", "present", "claims", "beside"):
        found[table] = str(secure.sql(f"SELECT t::text FROM pags_tui.{table} t"))
    assert any(name.endswith(".log") for name in found)
    for where, text in found.items():
        assert PASSWORD not in text, where


def _worked(host: Host, run: str) -> list[subprocess.CompletedProcess[str]]:
    """A guard, and what one does with it."""
    words = (["guard", "--run", run], ["status"], ["guard", "--status"], ["note", "hello"], ["status", "--json"])
    return [host.pags(*one) for one in words]
