"""A local OpenID provider that checks what it is sent as Google does. Nothing of ours is called by it."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID = "ours.apps.example"
CLIENT_SECRET = "a-secret-of-ours"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Grant:
    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    person: dict[str, Any]


@dataclass
class Provider:
    """`people` logs in next; `change` is laid over the claims of the id_token; `key` signs it."""

    address: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    change: dict[str, Any] = field(default_factory=dict)
    key: Any = KEY
    kid: str = "k1"
    down: bool = False
    grants: dict[str, Grant] = field(default_factory=dict)
    exchanges: list[str] = field(default_factory=list)

    def consent(self, location: str) -> str:
        """The person logs in at `location` and agrees. Where the browser is sent back to; raises on a bad request."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert location.startswith(f"{self.address}/authorize?")
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        assert len(query["code_challenge"]) == 43
        assert query["state"]
        assert query["nonce"]
        code = self.grant(
            redirect_uri=query["redirect_uri"], challenge=query["code_challenge"], nonce=query["nonce"]
        )
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def grant(self, *, redirect_uri: str, challenge: str, nonce: str = "", client_id: str = CLIENT_ID) -> str:
        code = secrets.token_urlsafe(16)
        self.grants[code] = Grant(client_id, redirect_uri, challenge, nonce, dict(self.person))
        return code

    def exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """RFC 6749 section 4.1.3 and RFC 7636 section 4.6."""
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        if form.get("grant_type") != "authorization_code":
            return 400, {"error": "unsupported_grant_type"}
        grant = self.grants.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            grant is None
            or grant.client_id != form["client_id"]
            or grant.redirect_uri != form.get("redirect_uri")
            or grant.challenge != challenge
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": "https://accounts.google.com",
            "aud": CLIENT_ID,
            "azp": CLIENT_ID,
            "iat": now,
            "exp": now + 3600,
            **({"nonce": grant.nonce} if grant.nonce else {}),
            **grant.person,
            **self.change,
        }
        token = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.kid})
        return 200, {"access_token": "ya29.x", "id_token": token, "token_type": "Bearer", "expires_in": 3600}


def keys() -> dict[str, Any]:
    shown = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    return {"keys": [{**shown, "kid": "k1", "use": "sig", "alg": "RS256"}]}


@contextmanager
def serving() -> Iterator[Provider]:
    """The provider on a free loopback port."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(503 if provider.down else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            self._answer(200, keys()) if self.path == "/certs" else self._answer(404, {})

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            provider.exchanges.append(form.get("code", ""))
            self._answer(*provider.exchange(form))

        def log_message(self, *arguments: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()
