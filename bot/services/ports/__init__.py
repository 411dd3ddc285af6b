"""The services' protocols, by whose affair each is.

Below the services: `outside` and `stores`, what they ask of the packages beside them. Above: `people`, `servers` and `operators`, what
commands and components ask of them, each fulfilled by the service of the same name. `app` puts all of them together.
"""
