"""Mail against a real SMTP server of this machine."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests.certificates import Authority
from tests.mail_receiver import receiving_mail

from claimwright.platform.mail import (
    MOST_ATTACHED_BYTES,
    Attachment,
    Mail,
    MailAddressError,
    MailError,
    MailServer,
    checked_recipient,
    send_mail,
)
from claimwright.platform.settings import SettingsError, load_settings

REPORT = Mail(
    ["ann@example.org", "bob@example.org"], "Denials of May", "See the file.", "key-1",
    [Attachment("denials.csv", "text/csv", b"payer,value\n12345,0.1\n")],
)  # fmt: skip


def plain(port: int, **more: Any) -> MailServer:
    return MailServer("127.0.0.1", port, "reports@example.org", "none", **more)


def test_a_message_arrives_as_it_was_written_with_its_files() -> None:
    with receiving_mail() as receiver:
        assert send_mail(plain(receiver.port), REPORT) == []
    [message] = receiver.messages
    assert receiver.recipients == [["ann@example.org", "bob@example.org"]]
    assert (message["Subject"], message["From"]) == ("Denials of May", "reports@example.org")
    assert message["Message-ID"] == "<key-1@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    [attached] = message.iter_attachments()
    assert attached.get_filename() == "denials.csv"
    content = attached.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.replace(b"\r\n", b"\n") == REPORT.attachments[0].content


def test_mail_is_encrypted_and_the_account_is_told_after_that_only(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with receiving_mail(authority.issued("mail"), account=("robot", "open sesame")) as receiver:
        server = MailServer(
            "localhost", receiver.port, "r@example.org", "starttls", "robot", "open sesame", authority.file
        )
        send_mail(server, REPORT)
        assert len(receiver.messages) == 1
        wrong = MailServer(
            "localhost", receiver.port, "r@example.org", "starttls", "robot", "close sesame", authority.file
        )
        with pytest.raises(MailError, match="AuthenticationError 535") as refused:
            send_mail(wrong, REPORT)
        assert not refused.value.is_final
        stranger = Authority(tmp_path, "stranger")
        unknown = MailServer("localhost", receiver.port, "r@example.org", "starttls", ca_file=stranger.file)
        with pytest.raises(MailError, match="SSLCertVerificationError"):
            send_mail(unknown, REPORT)
    assert len(receiver.messages) == 1


def test_a_server_says_whether_it_is_worth_another_try() -> None:
    with receiving_mail() as receiver:
        receiver.refusals += ["451 later", "554 never"]
        with pytest.raises(MailError, match="451") as later:
            send_mail(plain(receiver.port), REPORT)
        with pytest.raises(MailError, match="554") as never:
            send_mail(plain(receiver.port), REPORT)
        assert (later.value.is_final, never.value.is_final) == (False, True)
        receiver.unknown = {"bob@example.org"}
        assert send_mail(plain(receiver.port), REPORT) == ["bob@example.org"]
        receiver.unknown = {"bob@example.org", "ann@example.org"}
        with pytest.raises(MailError, match="all recipients") as nobody:
            send_mail(plain(receiver.port), REPORT)
        assert nobody.value.is_final
        # No address in what is logged.
        assert "example.org" not in str(nobody.value)


def test_a_server_that_never_comes_to_an_end_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def trickle() -> None:
            connection, _ = listener.accept()
            with connection:
                for _ in range(200):
                    try:
                        connection.sendall(b"2")
                    except OSError:
                        return
                    time.sleep(0.02)

        thread = threading.Thread(target=trickle)
        thread.start()
        with pytest.raises(MailError, match="TimeoutError"):
            send_mail(plain(port, timeout_seconds=0.3), REPORT)
        thread.join()
    with pytest.raises(MailError, match="ConnectionRefusedError"):
        send_mail(plain(port), REPORT)


@pytest.mark.parametrize(
    "told",
    ["", "ann", "@b.org", "Ann <ann@b.org>", "a@b.org,c@d.org", "a@b.org\nBcc: c@d.org", "a b@c.org"],
)
def test_what_is_no_single_address_is_refused(told: str) -> None:
    with pytest.raises(MailAddressError):
        checked_recipient(told)


def test_a_subject_brings_no_header_with_it_and_a_file_has_a_limit() -> None:
    with receiving_mail() as receiver:
        send_mail(plain(receiver.port), Mail(["a@b.org"], "One\r\nBcc: c@d.org", "text", "k"))
        [message] = receiver.messages
        assert message["Subject"] == "One Bcc: c@d.org"
        assert message["Bcc"] is None
        large = Attachment("a.pdf", "application/pdf", b"0" * (MOST_ATTACHED_BYTES + 1))
        with pytest.raises(MailError, match="18 MB"):
            send_mail(plain(receiver.port), Mail(["a@b.org"], "s", "t", "k", [large]))


def test_settings_refuse_mail_in_plain_text_off_this_machine(tmp_path: Path) -> None:
    def loaded(**variables: str) -> object:
        return load_settings(folder=tmp_path, variables={"HOME": str(tmp_path), **variables}).mail

    loaded(CLAIMWRIGHT_MAIL_HOST="localhost", CLAIMWRIGHT_MAIL_SECURITY="none")
    for wrong in (
        {"CLAIMWRIGHT_MAIL_HOST": "mail.example.org", "CLAIMWRIGHT_MAIL_SECURITY": "none"},
        {"CLAIMWRIGHT_MAIL_SENDER": "nobody"},
        {"CLAIMWRIGHT_MAIL_PASSWORD": "secret"},
    ):
        with pytest.raises(SettingsError):
            loaded(**wrong)
