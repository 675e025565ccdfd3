-- Step 1 of the journal on PostgreSQL. A step is never altered: later ones are files of their own.
-- Everything is written through the functions below: each is one statement, so one transaction, and no paused or lost
-- writer can hold a lock between two of them. Who may call which is granted in docs/postgresql.md.
CREATE SCHEMA IF NOT EXISTS pags_tui;

CREATE TABLE pags_tui.version (
  number integer PRIMARY KEY,
  since timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- ---------------------------------------------------------------- what happened

CREATE TABLE pags_tui.runs (
  number bigint GENERATED ALWAYS AS IDENTITY,
  id text COLLATE "C" PRIMARY KEY,
  runbook text NOT NULL,
  kind text NOT NULL,
  started text COLLATE "C" NOT NULL,
  t0 text,
  ended text,
  outcome text NOT NULL,
  sha256 text NOT NULL
);

-- `at` and `payload` are text: the hash covers them to the letter.
CREATE TABLE pags_tui.events (
  run text COLLATE "C" NOT NULL REFERENCES pags_tui.runs (id),
  seq bigint NOT NULL,
  at text COLLATE "C" NOT NULL,
  by_user text NOT NULL,
  by_name text NOT NULL,
  kind text NOT NULL,
  payload text NOT NULL,
  tick bigint NOT NULL,
  ticks_digest text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (run, seq)
);

CREATE TABLE pags_tui.samples (
  run text COLLATE "C" NOT NULL REFERENCES pags_tui.runs (id),
  tick bigint NOT NULL,
  at text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  payload bytea NOT NULL,
  digest text NOT NULL,
  PRIMARY KEY (run, tick)
);
-- What is polled is packed already.
ALTER TABLE pags_tui.samples ALTER COLUMN payload SET STORAGE EXTERNAL;

-- ---------------------------------------------------------------- who works

CREATE TABLE pags_tui.leases (
  run text COLLATE "C" NOT NULL REFERENCES pags_tui.runs (id),
  token bigint NOT NULL,
  pid bigint NOT NULL,
  host text NOT NULL,
  boot text NOT NULL,
  heartbeat text NOT NULL,
  beat double precision NOT NULL,
  beaten timestamptz NOT NULL,
  PRIMARY KEY (run, token)
);

-- Which run may change a flag service's target: a hash of both, so no address is kept.
CREATE TABLE pags_tui.claims (
  name text PRIMARY KEY,
  run text COLLATE "C" NOT NULL REFERENCES pags_tui.runs (id)
);

CREATE TABLE pags_tui.asks (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run text COLLATE "C" NOT NULL REFERENCES pags_tui.runs (id),
  by_user text NOT NULL,
  by_name text NOT NULL,
  host text NOT NULL,
  kind text NOT NULL,
  payload text NOT NULL,
  asked timestamptz NOT NULL,
  until timestamptz NOT NULL,
  taken bigint,
  answer text
);
CREATE INDEX asks_open ON pags_tui.asks (run, number) WHERE taken IS NULL;

CREATE TABLE pags_tui.present (
  run text COLLATE "C" NOT NULL REFERENCES pags_tui.runs (id),
  screen text NOT NULL,
  by_user text NOT NULL,
  by_name text NOT NULL,
  host text NOT NULL,
  seat text NOT NULL,
  seen timestamptz NOT NULL,
  PRIMARY KEY (run, screen)
);

-- What a guard had to write down beside the journal, and can no longer append: its heir takes it in.
CREATE TABLE pags_tui.beside (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run text COLLATE "C" NOT NULL REFERENCES pags_tui.runs (id),
  by_user text NOT NULL,
  name text NOT NULL,
  lines text NOT NULL,
  taken boolean NOT NULL DEFAULT false
);

-- ---------------------------------------------------------------- append-only

CREATE FUNCTION pags_tui.keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the journal is append-only: % cannot be changed', TG_TABLE_NAME USING ERRCODE = 'PT004';
END $$;

CREATE FUNCTION pags_tui.go_on() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE last bigint;
BEGIN
  IF TG_TABLE_NAME = 'events' THEN
    SELECT max(seq) INTO last FROM pags_tui.events WHERE run = NEW.run;
    IF NEW.seq <> coalesce(last, 0) + 1 THEN
      RAISE EXCEPTION 'the journal is append-only: events go on from the last seq' USING ERRCODE = 'PT004';
    END IF;
  ELSE
    SELECT max(tick) INTO last FROM pags_tui.samples WHERE run = NEW.run;
    IF NEW.tick <= coalesce(last, 0) THEN
      RAISE EXCEPTION 'the journal is append-only: samples go on from the last tick' USING ERRCODE = 'PT004';
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION pags_tui.stay() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (NEW.id, NEW.number, NEW.runbook, NEW.sha256) IS DISTINCT FROM (OLD.id, OLD.number, OLD.runbook, OLD.sha256) THEN
    RAISE EXCEPTION 'the journal is append-only: a run stays what it is' USING ERRCODE = 'PT004';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON pags_tui.events
  FOR EACH STATEMENT EXECUTE FUNCTION pags_tui.keep();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON pags_tui.samples
  FOR EACH STATEMENT EXECUTE FUNCTION pags_tui.keep();
CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON pags_tui.runs
  FOR EACH STATEMENT EXECUTE FUNCTION pags_tui.keep();
CREATE TRIGGER stay BEFORE UPDATE ON pags_tui.runs FOR EACH ROW EXECUTE FUNCTION pags_tui.stay();
CREATE TRIGGER go_on BEFORE INSERT ON pags_tui.events FOR EACH ROW EXECUTE FUNCTION pags_tui.go_on();
CREATE TRIGGER go_on BEFORE INSERT ON pags_tui.samples FOR EACH ROW EXECUTE FUNCTION pags_tui.go_on();

-- ---------------------------------------------------------------- locks and fencing

CREATE FUNCTION pags_tui.key(what text, run text) RETURNS bigint LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT hashtextextended('pags-tui ' || what || ' ' || run, 0)
$$;

-- The name of the channel on which a run's followers listen; names are short, so it is a hash.
CREATE FUNCTION pags_tui.channel(what text, run text) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'pags_' || what || '_' || md5(run)
$$;

-- One writer at a time, and only the newest owner. PT001 carries the newest token.
CREATE FUNCTION pags_tui.check_token(p_run text, p_token bigint) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE newest bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(pags_tui.key('write', p_run));
  SELECT max(token) INTO newest FROM pags_tui.leases WHERE run = p_run;
  IF newest IS DISTINCT FROM p_token THEN
    RAISE EXCEPTION 'fenced off' USING ERRCODE = 'PT001', DETAIL = coalesce(newest::text, '');
  END IF;
END $$;

-- Whether somebody's session holds the guard's lock of that run.
CREATE FUNCTION pags_tui.held(p_run text) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32) | objid::bigint = pags_tui.key('guard', p_run)
  )
