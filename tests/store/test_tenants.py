"""Nothing is stored for a tenant that was not made."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.calling import caller_of
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import Shelf, rows, sealer_of

from claimwright.assembly.tenants import TenantExistsError, create_tenant, list_tenants
from claimwright.domain.caller import UnknownTenantError
from claimwright.features.intake import Intake, tell
from claimwright.platform.audit import append


def test_a_misspelt_tenant_is_refused_by_intake_and_by_every_audited_change(
    store: Store, tmp_path: Path
) -> None:
    misspelt = caller_of("nroth")
    with store.open() as database:
        intake = Intake(database, sealer_of(store, tmp_path), shelf := Shelf(), tell)
        with pytest.raises(UnknownTenantError, match="there is no tenant nroth"):
            intake.stage(misspelt, [b"ISA"], facility="FAC001")
        with pytest.raises(UnknownTenantError), database.transaction(misspelt) as connection:
            append(misspelt, connection, action="a.b", subject="c:1", detail={}, correlation_id="")
        assert database.tenants() == []
    assert shelf.objects == {}
    assert rows(store, "select count(*) from staging.files") == [(0,)]


def test_a_tenant_is_made_once_and_its_log_begins_with_that(store: Store) -> None:
    with store.open() as database:
        caller = caller_of("east")
        create_tenant(caller, database)
        with pytest.raises(TenantExistsError):
            create_tenant(caller, database)
        found = {each.tenant: each for each in list_tenants(database)}
    assert (found["east"].created_by, found["east"].has_data) == (caller.actor, True)
    assert not found["default"].has_data
    assert rows(store, "select tenant, action from platform.audit_log") == [("east", "tenant.created")]
