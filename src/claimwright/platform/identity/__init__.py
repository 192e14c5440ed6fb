"""Identity: accounts, passwords, second factors, sessions, tokens and service credentials."""

from .access_tokens import SECONDS as ACCESS_TOKEN_SECONDS
from .access_tokens import access_token, public_keys, signing_context, tenant_of, verified_token
from .accounts import (
    Account,
    account_named,
    account_of,
    change_account,
    confirm_password,
    create_account,
    end_sessions,
    has_accounts,
    list_accounts,
    set_password,
)
from .bearer import CLIENT, LINK, PERSONAL, SESSION, Bearer, parse_bearer
from .errors import AccountError, AccountNotFoundError, SecondFactorError, SignInError, StaleVersionError
from .links import ADMINISTRATOR, password_link, setup_link, use_link
from .second_factor import begin_factor, confirm_factor, factor_context, remove_factor
from .sessions import IDLE_MINUTES, Session, end_session, session_of, sessions_of, sign_in
from .tokens import Token, issue_token, list_tokens, live_token, revoke_token, token_of

__all__ = [
    "ACCESS_TOKEN_SECONDS",
    "ADMINISTRATOR",
    "CLIENT",
    "IDLE_MINUTES",
    "LINK",
    "PERSONAL",
    "SESSION",
    "Account",
    "AccountError",
    "AccountNotFoundError",
    "Bearer",
    "SecondFactorError",
    "Session",
    "SignInError",
    "StaleVersionError",
    "Token",
    "access_token",
    "account_named",
    "account_of",
    "begin_factor",
    "change_account",
    "confirm_factor",
    "confirm_password",
    "create_account",
    "end_session",
    "end_sessions",
    "factor_context",
    "has_accounts",
    "issue_token",
    "list_accounts",
    "list_tokens",
    "live_token",
    "parse_bearer",
    "password_link",
    "public_keys",
    "remove_factor",
    "revoke_token",
    "session_of",
    "sessions_of",
    "set_password",
    "setup_link",
    "sign_in",
    "signing_context",
    "tenant_of",
    "token_of",
    "use_link",
    "verified_token",
]
