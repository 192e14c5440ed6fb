"""The routes, one module a resource; `application.py` lists them."""
