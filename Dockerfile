# syntax=docker/dockerfile:1
# The version of Python that the tests run on, in both stages: the second takes the first one's virtual environment as it is.
FROM python:3.11-slim-bookworm AS build

WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY cogs cogs
RUN python -m venv /opt/encore \
    && /opt/encore/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt .

# What pictures are written with: letters of most scripts, emoji, and what sets text from right to left. The distribution keeps them patched.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-dejavu-core fonts-droid-fallback fonts-noto-color-emoji libfribidi0 \
    && rm -rf /var/lib/apt/lists/* \
    && install -D -t /opt/fribidi /usr/lib/*/libfribidi.so.0


FROM python:3.11-slim-bookworm

LABEL org.opencontainers.image.title="Encore" \
      org.opencontainers.image.description="A Discord bot that extends instrumentals" \
      org.opencontainers.image.licenses="MIT"

# A number, not a name, so that an orchestrator can tell that it is not root. /data is the only folder that is written to.
RUN install -d -o 10001 -g 10001 /data
COPY --from=build /opt/encore /opt/encore
COPY --from=build /opt/fribidi /opt/fribidi
COPY --from=build /usr/share/fonts /usr/share/fonts
COPY --from=build /usr/share/fonts-droid-fallback /usr/share/fonts-droid-fallback

# PYTHONSAFEPATH: the working directory is writable, so nothing is imported from it.
ENV PATH="/opt/encore/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONSAFEPATH=1 \
    LD_LIBRARY_PATH=/opt/fribidi \
    DATABASE_URL="sqlite+aiosqlite:////data/encore.db" \
    MEDIA_DIR="/data/media"

USER 10001:10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM

# An empty OPS_PORT turns the endpoint off: then nothing can be asked, and a running process counts as healthy.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; port = os.environ.get('OPS_PORT', '8080'); probe = http.client.HTTPConnection('127.0.0.1', int(port or 0), timeout=4); port and probe.request('GET', '/healthz'); sys.exit(port != '' and probe.getresponse().status != 200)"]

ENTRYPOINT ["python", "-m", "bot"]
