# Sourced by .ci/run: installs Oxigraph's server into .venv and Apache Jena Fuseki into .venv/engines, each by its own
# package client, whose settings say which registry it asks. What cannot be installed is said, and then the tests fail.

fuseki_version=5.5.0 # the last line of Jena that runs on Java 17
fuseki_sha256=c8611d326ac387f1e5a854f9c56571e5f3961b9ec945783c9249a1fa01e0f820

export PLEDGEGRAPH_ENGINES=required
export PLEDGEGRAPH_FUSEKI="$PWD/.venv/engines/jena-fuseki-server-$fuseki_version.jar"

"${PYTHON:-python3}" .ci/environment.py test engines ||
  echo "PyPI's package oxigraph could not be installed: the tests of engines will fail" >&2

fuseki_is_there() { echo "$fuseki_sha256  $PLEDGEGRAPH_FUSEKI" | sha256sum --check --status 2>/dev/null; }

if ! fuseki_is_there; then
  need mvn maven
  for attempt in 1 2 3; do
    timeout 300 mvn --batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
      -Dartifact="org.apache.jena:jena-fuseki-server:$fuseki_version" -DoutputDirectory="$PWD/.venv/engines" \
      -Dmdep.overWriteReleases=true </dev/null || true
    fuseki_is_there && break
    echo "attempt $attempt to fetch org.apache.jena:jena-fuseki-server:$fuseki_version by Maven failed" >&2
  done
  fuseki_is_there || echo "Fuseki could not be installed: the tests of engines will fail" >&2
fi
