#!/bin/sh
# Installs the Debian packages that are missing, where this account may; else prints the one line to type.
# Usage: install-packages.sh run|station|test        (each includes "run")
set -eu
wanted=${1:?run, station or test}
list=$(dirname "$0")/system-packages.txt
command -v dpkg-query >/dev/null 2>&1 || exit 0  # not Debian: nothing this script can know

missing=$(
    while read -r sets package _; do
        case ",$sets," in ,, | ,'#'*) continue ;; *,run,* | *",$wanted,"*) ;; *) continue ;; esac
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
    done <"$list"
)
[ -n "$missing" ] || exit 0

line="apt-get update && apt-get install -y --no-install-recommends $missing"
if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    # A Python that brings its own venv module can run the product without Debian's package.
    if [ "$wanted" = run ] && python3 -c 'import ensurepip' 2>/dev/null; then exit 0; fi
    printf 'Missing system packages: %s\nType this once, then run make again:\n  sudo sh -c "%s"\n' "$missing" "$line" >&2
    exit 2
fi
echo "Installing system packages: $missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # the list is meant to be split
$as_root apt-get -q update && $as_root apt-get -q install -y --no-install-recommends $missing
