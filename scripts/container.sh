#!/usr/bin/env bash
# What a new user of plain Debian has: a container with Node and npm, but no compiler, make or
# python. Installs the tarballs there (npm run prebuild, npm run tarballs), starts the server and
# fetches tile 0/0/0. scripts/tryout.mjs prints the seconds that it took.
#
#   scripts/container.sh                          Node and npm as the image has them
#   NODE_VERSION=20.19.0 scripts/container.sh     another Node, from the npm registry
#   NPM_VERSION=12 scripts/container.sh           another npm
#   NODE_VERSION=20.19.0 CPU=arm64 scripts/container.sh     the server by Node for AArch64, which
#       qemu-aarch64-static runs with the libraries in /usr/aarch64-linux-gnu
#
# IMAGE names another image than node:24-bookworm-slim, DOCKER another engine (podman).
set -euo pipefail
cd "$(dirname "$0")/.."
image=${IMAGE:-node:24-bookworm-slim}
cpu=${CPU:-x64}
ls build/tarballs/mandeltiles-[0-9]*.tgz >/dev/null || { echo 'container: build the tarballs first: npm run prebuild && npm run tarballs' >&2; exit 1; }
mounts=(--volume "$PWD/scripts/tryout.mjs:/tryout.mjs:ro" --volume "$PWD/build/tarballs:/tarballs:ro")
if [ "$cpu" = arm64 ]; then
  mounts+=(--volume "$(command -v qemu-aarch64-static):/qemu:ro" --volume /usr/aarch64-linux-gnu:/usr/aarch64-linux-gnu:ro)
fi
"${DOCKER:-docker}" run --rm --network host "${mounts[@]}" --env NODE_VERSION="${NODE_VERSION:-}" --env NPM_VERSION="${NPM_VERSION:-}" --env CPU="$cpu" "$image" bash -ec '
  for tool in cc gcc c++ clang make python3; do
    if command -v $tool >/dev/null; then echo "container: this image has $tool" >&2; exit 1; fi
  done
  others=(${NODE_VERSION:+node-linux-$CPU@$NODE_VERSION} ${NPM_VERSION:+npm@$NPM_VERSION})
  [ ${#others[@]} = 0 ] || npm install --prefix /others --force --no-audit --no-fund --loglevel=error "${others[@]}" >&2
  node=/others/node_modules/node-linux-$CPU/bin/node flags=()
  if [ $CPU = arm64 ]; then
    export RUNNER="/qemu -L /usr/aarch64-linux-gnu $node"
    node=node flags=(--cpu=arm64 --ignore-scripts)
  fi
  [ -x "$node" ] || node=node
  export NPM=/usr/local/lib/node_modules/npm/bin/npm-cli.js
  [ -z "$NPM_VERSION" ] || NPM=/others/node_modules/npm/bin/npm-cli.js
  exec $node /tryout.mjs /tarballs "${flags[@]}"'
