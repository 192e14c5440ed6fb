from tests.apps.api.conftest import PASSWORD, Doors

def test_smoke(doors: Doors) -> None:
    c = doors.client
    for path in ("/health/live","/health/ready","/openapi.json","/docs","/api/v1/claims","/metrics"):
        r = c.get(path); print(path, r.status_code, r.text[:300])
    doors.account("jlee","claims_processor")
    r = c.post("/api/v1/session", json={"name":"jlee","password":"x"*20}); print(r.status_code, r.text)
    r = c.post("/api/v1/session", json={"name":"jlee","password":PASSWORD}); print(r.status_code, r.text, dict(r.headers))
    csrf = {"X-CSRF-Token": r.json()["csrf_token"]}
    r = c.get("/api/v1/claims?limit=2"); print(r.status_code, r.text)
    n = r.json()["next"]; r = c.get(f"/api/v1/claims?limit=2&cursor={n}"); print(r.text)
    k = r.json()["items"][0]["claim_key"]
    r = c.post(f"/api/v1/claims/{k}/opening", json={"reason":"looking at a denial"}); print(r.status_code, r.text)
    r = c.post(f"/api/v1/claims/{k}/opening", json={"reason":"looking at a denial"}, headers=csrf); print(r.status_code, r.text[:2500])
    b = doors.token("auditor")
    r = c.post(f"/api/v1/claims/{k}/opening", json={"reason":"looking at a denial"}, headers=b); print(r.status_code, r.text[:2500])
    for p in ("files","findings?limit=1","findings/counts","review?limit=1","dead-letters","runs","runs/waiting","runs/1","rules?family=NPI","rules/NPI001","reference","own/sessions","own/tokens","session","audit?limit=2","settings","accounts","models","access/policies","oauth/keys"):
        r = c.get("/api/v1/"+p); print(p, r.status_code, r.text[:200])
    assert 0
