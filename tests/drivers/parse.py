"""Reads a list of [driver, url] from stdin, prints what each driver makes of its URL."""

import json
import sys

from asyncpg import connect_utils
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import make_url


def libpq(url):
    parts = conninfo_to_dict(url)
    return {**parts, "database": parts["dbname"], "port": int(parts["port"])}


def psycopg(url):
    parsed = make_url(url)
    # What SQLAlchemy calls psycopg.connect() with.
    _, arguments = parsed.get_dialect()().create_connect_args(parsed)
    return {**arguments, "database": arguments["dbname"]}


def asyncpg(url):
    parsed = make_url(url)
    # What SQLAlchemy calls asyncpg.connect() with, and what that makes of it.
    _, arguments = parsed.get_dialect()().create_connect_args(parsed)
    rest = dict.fromkeys(["passfile", "service", "servicefile", "direct_tls", "server_settings", "target_session_attrs", "krbsrvname", "gsslib"])
    [(host, port)], parameters = connect_utils._parse_connect_dsn_and_args(dsn=None, **rest, **arguments)
    sslmode = connect_utils.SSLMode(parameters.sslmode).name
    return {"user": parameters.user, "password": parameters.password, "host": host, "port": port, "database": parameters.database, "sslmode": sslmode}


parsers = {"postgres": libpq, "psycopg": psycopg, "asyncpg": asyncpg}
json.dump([parsers[driver](url) for driver, url in json.load(sys.stdin)], sys.stdout)
