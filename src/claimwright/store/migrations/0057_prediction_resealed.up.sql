-- What stages of prediction jobs came to is sealed again when keys rotate, as claims are.
grant update (sealed) on prediction.stages to claimwright_app;
