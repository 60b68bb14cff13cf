"""Who is let into the preview."""

from __future__ import annotations

from email import message_from_string

import pytest

from vedc.serve.preview.guard import Guard, Refused

GUARD = Guard(8123, "s3cret-token")
COOKIE = "other=1; vedc_preview_8123=s3cret-token"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8123", "localhost:8123", "[::1]:8123", "localhost:9000"]
)
def test_the_page_is_let_in_by_its_names_and_through_a_tunnel(host: str) -> None:
    GUARD.check({"Host": host}, "s3cret-token")
    GUARD.check({"Host": host, "Cookie": COOKIE, "Origin": f"http://{host}"})
    GUARD.check({"Host": host, "Cookie": COOKIE, "Sec-Fetch-Site": "same-origin"})


@pytest.mark.parametrize(
    ("headers", "given", "reported"),
    [
        ({"Host": "127.0.0.1"}, None, "whole address"),
        ({"Host": "127.0.0.1"}, "", "another preview"),
        ({"Host": "127.0.0.1"}, "s3cret-toke", "another preview"),
        ({"Host": "127.0.0.1"}, "s3cret-tokeñ", "another preview"),
        ({"Host": "127.0.0.1", "Cookie": "vedc_preview_8124=s3cret-token"}, None, "whole address"),
        ({"Host": "127.0.0.1", "Cookie": "vedc_preview_8123=x"}, None, "whole address"),
        ({"Host": "127.0.0.1", "Cookie": 'vedc_preview_8123="\x00'}, None, "whole address"),
        ({"Host": "films.example", "Cookie": COOKIE}, None, "not films.example"),
        ({"Host": "127.0.0.1.films.example", "Cookie": COOKIE}, None, "on this machine"),
        ({"Host": "[", "Cookie": COOKIE}, None, "on this machine"),
        ({"Cookie": COOKIE}, None, "on this machine"),
        ({"Host": "localhost", "Cookie": COOKIE, "Origin": "http://films.example"}, None, "site"),
        ({"Host": "localhost", "Cookie": COOKIE, "Origin": "null"}, None, "another site"),
        ({"Host": "localhost:1", "Cookie": COOKIE, "Origin": "http://localhost:2"}, None, "site"),
        ({"Host": "localhost", "Origin": "http://films.example"}, "s3cret-token", "another site"),
        ({"Host": "localhost", "Cookie": COOKIE, "Sec-Fetch-Site": "cross-site"}, None, "site"),
        ({"Host": "localhost", "Cookie": COOKIE, "Sec-Fetch-Site": "same-site"}, None, "site"),
    ],
)
def test_others_are_not(headers: dict[str, str], given: str | None, reported: str) -> None:
    with pytest.raises(Refused, match=reported):
        GUARD.check(headers, given)


def test_tokens_are_long_and_each_its_own() -> None:
    tokens = {Guard(1).token for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 32


def test_the_cookie_is_for_the_page_alone() -> None:
    cookie = GUARD.cookie()
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert cookie.startswith("vedc_preview_8123=s3cret-token;")


@pytest.mark.parametrize(
    "cookie",
    [
        'session={"a": 1}; vedc_preview_8123=s3cret-token',
        "a b=c; =; ;vedc_preview_8123=s3cret-token",
    ],
)
def test_cookies_of_other_servers_do_not_lock_the_page_out(cookie: str) -> None:
    GUARD.check({"Host": "127.0.0.1:8123", "Cookie": cookie})


@pytest.mark.parametrize(
    "header", ["origin: http://films.example", "sec-fetch-site: cross-site", "ORIGIN: null"]
)
def test_the_case_of_headers_does_not_count(header: str) -> None:
    text = f"host: localhost:8123\ncookie: {COOKIE}\n"
    GUARD.check(message_from_string(text))
    with pytest.raises(Refused, match="another site"):
        GUARD.check(message_from_string(f"{text}{header}\n"))
