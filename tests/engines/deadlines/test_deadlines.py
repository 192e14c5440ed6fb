"""Deadlines worked by hand from the text of each law: the law, the steps, and the last day.

The steps are in each case. Saturdays, Sundays and Federal holidays extend a time only where the law says so.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl
import pytest

from claimwright.engines.deadlines import (
    Override,
    alerts,
    clocks,
    federal_holidays,
    interest_owed,
    load_deadlines,
    read_deadlines,
    soonest,
)
from claimwright.foundation.located_yaml import YamlError


class Case(NamedTuple):
    """A clock, its facts, the last day, the law and the steps."""

    clock: str
    payer_kind: str
    facts: dict[str, Any]
    due: str
    law: str
    steps: str


CASES = [
    Case(
        "medicare-redetermination",
        "medicare_ffs",
        {"notice_on": "2026-01-05"},
        "2026-05-11",
        "42 CFR 405.942(a)",
        "receipt 10 Jan 2026; + 120 days = 10 May 2026, a Sunday: 11 May 2026",
    ),
    Case(
        "medicare-redetermination",
        "medicare_ffs",
        {"notice_on": "2026-01-14"},
        "2026-05-19",
        "42 CFR 405.942(a)",
        "receipt 19 Jan 2026; + 120 days = 19 May 2026",
    ),
    Case(
        "medicare-redetermination",
        "medicare_ffs",
        {"notice_on": "2026-01-15"},
        "2026-05-20",
        "42 CFR 405.942(a)",
        "receipt 20 Jan 2026; + 120 days = 20 May 2026",
    ),
    Case(
        "medicare-redetermination",
        "medicare_ffs",
        {"notice_on": "2026-01-20"},
        "2026-05-26",
        "42 CFR 405.942(a)",
        "receipt 25 Jan 2026; + 120 days = 25 May 2026, a holiday: 26 May 2026",
    ),
    Case(
        "medicare-redetermination",
        "medicare_ffs",
        {"notice_on": "2025-11-03"},
        "2026-03-09",
        "42 CFR 405.942(a)",
        "receipt 8 Nov 2025; + 120 days = 8 Mar 2026, a Sunday: 9 Mar 2026",
    ),
    Case(
        "medicare-redetermination",
        "medicare_ffs",
        {"notice_on": "2025-08-22"},
        "2025-12-26",
        "42 CFR 405.942(a)",
        "receipt 27 Aug 2025; + 120 days = 25 Dec 2025, a holiday: 26 Dec 2025",
    ),
    Case(
        "medicare-redetermination",
        "medicare_ffs",
        {"notice_on": "2024-10-28"},
        "2025-03-03",
        "42 CFR 405.942(a)",
        "receipt 2 Nov 2024; + 120 days = 2 Mar 2025, a Sunday: 3 Mar 2025",
    ),
    Case(
        "medicare-redetermination",
        "medicare_ffs",
        {"notice_on": "2023-10-27"},
        "2024-02-29",
        "42 CFR 405.942(a)",
        "receipt 1 Nov 2023; + 120 days = 29 Feb 2024",
    ),
    Case(
        "medicare-redetermination",
        "medicare_ffs",
        {"notice_on": "2026-01-05", "received_on": "2026-02-02"},
        "2026-06-02",
        "42 CFR 405.942(a)(1), evidence of receipt",
        "+ 120 days = 2 Jun 2026",
    ),
    Case(
        "medicare-reconsideration",
        "medicare_ffs",
        {"decision_1_on": "2026-01-05"},
        "2026-07-09",
        "42 CFR 405.962(a)",
        "receipt 10 Jan 2026; + 180 days = 9 Jul 2026",
    ),
    Case(
        "medicare-reconsideration",
        "medicare_ffs",
        {"decision_1_on": "2026-01-06"},
        "2026-07-10",
        "42 CFR 405.962(a)",
        "receipt 11 Jan 2026; + 180 days = 10 Jul 2026",
    ),
    Case(
        "medicare-reconsideration",
        "medicare_ffs",
        {"decision_1_on": "2025-11-25"},
        "2026-05-29",
        "42 CFR 405.962(a)",
        "receipt 30 Nov 2025; + 180 days = 29 May 2026",
    ),
    Case(
        "medicare-reconsideration",
        "medicare_ffs",
        {"decision_1_on": "2024-08-23"},
        "2025-02-24",
        "42 CFR 405.962(a)",
        "receipt 28 Aug 2024; + 180 days = 24 Feb 2025",
    ),
    Case(
        "medicare-reconsideration",
        "medicare_ffs",
        {"decision_1_on": "2025-12-29"},
        "2026-07-02",
        "42 CFR 405.962(a)",
        "receipt 3 Jan 2026; + 180 days = 2 Jul 2026",
    ),
    Case(
        "medicare-reconsideration",
        "medicare_ffs",
        {"decision_1_on": "2026-02-20", "decision_1_received_on": "2026-03-02"},
        "2026-08-31",
        "42 CFR 405.962(a)(1), evidence of receipt",
        "+ 180 days = 29 Aug 2026, a Saturday, a Sunday: 31 Aug 2026",
    ),
    Case(
        "medicare-alj",
        "medicare_ffs",
        {"decision_2_on": "2026-02-02"},
        "2026-04-08",
        "42 CFR 405.1002(a)(1) and (3)",
        "receipt 7 Feb 2026; + 60 days = 8 Apr 2026",
    ),
    Case(
        "medicare-alj",
        "medicare_ffs",
        {"decision_2_on": "2026-03-20"},
        "2026-05-26",
        "42 CFR 405.1002(a)(1) and (3)",
        "receipt 25 Mar 2026; + 60 days = 24 May 2026, a Sunday, a holiday: 26 May 2026",
    ),
    Case(
        "medicare-alj",
        "medicare_ffs",
        {"decision_2_on": "2025-10-27"},
        "2025-12-31",
        "42 CFR 405.1002(a)(1) and (3)",
        "receipt 1 Nov 2025; + 60 days = 31 Dec 2025",
    ),
    Case(
        "medicare-alj",
        "medicare_ffs",
        {"decision_2_on": "2024-02-29"},
        "2024-05-06",
        "42 CFR 405.1002(a)(1) and (3)",
        "receipt 5 Mar 2024; + 60 days = 4 May 2024, a Saturday, a Sunday: 6 May 2024",
    ),
    Case(
        "medicare-council",
        "medicare_ffs",
        {"decision_3_on": "2026-03-02"},
        "2026-05-06",
        "42 CFR 405.1102(a)",
        "receipt 7 Mar 2026; + 60 days = 6 May 2026",
    ),
    Case(
        "medicare-council",
        "medicare_ffs",
        {"decision_3_on": "2026-04-29"},
        "2026-07-06",
        "42 CFR 405.1102(a)",
        "receipt 4 May 2026; + 60 days = 3 Jul 2026, a holiday, a Saturday, a Sunday: 6 Jul 2026",
    ),
    Case(
        "medicare-council",
        "medicare_ffs",
        {"decision_3_on": "2025-10-21"},
        "2025-12-26",
        "42 CFR 405.1102(a)",
        "receipt 26 Oct 2025; + 60 days = 25 Dec 2025, a holiday: 26 Dec 2025",
    ),
    Case(
        "medicare-court",
        "medicare_ffs",
        {"decision_4_on": "2026-05-01"},
        "2026-07-06",
        "42 CFR 405.1136(c)",
        "receipt 6 May 2026; + 60 days = 5 Jul 2026, a Sunday: 6 Jul 2026",
    ),
    Case(
        "medicare-court",
        "medicare_ffs",
        {"decision_4_on": "2026-09-21"},
        "2026-11-25",
        "42 CFR 405.1136(c)",
        "receipt 26 Sep 2026; + 60 days = 25 Nov 2026",
    ),
    Case(
        "medicare-court",
        "medicare_ffs",
        {"decision_4_on": "2025-09-17"},
        "2025-11-21",
        "42 CFR 405.1136(c)",
        "receipt 22 Sep 2025; + 60 days = 21 Nov 2025",
    ),
    Case(
        "medicare-reopening",
        "medicare_ffs",
        {"notice_on": "2025-03-03"},
        "2026-03-03",
        "42 CFR 405.980(c)(1)",
        "+ 1 year = 3 Mar 2026",
    ),
    Case(
        "medicare-reopening",
        "medicare_ffs",
        {"notice_on": "2024-02-29"},
        "2025-02-28",
        "42 CFR 405.980(c)(1)",
        "+ 1 year, no 29 February = 28 Feb 2025",
    ),
    Case(
        "medicare-reopening-good-cause",
        "medicare_ffs",
        {"notice_on": "2022-06-15"},
        "2026-06-15",
        "42 CFR 405.980(c)(2)",
        "+ 4 years = 15 Jun 2026",
    ),
    Case(
        "medicare-reopening-good-cause",
        "medicare_ffs",
        {"notice_on": "2024-02-29"},
        "2028-02-29",
        "42 CFR 405.980(c)(2)",
        "+ 4 years = 29 Feb 2028",
    ),
    Case(
        "medicare-timely-filing",
        "medicare_ffs",
        {"form": "P", "service_from_on": "2025-03-03"},
        "2026-03-03",
        "42 CFR 424.44(a) and (c)",
        "+ 1 year = 3 Mar 2026",
    ),
    Case(
        "medicare-timely-filing",
        "medicare_ffs",
        {"form": "P", "service_from_on": "2024-02-29"},
        "2025-02-28",
        "42 CFR 424.44(a) and (c)",
        "+ 1 year, no 29 February = 28 Feb 2025",
    ),
    Case(
        "medicare-timely-filing",
        "medicare_ffs",
        {"form": "P", "service_from_on": "2025-01-17"},
        "2026-01-20",
        "42 CFR 424.44(a) and (c)",
        "+ 1 year = 17 Jan 2026, a Saturday, a Sunday, a holiday: 20 Jan 2026",
    ),
    Case(
        "medicare-timely-filing",
        "medicare_ffs",
        {"form": "P", "service_from_on": "2024-12-25"},
        "2025-12-26",
        "42 CFR 424.44(a) and (c)",
        "+ 1 year = 25 Dec 2025, a holiday: 26 Dec 2025",
    ),
    Case(
        "medicare-timely-filing",
        "medicare_ffs",
        {"form": "P", "service_from_on": "2025-07-03"},
        "2026-07-06",
        "42 CFR 424.44(a) and (c)",
        "+ 1 year = 3 Jul 2026, a holiday, a Saturday, a Sunday: 6 Jul 2026",
    ),
    Case(
        "medicare-timely-filing",
        "medicare_ffs",
        {"form": "P", "service_from_on": "2025-05-24"},
        "2026-05-26",
        "42 CFR 424.44(a) and (c)",
        "+ 1 year = 24 May 2026, a Sunday, a holiday: 26 May 2026",
    ),
    Case(
        "medicare-timely-filing",
        "medicare_ffs",
        {"form": "I", "service_from_on": "2025-01-28", "service_to_on": "2025-02-10"},
        "2026-02-10",
        "42 CFR 424.44(a); through date of an institutional claim",
        "+ 1 year = 10 Feb 2026",
    ),
    Case(
        "medicare-timely-filing",
        "medicare_ffs",
        {"form": "P", "service_to_on": "2025-02-10", "service_from_on": "2025-01-28"},
        "2026-01-28",
        "42 CFR 424.44(a); from-date of a professional line",
        "+ 1 year = 28 Jan 2026",
    ),
    Case(
        "medicare-filing-administrative-error",
        "medicare_ffs",
        {"exception_on": "2026-01-15"},
        "2026-07-31",
        "42 CFR 424.44(b)(1) and (c)",
        "end of month 6 after = 31 Jul 2026",
    ),
    Case(
        "medicare-filing-administrative-error",
        "medicare_ffs",
        {"exception_on": "2025-08-31"},
        "2026-03-02",
        "42 CFR 424.44(b)(1) and (c)",
        "end of month 6 after = 28 Feb 2026, a Saturday, a Sunday: 2 Mar 2026",
    ),
    Case(
        "medicare-filing-administrative-error",
        "medicare_ffs",
        {"exception_on": "2025-12-01"},
        "2026-06-30",
        "42 CFR 424.44(b)(1) and (c)",
        "end of month 6 after = 30 Jun 2026",
    ),
    Case(
        "medicare-filing-administrative-error",
        "medicare_ffs",
        {"exception_on": "2025-05-02"},
        "2025-12-01",
        "42 CFR 424.44(b)(1) and (c)",
        "end of month 6 after = 30 Nov 2025, a Sunday: 1 Dec 2025",
    ),
    Case(
        "medicare-recoupment-rebuttal",
        "medicare_ffs",
        {"demand_on": "2026-02-02"},
        "2026-02-17",
        "42 CFR 405.374(a)",
        "+ 15 days = 17 Feb 2026",
    ),
    Case(
        "medicare-recoupment-rebuttal",
        "medicare_ffs",
        {"demand_on": "2026-12-20"},
        "2027-01-04",
        "42 CFR 405.374(a)",
        "+ 15 days = 4 Jan 2027",
    ),
    Case(
        "medicare-recoupment-stay",
        "medicare_ffs",
        {"demand_on": "2026-02-02"},
        "2026-03-04",
        "42 CFR 405.379(d)",
        "+ 30 days = 4 Mar 2026",
    ),
    Case(
        "medicare-recoupment-stay",
        "medicare_ffs",
        {"demand_on": "2026-01-30"},
        "2026-03-01",
        "42 CFR 405.379(d)",
        "+ 30 days = 1 Mar 2026",
    ),
    Case(
        "medicare-recoupment-stay-2",
        "medicare_ffs",
        {"demand_on": "2026-02-02", "decision_1_on": "2026-04-01"},
        "2026-05-31",
        "42 CFR 405.379(e)",
        "+ 60 days = 31 May 2026",
    ),
    Case(
        "ma-provider-reconsideration",
        "medicare_advantage",
        {"is_contracted": False, "notice_on": "2026-01-05"},
        "2026-03-06",
        "42 CFR 422.582(b), guidance section 50.1.1",
        "+ 60 days = 6 Mar 2026",
    ),
    Case(
        "ma-provider-reconsideration",
        "medicare_advantage",
        {"is_contracted": False, "notice_on": "2026-01-06"},
        "2026-03-09",
        "42 CFR 422.582(b), guidance section 50.1.1",
        "+ 60 days = 7 Mar 2026, a Saturday, a Sunday: 9 Mar 2026",
    ),
    Case(
        "ma-provider-reconsideration",
        "medicare_advantage",
        {"is_contracted": False, "notice_on": "2024-11-29"},
        "2025-01-28",
        "42 CFR 422.582(b), guidance section 50.1.1",
        "+ 60 days = 28 Jan 2025",
    ),
    Case(
        "ma-enrollee-reconsideration",
        "medicare_advantage",
        {"notice_on": "2024-12-31"},
        "2025-03-03",
        "42 CFR 422.582(b) until 2024",
        "+ 60 days = 1 Mar 2025, a Saturday, a Sunday: 3 Mar 2025",
    ),
    Case(
        "ma-enrollee-reconsideration",
        "medicare_advantage",
        {"notice_on": "2024-11-02"},
        "2025-01-02",
        "42 CFR 422.582(b) until 2024",
        "+ 60 days = 1 Jan 2025, a holiday: 2 Jan 2025",
    ),
    Case(
        "ma-enrollee-reconsideration",
        "medicare_advantage",
        {"notice_on": "2025-01-01"},
        "2025-03-07",
        "42 CFR 422.582(b) since 2025",
        "+ 65 days = 7 Mar 2025",
    ),
    Case(
        "ma-enrollee-reconsideration",
        "medicare_advantage",
        {"notice_on": "2026-01-05"},
        "2026-03-11",
        "42 CFR 422.582(b) since 2025",
        "+ 65 days = 11 Mar 2026",
    ),
    Case(
        "ma-alj",
        "medicare_advantage",
        {"decision_2_on": "2026-02-02"},
        "2026-04-08",
        "42 CFR 422.602(b)",
        "receipt 7 Feb 2026; + 60 days = 8 Apr 2026",
    ),
    Case(
        "ma-council",
        "medicare_advantage",
        {"decision_3_on": "2026-04-01"},
        "2026-06-05",
        "42 CFR 422.608",
        "receipt 6 Apr 2026; + 60 days = 5 Jun 2026",
    ),
    Case(
        "ma-court",
        "medicare_advantage",
        {"decision_4_on": "2026-04-01"},
        "2026-06-05",
        "42 CFR 422.612",
        "receipt 6 Apr 2026; + 60 days = 5 Jun 2026",
    ),
    Case(
        "ma-timely-filing",
        "medicare_advantage",
        {"is_contracted": False, "form": "P", "service_from_on": "2025-03-03"},
        "2026-03-03",
        "42 CFR 424.44(a)",
        "+ 1 year = 3 Mar 2026",
    ),
    Case(
        "medicaid-plan-appeal",
        "medicaid_managed_care",
        {"notice_on": "2026-01-05"},
        "2026-03-06",
        "42 CFR 438.402(c)(2)(ii)",
        "+ 60 days = 6 Mar 2026",
    ),
    Case(
        "medicaid-plan-appeal",
        "medicaid_managed_care",
        {"notice_on": "2026-03-01"},
        "2026-04-30",
        "42 CFR 438.402(c)(2)(ii)",
        "+ 60 days = 30 Apr 2026",
    ),
    Case(
        "medicaid-plan-appeal",
        "medicaid_managed_care",
        {"notice_on": "2025-12-31"},
        "2026-03-01",
        "42 CFR 438.402(c)(2)(ii)",
        "+ 60 days = 1 Mar 2026",
    ),
    Case(
        "medicaid-continued-benefits",
        "medicaid_managed_care",
        {"is_ongoing_service": True, "notice_on": "2026-01-05"},
        "2026-01-15",
        "42 CFR 438.420(a)",
        "+ 10 days = 15 Jan 2026",
    ),
    Case(
        "medicaid-fair-hearing-plan",
        "medicaid_managed_care",
        {"decision_1_on": "2020-12-13"},
        "2021-04-12",
        "42 CFR 438.408(f)(2) until 13 December 2020",
        "+ 120 days = 12 Apr 2021",
    ),
    Case(
        "medicaid-fair-hearing-plan",
        "medicaid_managed_care",
        {"decision_1_on": "2020-12-14"},
        "2021-03-14",
        "42 CFR 438.408(f)(2)",
        "+ 90 days = 14 Mar 2021",
    ),
    Case(
        "medicaid-fair-hearing-plan",
        "medicaid_managed_care",
        {"decision_1_on": "2026-02-02"},
        "2026-05-03",
        "42 CFR 438.408(f)(2)",
        "+ 90 days = 3 May 2026",
    ),
    Case(
        "medicaid-fair-hearing",
        "medicaid_ffs",
        {"notice_on": "2026-02-02"},
        "2026-05-03",
        "42 CFR 431.221(d)",
        "+ 90 days = 3 May 2026",
    ),
    Case(
        "medicaid-timely-filing",
        "medicaid_ffs",
        {"service_from_on": "2025-03-03"},
        "2026-03-03",
        "42 CFR 447.45(d)(1)",
        "+ 12 months = 3 Mar 2026",
    ),
    Case(
        "medicaid-timely-filing",
        "medicaid_ffs",
        {"service_from_on": "2024-02-29"},
        "2025-02-28",
        "42 CFR 447.45(d)(1)",
        "+ 12 months, no such day = 28 Feb 2025",
    ),
    Case(
        "medicaid-after-medicare",
        "medicaid_ffs",
        {"prior_payer_on": "2026-01-15"},
        "2026-07-15",
        "42 CFR 447.45(d)(4)(ii)",
        "+ 6 months = 15 Jul 2026",
    ),
    Case(
        "medicaid-after-medicare",
        "medicaid_ffs",
        {"prior_payer_on": "2025-08-31"},
        "2026-02-28",
        "42 CFR 447.45(d)(4)(ii)",
        "+ 6 months, no such day = 28 Feb 2026",
    ),
    Case(
        "erisa-appeal",
        "erisa_self_funded",
        {"received_on": "2026-01-05"},
        "2026-07-04",
        "29 CFR 2560.503-1(h)(3)(i)",
        "+ 180 days = 4 Jul 2026",
    ),
    Case(
        "erisa-appeal",
        "erisa_self_funded",
        {"received_on": "2025-09-02"},
        "2026-03-01",
        "29 CFR 2560.503-1(h)(3)(i)",
        "+ 180 days = 1 Mar 2026",
    ),
    Case(
        "erisa-appeal",
        "erisa_self_funded",
        {"received_on": "2024-02-29"},
        "2024-08-27",
        "29 CFR 2560.503-1(h)(3)(i)",
        "+ 180 days = 27 Aug 2024",
    ),
    Case(
        "erisa-appeal",
        "erisa_insured",
        {"notice_on": "2026-01-05"},
        "2026-07-04",
        "29 CFR 2560.503-1(h)(3)(i); no presumption of receipt",
        "+ 180 days = 4 Jul 2026",
    ),
    Case(
        "aca-internal-appeal",
        "individual",
        {"received_on": "2026-02-10"},
        "2026-08-09",
        "45 CFR 147.136(b)(3)(i)",
        "+ 180 days = 9 Aug 2026",
    ),
    Case(
        "aca-federal-external-review",
        "erisa_self_funded",
        {"decision_1_received_on": "2025-10-30"},
        "2026-03-02",
        "45 CFR 147.136(d)(2)(i)",
        "+ 4 months, no such day = 1 Mar 2026, a Sunday: 2 Mar 2026",
    ),
    Case(
        "aca-federal-external-review",
        "erisa_self_funded",
        {"decision_1_received_on": "2025-10-31"},
        "2026-03-02",
        "45 CFR 147.136(d)(2)(i)",
        "+ 4 months, no such day = 1 Mar 2026, a Sunday: 2 Mar 2026",
    ),
    Case(
        "aca-federal-external-review",
        "erisa_self_funded",
        {"decision_1_received_on": "2026-02-05"},
        "2026-06-05",
        "45 CFR 147.136(d)(2)(i)",
        "+ 4 months = 5 Jun 2026",
    ),
    Case(
        "aca-federal-external-review",
        "erisa_self_funded",
        {"decision_1_received_on": "2025-09-19"},
        "2026-01-20",
        "45 CFR 147.136(d)(2)(i)",
        "+ 4 months = 19 Jan 2026, a holiday: 20 Jan 2026",
    ),
    Case(
        "aca-federal-external-review",
        "erisa_self_funded",
        {"decision_1_received_on": "2026-04-11"},
        "2026-08-11",
        "45 CFR 147.136(d)(2)(i)",
        "+ 4 months = 11 Aug 2026",
    ),
    Case(
        "aca-federal-external-review",
        "individual",
        {"state": "FL", "decision_1_received_on": "2024-10-29"},
        "2025-03-03",
        "45 CFR 147.136(d)(2)(i)",
        "+ 4 months, no such day = 1 Mar 2025, a Saturday, a Sunday: 3 Mar 2025",
    ),
    Case(
        "aca-external-review-self-funded",
        "erisa_self_funded",
        {"state": "CA", "decision_1_received_on": "2025-10-30"},
        "2026-03-02",
        "29 CFR 2590.715-2719(d)(2)(i)",
        "+ 4 months, no such day = 1 Mar 2026, a Sunday: 2 Mar 2026",
    ),
    Case(
        "nsa-open-negotiation",
        "erisa_self_funded",
        {"is_contracted": False, "is_surprise_bill": True, "received_on": "2026-01-05"},
        "2026-02-17",
        "45 CFR 149.510(b)(1)(i)",
        "business day 30 = 17 Feb 2026",
    ),
    Case(
        "nsa-open-negotiation",
        "erisa_self_funded",
        {"is_contracted": False, "is_surprise_bill": True, "received_on": "2026-01-17"},
        "2026-03-03",
        "45 CFR 149.510(b)(1)(i)",
        "business day 30 = 3 Mar 2026",
    ),
    Case(
        "nsa-open-negotiation",
        "erisa_self_funded",
        {"is_contracted": False, "is_surprise_bill": True, "received_on": "2025-12-24"},
        "2026-02-06",
        "45 CFR 149.510(b)(1)(i)",
        "business day 30 = 6 Feb 2026",
    ),
    Case(
        "nsa-independent-dispute-resolution",
        "erisa_self_funded",
        {"is_contracted": False, "is_surprise_bill": True, "negotiation_ended_on": "2026-02-18"},
        "2026-02-24",
        "45 CFR 149.510(b)(2)(i)",
        "business day 4 = 24 Feb 2026",
    ),
    Case(
        "nsa-independent-dispute-resolution",
        "erisa_self_funded",
        {"is_contracted": False, "is_surprise_bill": True, "negotiation_ended_on": "2026-06-17"},
        "2026-06-24",
        "45 CFR 149.510(b)(2)(i)",
        "business day 4 = 24 Jun 2026",
    ),
    Case(
        "fehb-reconsideration",
        "fehb",
        {"notice_on": "2026-01-05"},
        "2026-07-05",
        "5 CFR 890.105(b)(1)",
        "+ 6 months = 5 Jul 2026",
    ),
    Case(
        "fehb-reconsideration",
        "fehb",
        {"notice_on": "2025-08-31"},
        "2026-02-28",
        "5 CFR 890.105(b)(1)",
        "+ 6 months, no such day = 28 Feb 2026",
    ),
    Case(
        "fehb-opm-review",
        "fehb",
        {"decision_1_on": "2026-02-02"},
        "2026-05-03",
        "5 CFR 890.105(e)(1)(i)",
        "+ 90 days = 3 May 2026",
    ),
    Case(
        "tricare-reconsideration",
        "tricare",
        {"notice_on": "2026-02-02"},
        "2026-05-03",
        "32 CFR 199.10(b)",
        "+ 90 days = 3 May 2026",
    ),
    Case(
        "tricare-formal-review",
        "tricare",
        {"decision_1_on": "2026-02-02"},
        "2026-04-03",
        "32 CFR 199.10(c)",
        "+ 60 days = 3 Apr 2026",
    ),
    Case(
        "tricare-timely-filing",
        "tricare",
        {"form": "P", "service_from_on": "2025-06-30"},
        "2026-06-30",
        "32 CFR 199.7(d)(1)",
        "+ 1 year = 30 Jun 2026",
    ),
    Case(
        "ca-external-review",
        "erisa_insured",
        {"state": "CA", "decision_1_received_on": "2026-01-05"},
        "2026-07-05",
        "Cal. Health and Safety Code 1374.30(k)",
        "+ 6 months = 5 Jul 2026",
    ),
    Case(
        "ca-external-review",
        "erisa_insured",
        {"state": "CA", "decision_1_received_on": "2025-08-31"},
        "2026-02-28",
        "Cal. Health and Safety Code 1374.30(k)",
        "+ 6 months, no such day = 28 Feb 2026",
    ),
    Case(
        "ca-provider-dispute",
        "erisa_insured",
        {"state": "CA", "notice_on": "2026-01-05"},
        "2027-01-05",
        "28 CCR 1300.71.38(d)(1)",
        "+ 365 days = 5 Jan 2027",
    ),
    Case(
        "ca-filing",
        "erisa_insured",
        {"state": "CA", "is_contracted": False, "service_from_on": "2026-01-05"},
        "2026-07-04",
        "28 CCR 1300.71(b)(1)",
        "+ 180 days = 4 Jul 2026",
    ),
    Case(
        "ca-filing-contracted",
        "erisa_insured",
        {"state": "CA", "is_contracted": True, "service_from_on": "2026-01-05"},
        "2026-04-05",
        "28 CCR 1300.71(b)(1)",
        "+ 90 days = 5 Apr 2026",
    ),
    Case(
        "ny-external-appeal",
        "erisa_insured",
        {"state": "NY", "decision_1_received_on": "2026-01-05"},
        "2026-05-05",
        "N.Y. Insurance Law 4914(b)(1)",
        "+ 4 months = 5 May 2026",
    ),
    Case(
        "ny-external-appeal",
        "erisa_insured",
        {"state": "NY", "decision_1_received_on": "2025-10-31"},
        "2026-02-28",
        "N.Y. Insurance Law 4914(b)(1)",
        "+ 4 months, no such day = 28 Feb 2026",
    ),
    Case(
        "ny-provider-external-appeal",
        "erisa_insured",
        {"state": "NY", "decision_1_received_on": "2026-01-05"},
        "2026-03-06",
        "N.Y. Insurance Law 4914(b)(1)",
        "+ 60 days = 6 Mar 2026",
    ),
    Case(
        "ny-filing",
        "erisa_insured",
        {"state": "NY", "service_from_on": "2026-01-05"},
        "2026-05-05",
        "N.Y. Insurance Law 3224-a(g)",
        "+ 120 days = 5 May 2026",
    ),
    Case(
        "tx-filing",
        "erisa_insured",
        {"state": "TX", "service_from_on": "2026-01-05"},
        "2026-04-10",
        "Tex. Insurance Code 1301.102(b)",
        "+ 95 days = 10 Apr 2026",
    ),
    Case(
        "tx-filing",
        "erisa_insured",
        {"state": "TX", "service_from_on": "2025-11-30"},
        "2026-03-05",
        "Tex. Insurance Code 1301.102(b)",
        "+ 95 days = 5 Mar 2026",
    ),
    Case(
        "tx-external-review",
        "erisa_insured",
        {"state": "TX", "decision_1_received_on": "2026-01-05"},
        "2026-05-05",
        "28 TAC 19.1717",
        "+ 4 months = 5 May 2026",
    ),
    Case(
        "il-external-review",
        "erisa_insured",
        {"state": "IL", "decision_1_received_on": "2026-01-05"},
        "2026-05-05",
        "215 ILCS 180/35(a)",
        "+ 4 months = 5 May 2026",
    ),
    Case(
        "mi-external-review",
        "erisa_insured",
        {"state": "MI", "decision_1_received_on": "2026-01-05"},
        "2026-05-12",
        "MCL 550.1911(1)",
        "+ 127 days = 12 May 2026",
    ),
    Case(
        "ct-external-review",
        "erisa_insured",
        {"state": "CT", "decision_1_received_on": "2026-01-05"},
        "2026-05-05",
        "Conn. Gen. Stat. 38a-591g(b)(1)",
        "+ 120 days = 5 May 2026",
    ),
]


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """Facts of denials; texts that are days become dates."""
    read = [
        {name: date.fromisoformat(value) if name.endswith("_on") else value for name, value in row.items()}
        for row in rows
    ]
    return pl.DataFrame(
        [{"denial": number, **row} for number, row in enumerate(read, start=1)], infer_schema_length=None
    )


@pytest.fixture(scope="module")
def all_found() -> pl.DataFrame:
    facts = frame(*({"payer_kind": case.payer_kind, **case.facts} for case in CASES))
    return clocks(facts, as_of=date(2026, 1, 5))


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: f"{CASES[n].clock}-{CASES[n].due}")
def test_the_last_day_is_that_of_the_law(all_found: pl.DataFrame, number: int) -> None:
    case = CASES[number]
    found = all_found.filter(pl.col("denial") == number + 1, pl.col("clock") == case.clock)
    assert found["due_on"].to_list() == [date.fromisoformat(case.due)], f"{case.law}: {case.steps}"


def test_every_clock_has_a_worked_case() -> None:
    assert len(CASES) >= 80
    assert {clock.code for clock in load_deadlines().clocks} == {case.clock for case in CASES}


def test_days_left_are_zero_on_the_last_day_and_the_clock_has_lapsed_on_the_next() -> None:
    facts = frame({"payer_kind": "medicare_ffs", "notice_on": "2026-01-05"})
    last = date(2026, 5, 11)
    on_time, late = (clocks(facts, as_of=day).row(0, named=True) for day in (last, last + timedelta(days=1)))
    assert (on_time["clock"], on_time["days_left"], on_time["is_lapsed"]) == (
        "medicare-redetermination",
        0,
        False,
    )
    assert (late["days_left"], late["is_lapsed"]) == (-1, True)


def test_without_appeal_rights_only_the_time_to_resubmit_runs() -> None:
    """MA130: Medicare Claims Processing Manual, ch. 1, section 80.3.1: correct and resubmit, no appeal."""
    facts = frame(
        {
            "payer_kind": "medicare_ffs",
            "notice_on": "2026-01-05",
            "service_from_on": "2025-12-01",
            "appealable": False,
        }
    )
    assert clocks(facts, as_of=date(2026, 2, 1))["clock"].to_list() == ["medicare-timely-filing"]


def test_the_amount_in_controversy_is_that_of_the_year_of_the_request() -> None:
    """42 CFR 405.1006(b): $190 in 2025, $200 in 2026 (90 FR 55869)."""
    facts = frame({"payer_kind": "medicare_ffs", "decision_2_on": "2025-12-15", "amount": "195.00"})
    facts = facts.with_columns(pl.col("amount").cast(pl.Decimal(18, 2)))
    for day, least, below in ((date(2025, 12, 30), "190.00", False), (date(2026, 1, 2), "200.00", True)):
        row = clocks(facts, as_of=day).row(0, named=True)
        assert (row["minimum_amount"], row["is_below_minimum"]) == (Decimal(least), below)


def test_a_contract_replaces_the_filing_time_of_the_law_and_adds_to_appeals() -> None:
    facts = frame(
        {"payer_kind": "erisa_insured", "state": "NY", "payer_id": "P1", "service_from_on": "2026-01-05",
         "notice_on": "2026-02-02"},
        {"payer_kind": "erisa_insured", "state": "NY", "payer_id": "P2", "service_from_on": "2026-01-05"},
    )  # fmt: skip
    contract = [
        Override("P1", "Contract of 2026, section 7.1", 90, kind="filing"),
        Override("P1", "Contract of 2026, section 9.3", 45, kind="dispute"),
    ]
    found = clocks(facts, as_of=date(2026, 2, 10), overrides=contract)
    first = found.filter(pl.col("denial") == 1)
    assert dict(first.select("clock", "due_on").rows()) == {
        "contract-filing": date(2026, 4, 5), "contract-dispute": date(2026, 3, 19), "erisa-appeal":
        date(2026, 8, 1),
    }  # fmt: skip
    assert first.filter("is_contract")["law"].to_list() == [
        "Contract of 2026, section 9.3", "Contract of 2026, section 7.1",
    ]  # fmt: skip
    assert found.filter(pl.col("denial") == 2)["clock"].to_list() == ["ny-filing"]


def test_an_override_of_one_clock_keeps_its_start_and_ends_with_the_contract() -> None:
    contract = [
        Override("P1", "Contract", 365, clock="erisa-appeal", effective_to=date(2026, 1, 31)),
    ]
    facts = frame(
        {"payer_kind": "erisa_insured", "payer_id": "P1", "notice_on": "2026-01-05"},
        {"payer_kind": "erisa_insured", "payer_id": "P1", "notice_on": "2026-02-02"},
    )
    found = clocks(facts, as_of=date(2026, 2, 10), overrides=contract)
    assert found.select("due_on", "is_contract").rows() == [
        (date(2027, 1, 5), True),
        (date(2026, 8, 1), False),
    ]


def test_a_clock_whose_start_is_not_known_is_not_there() -> None:
    facts = frame({"payer_kind": "medicare_ffs"}, {"payer_kind": "other", "notice_on": "2026-01-05"})
    assert clocks(facts, as_of=date(2026, 2, 1)).is_empty()


def test_the_soonest_open_clock_and_its_alert() -> None:
    facts = frame({"payer_kind": "medicare_ffs", "notice_on": "2026-01-05", "service_from_on": "2025-04-20"})
    found = clocks(facts, as_of=date(2026, 4, 15))
    assert soonest(found)["clock"].to_list() == ["medicare-timely-filing"]
    due = alerts(found, thresholds=(30, 14, 7))
    assert due.select("clock", "days_left", "threshold").rows() == [
        ("medicare-timely-filing", 5, 7), ("medicare-redetermination", 26, 30),
    ]  # fmt: skip


def test_holidays_are_those_of_the_law() -> None:
    """5 U.S.C. 6103: 4 July 2026 is a Saturday, kept on Friday; 19 June is a holiday since 2021."""
    assert date(2026, 7, 3) in federal_holidays(2026)
    assert date(2021, 6, 18) in federal_holidays(2021)
    assert date(2020, 6, 19) not in federal_holidays(2020)
    assert date(2021, 12, 31) in federal_holidays(2022)
    assert [len(federal_holidays(year)) for year in (2020, 2026)] == [10, 11]


def test_a_file_with_a_fault_is_refused_by_line() -> None:
    with pytest.raises(YamlError, match=r"x\.yaml"):
        read_deadlines({"x.yaml": "regime: A\nclocks:\n  - {code: a}\n"})
    with pytest.raises(YamlError, match="empty"):
        read_deadlines({"x.yaml": ""})


def owed(**claim: Any) -> dict[str, Any]:
    given = {"amount": Decimal("1000.00"), **claim}
    return interest_owed(frame(given)).row(0, named=True)


def test_medicare_pays_interest_from_day_31_at_the_rate_of_the_day_of_payment() -> None:
    """$1,000 received 1 March 2024 is due 31 March; paid 10 April: 10 days x 4.875 % = 1.3356."""
    found = owed(payer_kind="medicare_ffs", received_on="2024-03-01", paid_on="2024-04-10")
    assert (found["due_on"], found["days_late"], found["interest"]) == (
        date(2024, 3, 31),
        10,
        Decimal("1.34"),
    )
    # Received 15 December 2022, due 14 January 2023, paid 3 February: 20 days x 4.625 % = 2.5342.
    found = owed(payer_kind="medicare_ffs", received_on="2022-12-15", paid_on="2023-02-03")
    assert found["interest"] == Decimal("2.53")


def test_a_half_year_without_a_known_rate_says_so() -> None:
    found = owed(payer_kind="medicare_ffs", received_on="2031-01-01", paid_on="2031-03-01")
    assert (found["interest"], found["basis"]) == (None, "the rate of the half-year of payment is not known")


def test_paid_in_time_unclean_or_self_funded_owes_nothing() -> None:
    in_time = owed(payer_kind="medicare_ffs", received_on="2024-03-01", paid_on="2024-03-31")
    unclean = owed(payer_kind="medicare_ffs", received_on="2024-03-01", paid_on="2024-06-30", is_clean=False)
    self_funded = owed(
        payer_kind="erisa_self_funded", state="TX", received_on="2024-03-01", paid_on="2024-12-01"
    )
    assert [each["interest"] for each in (in_time, unclean, self_funded)] == [Decimal("0.00")] * 3
    assert self_funded["rule"] == "erisa-none"


@pytest.mark.parametrize(
    ("state", "received", "paid", "interest"),
    [
        ("NY", "2026-01-05", "2026-03-06", "9.86"),  # due 4 February, 30 days x 12 %: 9.863
        ("IL", "2026-01-05", "2026-03-06", "7.40"),  # due 4 February, 30 days x 9 %: 7.397
        ("FL", "2026-01-05", "2026-03-06", "13.15"),  # due 25 January, 40 days x 12 %: 13.151
        ("CA", "2026-01-05", "2026-03-06", "12.33"),  # due 4 February, 30 days x 15 %: 12.329
        ("NJ", "2026-01-05", "2026-03-06", "9.86"),  # due 4 February, 30 days x 12 %
        ("OH", "2026-01-05", "2026-03-06", "14.79"),  # due 4 February, 30 days x 18 %: 14.795
        ("PA", "2026-01-05", "2026-03-06", "4.11"),  # due 19 February, 15 days x 10 %: 4.110
        ("NC", "2026-01-05", "2026-03-06", "14.79"),  # due 4 February, 30 days x 18 %
        ("MD", "2026-01-05", "2026-03-26", "28.33"),  # days 31 to 60 at 1.5 %: 15; 61 to 80 at 2 %: 13.333
    ],
)
def test_state_interest_is_computed_by_hand(state: str, received: str, paid: str, interest: str) -> None:
    found = owed(payer_kind="erisa_insured", state=state, received_on=received, paid_on=paid)
    assert found["interest"] == Decimal(interest)


@pytest.mark.parametrize(
    ("paid", "penalty", "interest"),
    [
        ("2026-02-05", "250.00", "0.00"),  # 1 day late: half of 1,500 - 1,000
        ("2026-03-22", "500.00", "0.00"),  # 46 days late: all of it
        ("2026-05-06", "500.00", "22.44"),  # 91 days late: 500 x 18 % x 91 / 365 = 22.438
    ],
)
def test_texas_penalties_are_shares_of_charge_less_rate(paid: str, penalty: str, interest: str) -> None:
    found = owed(
        payer_kind="erisa_insured", state="TX", is_contracted=True, received_on="2026-01-05", paid_on=paid,
        charge=Decimal("1500.00"),
    )  # fmt: skip
    assert (found["penalty"], found["interest"]) == (Decimal(penalty), Decimal(interest))


def test_a_state_without_a_rule_and_a_small_amount_say_so() -> None:
    none = owed(payer_kind="erisa_insured", state="WY", received_on="2026-01-05", paid_on="2026-06-05")
    assert (none["rule"], none["interest"]) == (None, None)
    # 100 x 9 % x 30 / 365 = 0.74, less than the dollar of 215 ILCS 5/368a.
    small = owed(
        payer_kind="erisa_insured", state="IL", received_on="2026-01-05", paid_on="2026-03-06",
        amount=Decimal("100.00"),
    )  # fmt: skip
    assert small["interest"] == Decimal("0.00")
