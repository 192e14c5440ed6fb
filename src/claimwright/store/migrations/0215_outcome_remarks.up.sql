-- The remarks of a denial, which say what its reason leaves open: predictions name the step that answers it.
alter table prediction.outcomes add column rarc text;  -- RARCs, separated by blanks
