# Sourced by the ci scripts of this folder and those beside it, which test the
# server with programs of other people. They need Linux on amd64 with any npm, and
# flock of util-linux; the Node that they run comes with package.json. Leaves the
# shell at the top of the repository with that Node in front of PATH, and ends
# what was served.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH="$PWD/testdata/clients/node_modules/.bin:$PATH"
scratch=$(mktemp -d)
served=()

finish() {
  if ((${#served[@]})); then
    kill "${served[@]}" 2>/dev/null || true
    wait "${served[@]}" 2>/dev/null || true
  fi
  rm -rf "$scratch"
}
trap finish EXIT

install_node() {
  install_packages testdata/clients
}

# install_packages FOLDER installs what its package-lock.json names, once for each
# of its states.
install_packages() (
  cd "$1"
  exec {lock}<.
  flock "$lock"
  cmp -s package-lock.json node_modules/.installed && return
  timeout 300 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error &&
    cp package-lock.json node_modules/.installed
)

# build PACKAGE NAME builds a program of this repository as $scratch/NAME. The
# server itself can be built already, at $SERVER_PROGRAM.
build() {
  if [[ $1 == . && -n ${SERVER_PROGRAM-} ]]; then
    cp "$SERVER_PROGRAM" "$scratch/$2"
  else
    timeout 300 go build -o "$scratch/$2" "$1"
  fi
}

# serve COMMAND... starts a server in the background and sets url to the address
# that it logs.
serve() {
  local log=$scratch/served.${#served[@]}
  : >"$log"
  "$@" >>"$log" 2>&1 </dev/null &
  served+=($!)
  for _ in {1..100}; do
    url=$(sed -nE 's/.*listening.* url=(http[^ ]+).*/\1/p' "$log")
    [[ -z $url ]] || return 0
    sleep 0.1
  done
  printf 'no address from %s\n' "$*" >&2
  cat "$log" >&2
  return 1
}