$$;

-- ---------------------------------------------------------------- writing

CREATE FUNCTION pags_tui.begin(p_id text, p_runbook text, p_kind text, p_started text, p_t0 text, p_ended text,
  p_outcome text, p_sha256 text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO pags_tui.runs (id, runbook, kind, started, t0, ended, outcome, sha256)
  VALUES (p_id, p_runbook, p_kind, p_started, p_t0, p_ended, p_outcome, p_sha256)
$$;

-- Tells a run's followers that something is new. A guard does so beside its writing, so that they cost it nothing.
CREATE FUNCTION pags_tui.tell(p_run text) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT pg_notify(pags_tui.channel('run', p_run), '')
$$;

-- Appends events that go on from event `p_seq` with hash `p_before`; PT002 when the run does not end there.
-- `p_noted` is what the list of runs keeps: pairs of a column's name and its value.
CREATE FUNCTION pags_tui.append(p_run text, p_token bigint, p_seq bigint, p_before text, p_at text, p_user text,
  p_name text, p_kinds text[], p_payloads text[], p_hashes text[], p_tick bigint, p_digest text, p_noted text[],
  p_tells boolean)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  last record;
  ticks record;
BEGIN
  PERFORM pags_tui.check_token(p_run, p_token);
  SELECT e.seq, e.hash, e.tick INTO last FROM pags_tui.events e WHERE e.run = p_run ORDER BY e.seq DESC LIMIT 1;
  IF NOT FOUND THEN
    SELECT 0::bigint AS seq, r.sha256 AS hash, 0::bigint AS tick INTO last FROM pags_tui.runs r WHERE r.id = p_run;
  END IF;
  SELECT s.tick, s.digest INTO ticks FROM pags_tui.samples s
    WHERE s.run = p_run AND s.tick > last.tick ORDER BY s.tick DESC LIMIT 1;
  IF (last.seq, last.hash, coalesce(ticks.tick, last.tick), coalesce(ticks.digest, ''))
    IS DISTINCT FROM (p_seq, p_before, p_tick, p_digest) THEN
    RAISE EXCEPTION 'the run does not end there' USING ERRCODE = 'PT002';
  END IF;
  INSERT INTO pags_tui.events (run, seq, at, by_user, by_name, kind, payload, tick, ticks_digest, hash)
  SELECT p_run, p_seq + n, p_at, p_user, p_name, p_kinds[n], p_payloads[n], p_tick,
    CASE n WHEN 1 THEN p_digest ELSE '' END, p_hashes[n]
  FROM generate_subscripts(p_kinds, 1) AS n ORDER BY n;
  FOR n IN 1 .. coalesce(array_length(p_noted, 1), 0) LOOP
    UPDATE pags_tui.runs SET
      started = CASE p_noted[n][1] WHEN 'started' THEN p_noted[n][2] ELSE started END,
      kind = CASE p_noted[n][1] WHEN 'kind' THEN p_noted[n][2] ELSE kind END,
      t0 = CASE p_noted[n][1] WHEN 't0' THEN p_noted[n][2] ELSE t0 END,
      ended = CASE p_noted[n][1] WHEN 'ended' THEN p_noted[n][2] ELSE ended END,
      outcome = CASE p_noted[n][1] WHEN 'outcome' THEN p_noted[n][2] ELSE outcome END
    WHERE id = p_run;
  END LOOP;
  IF p_tells THEN
    PERFORM pags_tui.tell(p_run);
  END IF;
END $$;

-- Stores one tick that goes on from tick `p_last` with digest `p_before`. Unless `p_durable`, the disk may come later.
CREATE FUNCTION pags_tui.add_tick(p_run text, p_token bigint, p_last bigint, p_before text, p_tick bigint, p_at text,
  p_seq bigint, p_payload bytea, p_digest text, p_durable boolean, p_tells boolean)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  last bigint;
  ticks record;
BEGIN
  IF p_token IS NULL THEN
    PERFORM pg_advisory_xact_lock(pags_tui.key('write', p_run));
  ELSE
    PERFORM pags_tui.check_token(p_run, p_token);
  END IF;
  SELECT e.tick INTO last FROM pags_tui.events e WHERE e.run = p_run ORDER BY e.seq DESC LIMIT 1;
  SELECT s.tick, s.digest INTO ticks FROM pags_tui.samples s
    WHERE s.run = p_run AND s.tick > coalesce(last, 0) ORDER BY s.tick DESC LIMIT 1;
  IF (coalesce(ticks.tick, last, 0), coalesce(ticks.digest, '')) IS DISTINCT FROM (p_last, p_before) THEN
    RAISE EXCEPTION 'the ticks do not end there' USING ERRCODE = 'PT002';
  END IF;
  IF NOT p_durable THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  INSERT INTO pags_tui.samples (run, tick, at, seq, payload, digest)
  VALUES (p_run, p_tick, p_at, p_seq, p_payload, p_digest);
  IF p_tells THEN
    PERFORM pags_tui.tell(p_run);
  END IF;
END $$;

CREATE FUNCTION pags_tui.take_lease(p_run text, p_pid bigint, p_host text, p_boot text, p_heartbeat text,
  p_beat double precision)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE given bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(pags_tui.key('write', p_run));
  SELECT coalesce(max(token), 0) + 1 INTO given FROM pags_tui.leases WHERE run = p_run;
  INSERT INTO pags_tui.leases VALUES (p_run, given, p_pid, p_host, p_boot, p_heartbeat, p_beat, clock_timestamp());
  RETURN given;
END $$;

CREATE FUNCTION pags_tui.beat(p_run text, p_token bigint, p_heartbeat text, p_beat double precision)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pags_tui.check_token(p_run, p_token);
  PERFORM set_config('synchronous_commit', 'off', true);
  UPDATE pags_tui.leases SET heartbeat = p_heartbeat, beat = p_beat, beaten = clock_timestamp()
  WHERE run = p_run AND token = p_token;
END $$;

-- Takes the name for a run, unless another run holds it whose guard lives: its id is given back then, else nothing.
-- Without a run it is only looked.
CREATE FUNCTION pags_tui.claim(p_name text, p_run text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE holder text;
BEGIN
  PERFORM pg_advisory_xact_lock(pags_tui.key('claim', p_name));
  SELECT c.run INTO holder FROM pags_tui.claims c JOIN pags_tui.runs r ON r.id = c.run
    WHERE c.name = p_name AND c.run IS DISTINCT FROM p_run AND r.ended IS NULL AND (
      SELECT l.beaten > clock_timestamp() - interval '15 s' FROM pags_tui.leases l
      WHERE l.run = c.run ORDER BY l.token DESC LIMIT 1
    );
  IF holder IS NULL AND p_run IS NOT NULL THEN
    INSERT INTO pags_tui.claims (name, run) VALUES (p_name, p_run)
    ON CONFLICT (name) DO UPDATE SET run = excluded.run;
  END IF;
  RETURN holder;
END $$;

-- ---------------------------------------------------------------- screens on other hosts

-- Who asks is the session's user, whatever the caller says.
CREATE FUNCTION pags_tui.ask(p_run text, p_name text, p_host text, p_kind text, p_payload text, p_patience double precision)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE given bigint;
BEGIN
  INSERT INTO pags_tui.asks (run, by_user, by_name, host, kind, payload, asked, until)
  VALUES (p_run, session_user, p_name, p_host, p_kind, p_payload, clock_timestamp(),
    clock_timestamp() + make_interval(secs => p_patience))
  RETURNING number INTO given;
  PERFORM pg_notify(pags_tui.channel('ask', p_run), '');
  RETURN given;
END $$;

-- The asks that nobody has taken and that are still waited for: each is given away once, and only to the run's owner.
CREATE FUNCTION pags_tui.take_asks(p_run text, p_token bigint)
RETURNS TABLE (number bigint, by_user text, by_name text, kind text, payload text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pags_tui.check_token(p_run, p_token);
  RETURN QUERY
    WITH open AS (
      UPDATE pags_tui.asks a SET taken = p_token
      WHERE a.run = p_run AND a.taken IS NULL AND a.until > clock_timestamp()
      RETURNING a.number, a.by_user, a.by_name, a.kind, a.payload
    )
    SELECT o.number, o.by_user, o.by_name, o.kind, o.payload FROM open o ORDER BY o.number;
END $$;

CREATE FUNCTION pags_tui.answer(p_run text, p_number bigint, p_answer text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE pags_tui.asks a SET answer = p_answer WHERE a.number = p_number AND a.run = p_run AND a.answer IS NULL;
  PERFORM pg_notify(pags_tui.channel('said', p_run), p_number::text);
END $$;

CREATE FUNCTION pags_tui.be_present(p_run text, p_screen text, p_user text, p_name text, p_host text, p_seat text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  DELETE FROM pags_tui.present p WHERE p.run = p_run AND p.seen < clock_timestamp() - interval '1 hour';
  INSERT INTO pags_tui.present AS p (run, screen, by_user, by_name, host, seat, seen)
  VALUES (p_run, p_screen, coalesce(p_user, session_user), p_name, p_host, p_seat, clock_timestamp())
  ON CONFLICT (run, screen) DO UPDATE SET seen = clock_timestamp()
    WHERE (p.by_user, p.by_name, p.host) = (excluded.by_user, excluded.by_name, excluded.host);
END $$;

CREATE FUNCTION pags_tui.leave(p_run text, p_screen text) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM pags_tui.present WHERE run = p_run AND screen = p_screen
$$;

-- ---------------------------------------------------------------- what was written down elsewhere

CREATE FUNCTION pags_tui.leave_beside(p_run text, p_name text, p_lines text) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO pags_tui.beside (run, by_user, name, lines) VALUES (p_run, session_user, p_name, p_lines)
$$;

CREATE FUNCTION pags_tui.merged(p_run text, p_token bigint, p_number bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pags_tui.check_token(p_run, p_token);
  UPDATE pags_tui.beside SET taken = true WHERE number = p_number AND run = p_run;
END $$;

-- ---------------------------------------------------------------- privileges

-- Nobody but the owner may do anything until it is granted; the owner itself may not change what happened.
REVOKE ALL ON ALL TABLES IN SCHEMA pags_tui FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA pags_tui FROM PUBLIC;
REVOKE UPDATE, DELETE, TRUNCATE ON pags_tui.events, pags_tui.samples FROM CURRENT_USER;
REVOKE DELETE, TRUNCATE ON pags_tui.runs FROM CURRENT_USER;
