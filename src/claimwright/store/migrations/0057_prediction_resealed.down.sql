revoke update (sealed) on prediction.stages from claimwright_app;
