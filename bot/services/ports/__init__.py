"""The services' protocols, by whose affair each is.

Below the services: `outside`, `stores`, `records` and `sound`, what they ask of the packages beside them; `sessions` has both sides.
Above: `people`, `servers` and `operators`, what commands and components ask of them, each fulfilled by the service of the same name.
`app` puts all of them together.
"""
